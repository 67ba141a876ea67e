import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

const ROUNDS = Number(Deno.env.get("EXPFLOW_FAULT_ROUNDS") ?? 15);

const EXPERIMENT = `command: 'echo $EXPFLOW_ATTEMPT >> {run.dir}/trace'
args: none
sweep: { grid: { x: [0, 1, 2] } }
`;

async function ranOnce(user: LabUser, project: string, id: string): Promise<void> {
  await user.ok(["submit", id, "--wait"], project);
  const { submissions } = await user.status(project, id);
  equal(submissions.length, 1);
  for (const run of [0, 1, 2]) {
    const trace = join(project, "experiments", "runs", id, String(run), "trace");
    equal(Deno.readTextFileSync(trace), "1\n", `${id}/${run}`);
  }
}

Deno.test({
  name: "sbatch that accepts and then times out is looked up, not repeated",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const path = alice.pathWith(
      "sbatch",
      `case "$*" in *--version*) exec /usr/bin/sbatch --version;; esac
/usr/bin/sbatch "$@" >/dev/null
echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2
exit 1
`,
    );
    alice.write(cwd, "timeout", EXPERIMENT);
    const first = await alice.run(["submit", "timeout"], cwd, path);
    ok(first.code === 0 || first.code === 6, first.err);
    await ranOnce(alice, cwd, "timeout");
  },
});

Deno.test({
  name: `sbatch that kills the command line right after accepting, ${ROUNDS} times: nothing twice`,
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const path = alice.pathWith(
      "sbatch",
      `case "$*" in *--version*) exec /usr/bin/sbatch --version;; esac
/usr/bin/sbatch "$@" >/dev/null
kill -KILL $PPID
`,
    );
    for (let round = 0; round < ROUNDS; round++) {
      const id = `kill${round}`;
      alice.write(cwd, id, EXPERIMENT);
      const killed = await alice.run(["submit", id], cwd, path);
      ok(killed.code !== 0, "the command line was not killed");
      await ranOnce(alice, cwd, id);
    }
  },
});

Deno.test({
  name: "a refusal is told in Slurm's words, and leaves nothing behind",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(cwd, "bad", "command: 'true'\nargs: none\nresources: { partition: nosuch }\n");
    const { code, err } = await alice.run(["submit", "bad"], cwd);
    equal(code, 6);
    match(err, /invalid partition/i);
    match(err, /^hint: /m);
    deepEqual([...Deno.readDirSync(join(cwd, "generated_scripts", "bad"))], []);
    await using mallory = await LabUser.login("mallory");
    const own = await mallory.project();
    await mallory.ok(["new", "exp001"], own);
    const refused = await mallory.run(["submit", "exp001"], own);
    equal(refused.code, 6);
    match(refused.err, /account/i);
  },
});
