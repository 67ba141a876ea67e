import assert from "node:assert/strict";
import type { ScriptModel } from "../../lib/script/model.ts";
import { exists } from "../../lib/system/files.ts";
import { inLabs, type Lab, patient, until, WAITING, withLab } from "./harness.ts";

/** What a program does that is not to hear of the signal: {@linkcode signalled} ends it. */
const DEAF = "until [ -e go ]; do sleep 0.05; done";

/**
 * Starts a command, waits until it says `ready` in a file, and sends the script a signal; what is
 * {@linkcode DEAF} may go on after a while in which it could have been told.
 */
async function signalled(
  lab: Lab,
  signal: Deno.Signal,
  command: string,
  changes: Partial<ScriptModel> = {},
): Promise<{ code: number; stderr: string }> {
  const process = lab.start(lab.write({ command, ...changes }));
  await until(() => exists(lab.at("work", "ready")), "the program is ready");
  process.kill(signal);
  if (command.includes(DEAF)) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    Deno.writeTextFileSync(lab.at("work", "go"), "");
  }
  const { code, stderr } = await process.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** A process and all that descend from it, the first one first. */
function family(pid: number): number[] {
  const all = Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name));
  const children = all.filter((id) => id > 0 && parentOf(id) === pid);
  return [pid, ...children.flatMap(family)];
}

