import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { dirname, join } from "node:path";
import { exists } from "../../../lib/system/files.ts";
import { type MpsPorts, siteMps, startMps, stopMps } from "../../../lib/queue/gpu/mps_daemon.ts";
import { tellMps } from "../../../lib/queue/gpu/mps_control.ts";
import { folderName, thisProcess } from "../../../lib/queue/gpu/mps_folder.ts";
import { MpsError } from "../../../lib/queue/gpu/mps_error.ts";
import { processesOf } from "../../../lib/queue/gpu/mps_processes.ts";
import { mpsRoot } from "../../../lib/queue/gpu/mps_root.ts";
import { sweepMps } from "../../../lib/queue/gpu/mps_sweep.ts";
import { type FakeNvidia, withNvidia } from "./fake_nvidia.ts";
import { A, B, MIG_A, MIG_B } from "./fixtures.ts";

const gpu = (uuid: string, instance = false) => ({
  name: uuid,
  uuid,
  instance,
});

/** Makes patience short. */
const fast = ({ clock }: MpsPorts) => ({ ...clock, now: () => 20 * Date.now() });

Deno.test("a daemon of our own is started, answers, and is ended", () =>
  withNvidia(async ({ base, ports, calls }) => {
    const mps = await startMps([gpu(A), gpu(B)], ports);
    equal(processesOf(mps.pipe).mps.length, 1);
    ok(calls().includes(`start devices=${A},${B} limits= pipe=${mps.pipe}`), calls().join("\n"));
    equal(Deno.statSync(mpsRoot(base)).mode! & 0o777, 0o700);
    ok(`${mps.pipe}/control_privileged`.length < 108);
    deepEqual(await stopMps(mps, ports), { folder: dirname(mps.pipe), how: "quit" });
    deepEqual(processesOf(mps.pipe), { mps: [], users: [] });
    deepEqual([...Deno.readDirSync(mpsRoot(base))], []);
    equal(calls().at(-1), `quit pipe=${mps.pipe}`);
  }));

Deno.test("what a worker may use does not limit the daemon", () =>
  withNvidia(async ({ ports, calls }) => {
    Deno.env.set("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", "10");
    try {
      await stopMps(await startMps([gpu(A)], ports), ports);
    } finally {
      Deno.env.delete("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE");
    }
    ok(calls().some((call) => call.includes("limits= ")), calls().join("\n"));
  }));

Deno.test("each MIG instance has a daemon of its own", () =>
  withNvidia(async ({ ports }) => {
    await rejects(startMps([gpu(MIG_A, true), gpu(MIG_B, true)], ports), {
      name: "MpsError",
      message: "Cannot start MPS: a MIG instance needs a daemon of its own",
    });
    const both = [
      await startMps([gpu(MIG_A, true)], ports),
      await startMps([gpu(MIG_B, true)], ports),
    ];
    equal(new Set(both.map(({ pipe }) => pipe)).size, 2);
    for (const mps of both) equal((await stopMps(mps, ports))!.how, "quit");
  }));

Deno.test("a daemon that does not start is said, and nothing of it is left", async (t) => {
  await t.step("its program is not there", () =>
    withNvidia(async ({ base, ports }) => {
      const begun = Date.now();
      await rejects(startMps([gpu(A)], ports), (error) => {
        ok(error instanceof MpsError);
        match(error.message, /^Cannot start MPS: nvidia-cuda-mps-control: command not found$/);
        return true;
      });
      ok(Date.now() - begun < 5_000);
      deepEqual([...Deno.readDirSync(mpsRoot(base))], []);
    }, ["nvidia-cuda-mps-control"]));
  await t.step("it ends at once", () =>
    withNvidia(async ({ base, ports, set }) => {
      set("no-start");
      await rejects(startMps([gpu(A)], { ...ports, clock: fast(ports) }), {
        message:
          "Cannot start MPS: Cannot find MPS control daemon process (Cannot start the MPS control daemon)",
      });
      deepEqual([...Deno.readDirSync(mpsRoot(base))], []);
    }));
  await t.step(
    "no folder is short enough for its sockets, or ours",
    () =>
      withNvidia(async ({ base, ports }) => {
        const long = join(base, "x".repeat(60));
        Deno.mkdirSync(long);
        await rejects(startMps([gpu(A)], { ...ports, bases: [long] }), /too long for a socket/);
        Deno.mkdirSync(mpsRoot(base));
        Deno.chmodSync(mpsRoot(base), 0o755);
        await rejects(startMps([gpu(A)], ports), /is open to others/);
        await rejects(
          startMps([gpu(A)], { ...ports, bases: [join(base, "no")] }),
          /cannot be made/,
        );
        Deno.removeSync(long);
      }),
  );
});

