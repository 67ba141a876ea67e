import type { Command } from "@commander-js/extra-typings";
import { pin } from "../../manager/pins.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { pinsAsJson, tellPins } from "../tell_pins.ts";

/** `expflow pin ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .action(async (reference) => {
      const pins = await pin(await openForCommand(ports), reference);
      const [id] = reference.split("/") as [string];
      const { out } = ports.context;
      out(ports.globals().json ? `${JSON.stringify(pinsAsJson(id, pins))}\n` : tellPins(id, pins));
    });
}