/** Parent of a process; none when it has just ended. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGTERM");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

Deno.test("the warning goes to whom listens", async (t) => {
  const aware = `trap 'touch told; exit 4' USR1; touch ready; ${WAITING}; exit 9`;
  const unaware = `touch ready; ${DEAF}; exit 5`;
  const asked = { resources: { signal: "USR1@60" } };
  const cases: [string, command: string, Partial<ScriptModel>, code: number, told: boolean][] = [
    ["a program that listens", `bash -c "${aware}"`, {}, 4, true],
    ["the command itself", aware, {}, 4, true],
    [
      "a program below a launcher",
      `echo; bash -c 'bash -c "${
        aware.replaceAll("'", '\\"').replaceAll('\\"', "'\\''")
      }"; exit $?'`,
      {},
      4,
      true,
    ],
    ["a program that does not listen", unaware, {}, 5, false],
    ["also when it was asked for", unaware, asked, 5, false],
    ["a shell with a trap on EXIT", `bash -c "trap 'echo bye' EXIT; ${unaware}"`, {}, 5, false],
    [
      "a shell with traps on both, when it was asked for",
      `bash -c "trap 'echo bye' EXIT; ${aware}"`,
      asked,
      4,
      true,
    ],
  ];
  await inLabs(
    t,
    cases.map(([name, command, changes, code, told]) => [name, async (lab) => {
      const reply = await signalled(lab, "SIGUSR1", command, changes);
      assert.equal(reply.code, code, reply.stderr);
      assert.equal(exists(lab.at("work", "told")), told);
      assert.deepEqual(lab.events(), [`0.train.1.end.${code}`, "0.train.1.start.0"]);
    }]),
  );
});

Deno.test("a launcher that passes signals on is told only when the user asked for it", async (t) => {
  await inLabs(
    t,
    [false, true].map((asked) => [asked ? "asked" : "not asked", async (lab) => {
      Deno.symlinkSync("/bin/bash", lab.at("work", "srun"));
      const listening = `trap 'exit 6' USR1; touch ready; ${asked ? WAITING : DEAF}`;
      const reply = await signalled(lab, "SIGUSR1", `./srun -c "${listening}; exit 5"`, {
        resources: asked ? { signal: "USR1@60" } : {},
      });
      assert.equal(reply.code, asked ? 6 : 5, reply.stderr);
    }]),
  );
});

Deno.test("a signal of the user's choice is the warning", () =>
  withLab(async (lab) => {
    const command = `bash -c "trap 'exit 4' USR2; touch ready; ${WAITING}"`;
    const resources = { signal: "SIGUSR2@300" };
    assert.equal((await signalled(lab, "SIGUSR2", command, { resources })).code, 4);
  }));

Deno.test("a stop ends the program and is marked", async (t) => {
  const cases: [string, Deno.Signal, command: string, code: number][] = [
    ["one that saves its work", "SIGTERM", `trap 'sleep 0.3; touch saved; exit 0' TERM`, 143],
    ["one that does not listen", "SIGTERM", ":", 143],
    ["Ctrl-C", "SIGINT", `trap 'touch saved; exit 1' INT`, 130],
  ];
  await inLabs(t, [
    ...cases.map(([name, signal, trap, code]): [string, (lab: Lab) => Promise<void>] => [
      name,
      async (lab) => {
        const program = `${trap}; touch ready; ${WAITING}; touch finished`;
        const reply = await signalled(lab, signal, `bash -c "${program}"`);
        assert.equal(reply.code, code, reply.stderr);
        assert.equal(exists(lab.at("work", "saved")), trap !== ":");
        assert.equal(exists(lab.at("work", "finished")), false);
        assert.deepEqual(lab.events(), ["0.train.1.start.0", `0.train.1.stop.${code}`]);
      },
    ]),
    ["one in a subshell, which saves its work after that has gone", async (lab) => {
      const program = `trap 'sleep 0.5; touch saved; exit 0' TERM; touch ready; ${WAITING}`;
      const reply = await signalled(lab, "SIGTERM", `(cd . && bash -c "${program}"; echo after)`);
      assert.equal(reply.code, 143);
      assert.ok(exists(lab.at("work", "saved")));
    }],
    ["one whose every process is told, as Slurm does", async (lab) => {
      const program = `trap 'sleep 0.3; touch saved; exit 0' TERM; touch ready; ${WAITING}`;
      const process = lab.start(lab.write({ command: `bash -c "${program}"; touch finished` }));
      await until(() => exists(lab.at("work", "ready")), "the program is ready");
      for (const pid of family(process.pid)) kill(pid);
      const { code, stderr } = await process.output();
      assert.equal(code, 143, new TextDecoder().decode(stderr));
      assert.equal(exists(lab.at("work", "finished")), false);
      assert.deepEqual(lab.events(), ["0.train.1.start.0", "0.train.1.stop.143"]);
    }],
    ["one that refuses to end", async (lab) => {
      const script = lab.write({ command: `trap '' TERM; touch ready; sleep 300` });
      const text = Deno.readTextFileSync(script);
      assert.ok(text.includes('"$expflow_stop" 80'));
      Deno.writeTextFileSync(script, text.replace('"$expflow_stop" 80', '"$expflow_stop" 4'));
      const process = lab.start(script);
      await until(() => exists(lab.at("work", "ready")), "the program is ready");
      process.kill("SIGTERM");
      assert.equal((await process.output()).code, 143);
      assert.deepEqual(lab.events(), ["0.train.1.start.0", "0.train.1.stop.143"]);
    }],
  ]);
});

Deno.test("a stop at any moment before the program runs ends the job", async (t) => {
  const lines = [
    "expflow_open_run\n",
    "set -m\n",
    "expflow_child=$!\n",
    "\nset +m\nexp",
    "\nexpflow_watch\n",
  ];
  await inLabs(
    t,
    lines.map((line) => [JSON.stringify(line), async (lab) => {
      const script = lab.write({ command: "sleep 300; touch finished" });
      const text = Deno.readTextFileSync(script);
      const at = text.lastIndexOf(line);
      assert.ok(at > 0);
      Deno.writeTextFileSync(script, `${text.slice(0, at)}\nkill -TERM $$\n${text.slice(at)}`);
      const reply = await lab.run(script);
      assert.equal(reply.code, 143, reply.stderr);
      assert.equal(exists(lab.at("work", "finished")), false);
      assert.deepEqual(lab.events(), ["0.train.1.start.0", "0.train.1.stop.143"]);
    }]),
  );
});

Deno.test("a program that ended with TERM just before its job is told to end was stopped", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "exit 143" });
    const text = Deno.readTextFileSync(script);
    const late = "( sleep 0.2; kill -TERM $$ ) &\nset -m\n";
    Deno.writeTextFileSync(script, text.replace("set -m\n", () => late));
    patient(script);
    const reply = await lab.run(script);
    assert.equal(reply.code, 143);
    assert.deepEqual(lab.events(), ["0.train.1.start.0", "0.train.1.stop.143"]);
  }));

Deno.test("no storm of warnings loses an exit code", () =>
  withLab(async (lab) => {
    for (let job = 0; job < 5; job++) {
      const stage = `s${job}`;
      const script = lab.write({ stage, command: `touch ${stage}; sleep 0.2; exit ${40 + job}` });
      const process = lab.start(script);
      await until(() => exists(lab.at("work", stage)), "the program runs");
      let ended = false;
      const output = process.output().finally(() => ended = true);
      while (!ended) {
        try {
          process.kill("SIGUSR1");
        } catch {
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      }
      assert.equal((await output).code, 40 + job);
      assert.ok(lab.events().includes(`0.${stage}.1.end.${40 + job}`));
    }
  }));
