import { join } from "node:path";
import { bash } from "../../script/bash_text.ts";
import { directive, logPath, resourceDirectives } from "../../script/directives.ts";
import { quote } from "../../script/quote.ts";
import { warningOf } from "../../script/signals.ts";
import { siteLines } from "../../script/site.ts";
import { NO_CACHE, RUN_ALONE } from "../agent/running_worker.ts";
import { agentWords } from "../agent/settings.ts";
import type { Fleet } from "./fleet.ts";

/** The batch script of a fleet's allocations, for bash 4.2 and later. @param folder of the fleet. */
export function renderFleet(fleet: Fleet, folder: string): string {
  const { resources, site, name, number, agent, workers } = fleet;
  const log = logPath(join(folder, "logs", "%A_%a"));
  const { directive: signal } = warningOf(resources);
  const { requeue } = resources;
  const lines = [
    "#!/bin/bash",
    directive("job-name", name),
    directive("output", `${log}.out`),
    directive("error", `${log}.err`),
    directive("open-mode", "append"),
    directive("array", "0"),
    ...signal === undefined ? [] : [directive("signal", signal)],
    ...requeue === undefined ? [] : [`#SBATCH --${requeue ? "requeue" : "no-requeue"}`],
    ...resourceDirectives(resources, site),
    `# Fleet ${number}: an agent with ${workers} workers, which take runs from`,
    `# ${agent.queue.replaceAll(/[^\x20-\x7e]/g, "?")}`,
    "# Written by expflow. It takes no value from the environment that it was submitted from.",
    "set -euo pipefail",
    "export SLURM_EXPORT_ENV=ALL # what srun starts gets what is set here",
    ...siteLines(site),
    ...Object.entries(NO_CACHE).map(([variable, value]) => `export ${variable}=${quote(value)}`),
    `${[...stepWords(fleet), ...agentCommand(fleet)].map(quote).join(" ")} &`,
    attendance(Math.ceil(agent.killWait) + GRACE),
  ];
  return `${lines.join("\n")}\n`;
}

/** Seconds that workers have to give back what they run, beyond its own time to end. */
const GRACE = 5;

/** The shell stays beside the agent: when that is killed, workers still have time to give back. */
function attendance(seconds: number): string {
  return bash`
expflow_agent=$!
trap 'kill -TERM "$expflow_agent" || :' TERM INT
trap 'kill -USR1 "$expflow_agent" || :' USR1
while :; do
  expflow_code=0
  wait "$expflow_agent" || expflow_code=$?
  kill -0 "$expflow_agent" 2>/dev/null || break
done
if ((expflow_code > 128)); then sleep ${seconds}; fi # its workers notice, and end
exit "$expflow_code"`;
}

function agentCommand({ deno, bundle, agent }: Fleet): string[] {
  return [deno, ...RUN_ALONE, bundle, "agent", ...agentWords(agent)];
}

/** On several nodes, one agent each. */
function stepWords({ resources: { nodes = 1, cpus_per_task = 1 } }: Fleet): string[] {
  if (nodes < 2) return [];
  const each = ["--ntasks-per-node=1", `--cpus-per-task=${cpus_per_task}`];
  return ["srun", `--nodes=${nodes}`, `--ntasks=${nodes}`, ...each, "--kill-on-bad-exit=0"];
}