Deno.test("a daemon that does not listen is killed", () =>
  withNvidia(async ({ ports, set }) => {
    set("deaf");
    const mps = await startMps([gpu(A)], ports);
    deepEqual((await stopMps(mps, { ...ports, clock: fast(ports) }))!.how, "killed");
    deepEqual(processesOf(mps.pipe).mps, []);
    equal(exists(dirname(mps.pipe)), false);
  }));

Deno.test("the site's daemon is used where it answers, and never ended", () =>
  withNvidia(async ({ ports, env, calls }) => {
    const theirs = await startMps([gpu(A)], ports);
    const site = await siteMps([gpu(A)], {
      runner: ports.runner,
      env: { CUDA_MPS_PIPE_DIRECTORY: theirs.pipe },
    });
    deepEqual([site.by, site.pipe], ["site", theirs.pipe]);
    equal(await stopMps(site, ports), undefined);
    equal(processesOf(theirs.pipe).mps.length, 1);
    ok(!calls().some((call) => call.startsWith("quit")));
    await stopMps(theirs, ports);
    await rejects(
      siteMps([gpu(A)], {
        runner: ports.runner,
        env: { ...env, CUDA_MPS_PIPE_DIRECTORY: "/nowhere" },
      }),
      /Cannot use the site's MPS at \/nowhere: Cannot find MPS control daemon process/,
    );
  }));

/** A process that starts a daemon, as a launcher does; and the daemon's pipe folder. */
async function owner({ base, env }: FakeNvidia, uuid: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", join(import.meta.dirname!, "owner.ts"), base, uuid],
    env,
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return { child, pipe: value!.trim() };
}

Deno.test("after SIGKILL of its owner a daemon is swept, and no other", () =>
  withNvidia(async (nvidia) => {
    const { ports, base } = nvidia;
    const [dead, alive] = await Promise.all([owner(nvidia, A), owner(nvidia, B)]);
    const mine = await startMps([gpu(MIG_A, true)], ports);
    deepEqual(await sweepMps(ports), []);

    dead.child.kill("SIGKILL");
    await dead.child.status;
    equal(processesOf(dead.pipe).mps.length, 1, "it outlives its owner");
    Deno.mkdirSync(join(mpsRoot(base), "someone-elses"));

    const swept = await Promise.all([sweepMps(ports), sweepMps(ports)]); // two starts at once
    ok(swept.flat().some(({ folder, how }) => folder === dirname(dead.pipe) && how === "quit"));
    equal(new Set(swept.flat().map(({ folder }) => folder)).size, 1);
    deepEqual(processesOf(dead.pipe).mps, []);
    equal(exists(dirname(dead.pipe)), false);
    for (const { pipe } of [alive, mine]) {
      equal(processesOf(pipe).mps.length, 1);
      deepEqual(await tellMps(ports.runner, pipe, "get_default_active_thread_percentage"), {
        said: "100.0",
      });
    }
    ok(exists(join(mpsRoot(base), "someone-elses")));
    await stopMps(mine, ports);
    alive.child.kill("SIGKILL");
    await alive.child.status;
    equal((await sweepMps(ports))[0]!.how, "quit");
    Deno.removeSync(join(mpsRoot(base), "someone-elses"));
  }));

Deno.test("a daemon that still serves a process is not swept", () =>
  withNvidia(async (nvidia) => {
    const { ports } = nvidia;
    const dead = await owner(nvidia, A);
    const env = { CUDA_MPS_PIPE_DIRECTORY: dead.pipe };
    const user = new Deno.Command("sleep", { args: ["60"], env }).spawn();
    dead.child.kill("SIGKILL");
    await dead.child.status;
    deepEqual(await sweepMps(ports), [{ folder: dirname(dead.pipe), how: "used", by: [user.pid] }]);
    equal(processesOf(dead.pipe).mps.length, 1);
    user.kill("SIGKILL");
    await user.status;
    deepEqual(await sweepMps(ports), [{ folder: dirname(dead.pipe), how: "quit" }]);
  }));

Deno.test("folders of owners that were killed before their daemon ran are removed", () =>
  withNvidia(async (nvidia) => {
    const folder = join(mpsRoot(nvidia.base), await folderOfADeadProcess());
    Deno.mkdirSync(mpsRoot(nvidia.base), { mode: 0o700 });
    Deno.mkdirSync(join(folder, "pipe"), { recursive: true });
    deepEqual(await sweepMps(nvidia.ports), [{ folder, how: "gone" }]);
    equal(exists(folder), false);
  }));

async function folderOfADeadProcess(): Promise<string> {
  const child = new Deno.Command("true").spawn();
  await child.status;
  return folderName({ ...thisProcess()!, pid: child.pid }, 0);
}
