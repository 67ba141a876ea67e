import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { asRoot, labIsUp, LabUser } from "./lab.ts";

/** Points of the sweep: a few for each push, 5,000 (over MaxArraySize) where somebody asks for it. */
const POINTS = Number(Deno.env.get("EXPFLOW_STORM_POINTS") ?? 200);
const KILLS = 8;
const BAD_NODE = "cpu02";

const runsOutOfMemory = (x: number) => x % 50 === 3;
const runsOutOfTime = (x: number) => x % 100 === 17;
const failsAlways = (x: number) => x % 100 === 61;

/** Runs that leave evidence of each start and of each good end, whatever expflow says. */
const TRAIN = `x=$1 evidence=$2
echo "$SLURMD_NODENAME" >> "$evidence/$x.starts"
if [ "$SLURMD_NODENAME" = ${BAD_NODE} ] && [ $((x % 3)) = 0 ]; then
  echo 'NCCL error in: ProcessGroupNCCL.cpp:1970' >&2
  exit 1
fi
case $((x % 50)) in 3) python3 -c 'x = bytearray(250 * 2**20); x[::4096] = b"x" * len(x[::4096])' || exit 1 ;; esac
case $((x % 100)) in 17) sleep 600; exit 1 ;; 61) exit 3 ;; esac
set -C
: > "$evidence/$x.done" || echo "$x" >> "$evidence/again"
`;

function experiment(evidence: string): string {
  const points = Array.from({ length: POINTS }, (_, x) => x);
  return `command: bash train.sh {params.x} ${evidence}
args: none
snapshot: false
resources: { mem: 100M, partition: cpu, time: "1", max_parallel: 16 }
sweep: { grid: { x: [${points}] } }
retry:
  max_per_sweep: ${POINTS}
  host_oom: { mem: x4 }
  network: { times: 2, exclude_node: true }
`;
}

interface Run {
  params: { x: number };
  state: string;
  stages: { train: { attempt: number; reason?: string; exitCode?: number } };
}

function expectedState(x: number): string {
  return runsOutOfTime(x) ? "timeout" : failsAlways(x) ? "failed" : "completed";
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

Deno.test({
  name: `a sweep of ${POINTS} with OOM, time-outs and a bad node, its CLI killed again and again`,
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const evidence = join(alice.scratch, "evidence");
    Deno.mkdirSync(evidence);
    Deno.chmodSync(evidence, 0o777);
    Deno.writeTextFileSync(join(cwd, "train.sh"), TRAIN);
    alice.write(cwd, "storm", experiment(evidence));

    const argv = ["submit", "storm", "--yes", "--wait", "--poll", "2s"];
    const words = alice.words(argv);
    let kills = 0;
    while (kills < KILLS) {
      const seconds = (0.3 + Math.random() * 10).toFixed(3);
      const { code, err } = await alice.do(["timeout", "--signal=KILL", seconds, ...words], cwd);
      if (code !== 137) {
        equal(code, 1, err);
        break;
      }
      kills++;
    }
    ok(kills > 0, "the CLI was never killed");
    equal((await alice.run(argv, cwd)).code, 1, "some runs fail");
    const runs: Run[] = (await alice.status(cwd, "storm")).runs;

    await t.step("every run is completed, or failed with its reason", () => {
      const wrong = runs.filter(({ params: { x }, state }) => state !== expectedState(x));
      deepEqual([runs.length, wrong], [POINTS, []]);
      for (const { params: { x }, stages: { train } } of runs) {
        if (failsAlways(x)) equal(train.exitCode, 3);
        if (expectedState(x) === "failed") ok(train.reason, `no reason of ${x}`);
      }
    });

    const linesOf = (x: number) =>
      Deno.readTextFileSync(join(evidence, `${x}.starts`)).trim().split("\n");
    await t.step("each attempt was one start, and each good end came once", () => {
      const names = [...Deno.readDirSync(evidence)].map(({ name }) => name);
      ok(!names.includes("again"), "a run was completed twice");
      equal(
        names.filter((name) => name.endsWith(".done")).length,
        runs.filter(({ state }) => state === "completed").length,
      );
      for (const { params: { x }, stages: { train } } of runs) {
        equal(linesOf(x).length, train.attempt, `starts of ${x}`);
      }
    });

    await t.step("counts agree with sacct", async () => {
      const { out } = await asRoot(
        ...["sacct", "-X", "-n", "-P", "-u", "alice", "-S", "now-12hours"],
        ...["-o", "State,WorkDir"],
      );
      const rows = out.trim().split("\n").map((line) => line.split("|"));
      const said = rows.filter(([, folder]) => folder === cwd).map(([state]) => state!);
      const starts = runs.flatMap(({ params: { x } }) => linesOf(x).map((node) => ({ x, node })));
      const failures = starts.filter(({ x, node }) => node === BAD_NODE && x % 3 === 0);
      const others = starts.filter((start) => !failures.includes(start));
      const completed = runs.filter(({ state }) => state === "completed").length;
      const killed = others.filter(({ x }) => runsOutOfMemory(x)).length -
        runs.filter(({ params: { x } }) => runsOutOfMemory(x)).length;
      const counts = {
        COMPLETED: completed,
        FAILED: failures.length + others.filter(({ x }) => failsAlways(x)).length,
        OUT_OF_MEMORY: killed,
        TIMEOUT: others.filter(({ x }) => runsOutOfTime(x)).length,
      };
      ok(failures.length > 0, "the bad node failed nothing");
      deepEqual(tally(said), counts);
    });
  },
});
