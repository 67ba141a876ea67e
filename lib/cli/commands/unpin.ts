import type { Command } from "@commander-js/extra-typings";
import { unpin } from "../../manager/pins.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { pinsAsJson, tellPins } from "../tell_pins.ts";

/** `expflow unpin ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .action(async (reference) => {
      const pins = await unpin(await openForCommand(ports), reference);
      const [id] = reference.split("/") as [string];
      const { out } = ports.context;
      out(ports.globals().json ? `${JSON.stringify(pinsAsJson(id, pins))}\n` : tellPins(id, pins));
    });
}
