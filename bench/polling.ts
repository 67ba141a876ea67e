import { deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "../tests/slurm/lab.ts";
import type { Measurement } from "./measure.ts";

const ARRAYS = 20;
const TASKS = 250;
const WATCHERS = 3;
const SECONDS = 30;
/** Between two looks of `watch` and of `status --watch`. */
const INTERVAL_SECONDS = 2;

const NOTED = ["squeue", "sacct", "scontrol", "sacctmgr", "sinfo"];

/** What the controller is asked for three people who watch 5,000 tasks; needs the lab. */
export async function polling(): Promise<Measurement[]> {
  if (!labIsUp) return [];
  await using alice = await LabUser.login("alice");
  const cwd = await alice.project();
  const points = Array.from({ length: TASKS }, (_, x) => x).join();
  for (let at = 0; at < ARRAYS; at++) {
    const resources = 'resources: { mem: 10M, sbatch: ["--hold"] }\nsnapshot: false\n';
    const sweep = `sweep: { grid: { x: [${points}] } }\n`;
    alice.write(cwd, `array${at}`, `command: 'true'\nargs: none\n${resources}${sweep}`);
  }
  await alice.ok(["submit", "--all", "--yes"], cwd);

  const notes = join(alice.scratch, "calls");
  Deno.writeTextFileSync(notes, "");
  Deno.chmodSync(notes, 0o666);
  const note = `echo "\${0##*/}" >> ${notes}\nexec "/usr/bin/\${0##*/}" "$@"\n`;
  const path = NOTED.map((name) => alice.pathWith(name, note).split(":")[0])
    .concat("/usr/bin:/bin:/usr/sbin").join(":");
  const watchers = await Promise.all(
    Array.from(
      { length: WATCHERS },
      () =>
        alice.run(["status", "--watch"], cwd, path, ["timeout", "--signal=INT", String(SECONDS)]),
    ),
  );
  deepEqual(watchers.map(({ err }) => err), watchers.map(() => ""));
  await alice.do(["scancel", "--me", "--state=PENDING"]);

  const calls = Deno.readTextFileSync(notes).split("\n").filter((line) => line !== "").length;
  ok(calls >= WATCHERS, `${calls} calls`);
  return [{
    what: `Slurm calls of ${WATCHERS} watchers of ${ARRAYS} × ${TASKS} tasks, ${SECONDS} s`,
    ours: calls,
    floor: WATCHERS * SECONDS / INTERVAL_SECONDS,
    floorIs: `\`watch -n ${INTERVAL_SECONDS} squeue\``,
    unit: "calls",
    limit: 1,
  }];
}
