/**
 * MPS for real, on a machine with an NVIDIA GPU; elsewhere it says that it did not run. It needs
 * Deno and this folder only:
 * `deno test -A --no-lock tests/queue/gpu/mps_real_test.ts`
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../../lib/system/clock.ts";
import { denoRunner } from "../../../lib/system/deno_runner.ts";
import { findGpus } from "../../../lib/queue/gpu/find_gpus.ts";
import { peaksWith, sampleGpus } from "../../../lib/queue/gpu/memory_use.ts";
import { tellMps } from "../../../lib/queue/gpu/mps_control.ts";
import { processesOf } from "../../../lib/queue/gpu/mps_processes.ts";
import { mpsBases } from "../../../lib/queue/gpu/mps_root.ts";
import { sweepMps } from "../../../lib/queue/gpu/mps_sweep.ts";
import { shareGpus, unshareGpus } from "../../../lib/queue/gpu/share.ts";
import { slotEnvironment } from "../../../lib/queue/gpu/slots.ts";

const env = Deno.env.toObject();
const ports = { runner: denoRunner, clock: systemClock, bases: mpsBases(env) };
const PERRUN = 2048;
const OUT_OF_MEMORY = 2;

const absent = await whyNot();
if (absent !== undefined) {
  console.warn(`NOT RUN: MPS for real: ${absent}`);
}

async function whyNot(): Promise<string | undefined> {
  const { gpus, vendor, source } = await findGpus({ runner: denoRunner, env, wholeNodes: true });
  if (vendor !== "nvidia") return gpus ? `no NVIDIA GPU (${source})` : source;
  const answer = await tellMps(denoRunner, "/nowhere", "get_server_list");
  return "why" in answer && answer.absent ? answer.why : undefined;
}

/** Something that was seen, for the note. */
function saw(what: string, value: unknown): void {
  console.log(`  seen: ${what}: ${JSON.stringify(value)}`);
}

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await action();
  saw(`${what}, seconds`, Number(((performance.now() - begun) / 1000).toFixed(2)));
  return result;
}

/** A program on a GPU, and what the driver said to it. */
async function client(variables: Record<string, string>, mebibytes: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", join(import.meta.dirname!, "cuda_client.ts"), `${mebibytes}`],
    env: variables,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "{}" } = await reader.read();
  return {
    pid: child.pid,
    said: JSON.parse(value) as { devices?: number; failed?: { step: string; code: number } },
    async end(): Promise<number> {
      await child.stdin.close();
      await reader.cancel();
      return (await child.status).code;
    },
  };
}

Deno.test({
  name: "two programs share a GPU through a daemon of our own",
  ignore: absent !== undefined,
  fn: async () => {
    const wish = { through: "own", asked: 2, perRun: PERRUN, keepMemory: true } as const;
    const shared = await timed(
      "start of MPS",
      () => shareGpus({ ...wish, wholeNodes: true }, { ...ports, env }),
    );
    saw("GPUs", shared.found);
    saw("how they are shared", [shared.way, shared.packed]);
    equal(shared.way.by, "own", shared.way.why);
    const [mps] = shared.mps;
    try {
      const onFirst = shared.slots.filter(({ gpu }) => gpu === 0).map(slotEnvironment);
      saw("variables of a worker", onFirst[0]);
      const sizes = [512, 1024];
      const clients = await timed(
        "two programs, begun",
        () => Promise.all(sizes.map((size, index) => client(onFirst[index]!, size))),
      );
      deepEqual(clients.map(({ said }) => said), [{ devices: 1 }, { devices: 1 }]);

      const servers = await tellMps(denoRunner, mps!.pipe, "get_server_list");
      ok("said" in servers);
      const [server] = servers.said.match(/\d+/) ?? [];
      ok(server !== undefined, "no server runs, so that nobody computes through MPS");
      const seen = await tellMps(denoRunner, mps!.pipe, `get_client_list ${server}`);
      saw("clients of the server, and our programs", [seen, clients.map(({ pid }) => pid)]);
      ok("said" in seen && seen.said.split(/\s+/).length >= 2);

      const uses = await sampleGpus(denoRunner);
      saw("what nvidia-smi says of processes", uses);
      const runs = new Map(clients.map(({ pid }, index) => [String(index), [pid]]));
      const peaks = peaksWith(new Map(), uses ?? [], runs);
      saw("peaks of the programs (512 and 1024 MiB)", [...peaks]);
      if (peaks.size < 2) console.warn("NOT SEEN: GPU memory by process; nothing is learnt here");
      for (const [run, { memory }] of peaks) ok(memory >= sizes[Number(run)]!, `${run}: ${memory}`);

      const third = await client(onFirst[0]!, 2 * PERRUN);
      saw(`a program with ${2 * PERRUN} MiB where ${PERRUN} are its limit`, third.said);
      equal(third.said.failed?.code, OUT_OF_MEMORY);
      equal(await third.end(), 1);
      deepEqual(await Promise.all(clients.map((one) => one.end())), [0, 0]);
    } finally {
      const ended = await timed("end of MPS", () => unshareGpus(shared, ports));
      saw("how it ended", ended);
      deepEqual(ended.map(({ how }) => how), shared.mps.map(() => "quit"));
      deepEqual(processesOf(mps!.pipe).mps, []);
    }
  },
});

Deno.test({
  name: "a real daemon is swept after SIGKILL of its owner",
  ignore: absent !== undefined,
  fn: async () => {
    const { gpus } = await findGpus({ runner: denoRunner, env, wholeNodes: true });
    const [gpu] = gpus!;
    const owner = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", join(import.meta.dirname!, "owner.ts"), ports.bases[0]!]
        .concat(gpu!.uuid ?? gpu!.name),
      stdout: "piped",
    }).spawn();
    const reader = owner.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const pipe = (await reader.read()).value!.trim();
    await reader.cancel();
    owner.kill("SIGKILL");
    await owner.status;
    const left = processesOf(pipe).mps;
    saw("processes that outlive their owner", left);
    ok(left.length > 0);
    const swept = await timed("sweep", () => sweepMps(ports));
    deepEqual(swept.map(({ folder, how }) => [`${folder}/pipe`, how]), [[pipe, "quit"]]);
    deepEqual(processesOf(pipe).mps, []);
  },
});
