import { equal } from "node:assert/strict";
import { join } from "node:path";
import { markerName } from "../lib/core/markers.ts";
import { labIsUp, LabUser } from "../tests/slurm/lab.ts";
import { cleaning, temporaryFolder } from "./interrupt.ts";
import { alternate, type Measurement } from "./measure.ts";
import { listedProject, queuedProject } from "./status_project.ts";

const ROUNDS = 7;
const CLI = join(import.meta.dirname!, "..", "cli.ts");

async function expflow(root: string, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CLI, "-C", root, ...args],
    env,
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

/** A limit in seconds, as a floor that never moves. */
async function withinSeconds(seconds: number, what: string, ours: () => Promise<void>) {
  const { ours: taken } = await alternate(ROUNDS, ours, () => Promise.resolve());
  return { what, ours: taken, floor: seconds * 1000, floorIs: `${seconds} s`, limit: 1 };
}

/** What it costs to look at very many runs, and at very many experiments. */
export async function status(): Promise<Measurement[]> {
  return [...await onSlurm(10_000), await offSlurm(100_000), await listing(10_000)];
}

/** A Slurm that answers at once: what is left is ours. */
async function offSlurm(runs: number): Promise<Measurement> {
  await using parent = temporaryFolder();
  const { root, bin } = await queuedProject(parent.path, runs);
  const env = { PATH: `${bin}:${Deno.env.get("PATH")}` };
  const what = `\`status --json\`, ${runs} runs, squeue at no cost`;
  return await withinSeconds(1, what, async () => {
    await expflow(root, ["status", "--json"], env);
  });
}

async function listing(experiments: number): Promise<Measurement> {
  await using parent = temporaryFolder();
  const root = await listedProject(parent.path, experiments);
  return await withinSeconds(0.5, `\`list\`, ${experiments} experiments`, async () => {
    await expflow(root, ["list", "--json"]);
  });
}

/** Real Slurm with a record for each run, half of them completed by their markers; needs the lab. */
async function onSlurm(runs: number): Promise<Measurement[]> {
  if (!labIsUp) return [];
  const alice = await LabUser.login("alice");
  await using _ = cleaning(() => alice[Symbol.asyncDispose]());
  const cwd = await alice.project();
  const settings = 'resources: { mem: 10M, sbatch: ["--hold"] }\nargs: none\nsnapshot: false\n';
  alice.write(
    cwd,
    "big",
    `command: 'true'\n${settings}sweep: { grid: { x: "0:${runs - 1}:1" } }\n`,
  );
  await alice.ok(["submit", "big", "--yes"], cwd);
  const split = 'squeue --me -h -r --format=%i | sed "s/.*/update JobId=& Nice=5/" | scontrol';
  equal((await alice.do(["bash", "-euc", `${split} >/dev/null`])).code, 0);
  const events = join(cwd, "experiments/state/big/001/events");
  Deno.mkdirSync(events, { recursive: true });
  for (let run = 0; run < runs / 2; run++) {
    for (const event of ["start", "end"] as const) {
      const marker = { run, stage: "train", attempt: 1, event, code: 0, epoch: 1_700_000_000 };
      Deno.writeTextFileSync(join(events, markerName(marker)), "");
    }
  }
  const bare = `squeue --me >/dev/null; ls ${events} >/dev/null`;
  const times = await alternate(
    ROUNDS,
    async () => void await alice.ok(["status", "--json"], cwd),
    async () => equal((await alice.do(["bash", "-euc", bare])).code, 0),
  );
  return [{
    what: `\`status --json\`, ${runs} runs`,
    ...times,
    floorIs: "bare `squeue --me` and one `ls`",
    limit: 1.5,
  }];
}
