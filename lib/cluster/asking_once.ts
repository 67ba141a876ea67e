import type { Command, Reply } from "../system/runner.ts";
import type { DetectionPorts } from "./ports.ts";

/** Commands that only tell, so that one answer serves all who ask in one go. */
const TELLING = /^(scontrol|sinfo|sacctmgr|sacct|id)$/;

/** The ports with a runner that runs each telling command once, and gives its answer to all. */
export function askingOnce(ports: DetectionPorts): DetectionPorts {
  const { runner } = ports;
  const replies = new Map<string, Promise<Reply>>();
  const run = (command: Command): Promise<Reply> => {
    const { argv, stdin } = command;
    if (!TELLING.test(argv[0])) return runner.run(command);
    const key = JSON.stringify([argv, stdin]);
    const reply = replies.get(key) ?? runner.run(command);
    replies.set(key, reply);
    return reply;
  };
  return { ...ports, runner: { run, detach: (command) => runner.detach(command) } };
}
