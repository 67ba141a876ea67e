import assert from "node:assert/strict";
import type { Resuming, ScriptModel } from "../../lib/script/model.ts";
import { exists } from "../../lib/system/files.ts";
import { inLabs, type Lab, until, WAITING, withLab } from "./harness.ts";

const LISTENS = `bash -c "trap 'exit 4' USR1; touch ready; ${WAITING}"`;

/** Runs a job of an array whose `scontrol` is this text of bash, and warns it. */
async function warned(
  lab: Lab,
  scontrol: string,
  command: string,
  resuming: Partial<Resuming> = {},
  changes: Partial<ScriptModel> = {},
): Promise<{ code: number; stderr: string }> {
  Deno.mkdirSync(lab.at("bin"));
  Deno.writeTextFileSync(
    lab.at("bin", "scontrol"),
    `#!/bin/bash\necho "$@" >>"${lab.root}/asked"\n${scontrol}\n`,
    { mode: 0o755 },
  );
  const script = lab.write({
    command,
    array: true,
    base: 0,
    resources: { signal: "USR1@6" },
    resuming: { mode: "requeue", maxRestarts: 3, ...resuming },
    ...changes,
  });
  const process = lab.start(script, {
    PATH: `${lab.at("bin")}:${Deno.env.get("PATH")}`,
    SLURM_ARRAY_JOB_ID: "90",
    SLURM_ARRAY_TASK_ID: "0",
  });
  await until(() => exists(lab.at("work", "ready")), "the program is ready");
  process.kill("SIGUSR1");
  const { code, stderr } = await process.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("a job that is warned goes back into the queue, or says why not", async (t) => {
  // As Slurm does, it tells every process of the job to end, scontrol's own shell first.
  const accepts = "kill -TERM $PPID $(ps -o ppid= -p $PPID)";
  const refuses = "echo 'Requested operation is presently disabled' >&2; exit 1";
  const start = "0.train.1.start.0";
  const cases: [
    string,
    scontrol: string,
    command: string,
    Partial<Resuming>,
    events: string[],
    asked: string,
  ][] = [
    [
      "one that ended in time",
      accepts,
      LISTENS,
      {},
      ["0.train.1.requeue.4", start],
      "requeue 90_0\n",
    ],
    [
      "one that does not listen",
      accepts,
      "touch ready; sleep 300",
      {},
      ["0.train.1.requeue.143", start],
      "requeue 90_0\n",
    ],
    [
      "a site that refuses",
      refuses,
      LISTENS,
      {},
      ["0.train.1.requeue.4", start, "0.train.1.timeout.4"],
      "requeue 90_0\n",
    ],
    [
      "no new checkpoint",
      accepts,
      LISTENS,
      { checkpoint: { path: "" } },
      [start, "0.train.1.stuck.4"],
      "",
    ],
    [
      "max_restarts used up",
      accepts,
      LISTENS,
      { maxRestarts: 0 },
      ["0.train.1.spent.4", start],
      "",
    ],
    ["a chain", accepts, LISTENS, { mode: undefined, link: 1 }, [start, "0.train.1.timeout.4"], ""],
    [
      "one that completes",
      accepts,
      LISTENS.replace("exit 4", "exit 0"),
      {},
      ["0.train.1.end.0", start],
      "",
    ],
    ["one that failed untold", accepts, "touch ready; sleep 1.5; exit 5", {}, [
      "0.train.1.end.5",
      start,
    ], ""],
  ];
  await inLabs(
    t,
    cases.map(([name, scontrol, command, resuming, events, asked]) => [name, async (lab) => {
      const { stderr } = await warned(lab, scontrol, command, resuming);
      assert.deepEqual(lab.events(), events.sort(), stderr);
      assert.equal(exists(lab.at("asked")) ? lab.read("asked") : "", asked, stderr);
    }]),
  );
});

Deno.test("a warning that would come at once, or ends jobs, is refused", () =>
  withLab((lab) => {
    const resuming: Resuming = { mode: "requeue", maxRestarts: 1 };
    const short = { time: "1", signal: "USR1@90" };
    assert.throws(() => lab.write({ resuming, resources: short }), /would come at once/);
    const deadly = { signal: "TERM@90" };
    assert.throws(() => lab.write({ resuming, resources: deadly }), /as its warning signal/);
  }));
