import type { Command } from "@commander-js/extra-typings";
import { ConflictError, ExitCode, StorageError } from "../../core/errors.ts";
import type { Project } from "../../manager/project.ts";
import { syncResults, syncStatus, verifySync } from "../../manager/sync.ts";
import { untilAborted } from "../../system/abortable.ts";
import { cronLineOf, EVERY_MINUTES } from "../cron.ts";
import { untilInterrupted } from "../interrupt.ts";
import { openForCommand } from "../open.ts";
import { readPoll } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import {
  asJson,
  isWell,
  SentLine,
  tellOutcome,
  tellStanding,
  tellVerification,
} from "../tell_sync.ts";

const WATCH_MS = 60_000;

/** `expflow sync run|status|verify [NAME…]` */
export function define(command: Command, ports: CommandPorts): void {
  const { context, globals, exitWith } = ports;
  command.command("run")
    .description("send what is new or changed, once")
    .argument("[names...]", "names under sync: of the project file; all without one")
    .option("-w, --watch", "do it again and again until Ctrl-C")
    .option("--every <time>", "with --watch, the time between two: 1m, 30s", readPoll)
    .option("--now", "try what failed now, and not when its time has come")
    .option("--cron", `print a line for crontab that does it every ${EVERY_MINUTES} minutes`)
    .action(async (names, { watch, every = WATCH_MS, now, cron }) => {
      const project = await openForCommand(ports);
      if (cron) return context.out(cronLineOf(ports, project, ["sync", "run", ...names]));
      await untilInterrupted(
        "Stopped sending; what was sent stays",
        "`expflow sync run` goes on where it was",
        async (signal) => {
          do {
            if (watch) await loudly(ports, () => once(ports, project, { names, now, signal }));
            else if (!await once(ports, project, { names, now, signal })) exitWith(ExitCode.failed);
            if (watch) await untilAborted(context.clock.sleep(every), signal);
          } while (watch);
        },
      );
    });
  command.command("status", { isDefault: true })
    .description("show what was sent, what waits, and what failed")
    .argument("[names...]", "names under sync: of the project file; all without one")
    .action(async (names) => {
      const found = syncStatus(await openForCommand(ports), names);
      if (globals().json) return context.out(`${JSON.stringify(found)}\n`);
      for (const one of found) context.out(tellStanding(one, context.clock.now()));
    });
  command.command("verify")
    .description("read everything at the destination again, and compare checksums")
    .argument("[names...]", "names under sync: of the project file; all without one")
    .action(async (names) => {
      const found = await verifySync(await openForCommand(ports), { names });
      if (globals().json) context.out(`${JSON.stringify(found)}\n`);
      else for (const one of found) context.out(tellVerification(one));
      if (found.some(({ files, good }) => good < files)) exitWith(ExitCode.failed);
    });
}

/** @returns whether nothing failed. */
async function once(
  ports: CommandPorts,
  project: Project,
  options: { names: string[]; now?: boolean; signal: AbortSignal },
): Promise<boolean> {
  const line = new SentLine(ports.context);
  const outcomes = await syncResults(project, {
    ...options,
    onProgress: (name, done, all) => line.update(name, done, all),
  }).finally(() => line.finish());
  if (ports.globals().json) ports.context.out(`${JSON.stringify(outcomes.map(asJson))}\n`);
  else for (const outcome of outcomes) tellOutcome(ports.context, outcome);
  return outcomes.every(isWell);
}

/** What may pass by itself is told, and the next round comes. */
async function loudly(ports: CommandPorts, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const passes = error instanceof ConflictError || error instanceof StorageError;
    if (!passes) throw error;
    ports.context.err(`${error.message}\n${error.hint ? `hint: ${error.hint}\n` : ""}`);
  }
}
