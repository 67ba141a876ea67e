import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import {
  classKey,
  type MemoryClass,
  MemoryLearner,
  readLearned,
} from "../../../lib/queue/gpu/learned_memory.ts";
import { peaksWith, processesOfRuns, sampleGpus } from "../../../lib/queue/gpu/memory_use.ts";
import { MemoryWatch } from "../../../lib/queue/gpu/memory_watch.ts";
import { withNvidia } from "./fake_nvidia.ts";
import { A, B } from "./fixtures.ts";

Deno.test("peaksWith() adds up the processes of a run, on the GPU where it uses most", () => {
  const runs = new Map([["a", [1, 2]], ["b", [3]], ["c", [4]], ["d", [5]]]);
  const use = (pid: number, uuid: string, memory?: number) => ({
    pid,
    uuid,
    ...memory === undefined ? {} : { memory },
  });
  const first = peaksWith(new Map(), [
    ...[use(1, A, 100), use(2, A, 50), use(2, B, 120)],
    ...[use(3, A, 10), use(5, A), use(99, A, 7000)],
  ], runs);
  deepEqual([...first], [["a", { memory: 150, samples: 1 }], ["b", { memory: 10, samples: 1 }]]);
  const second = peaksWith(first, [use(1, A, 90), use(3, B, 30)], runs);
  deepEqual(second.get("a"), { memory: 150, samples: 2 });
  deepEqual(second.get("b"), { memory: 30, samples: 2 });
  equal(second.has("c"), false, "never seen is not 0");
  equal(second.has("d"), false, "not measured is not 0");
});

Deno.test("sampleGpus() sees what the children of a run use", () =>
  withNvidia(async ({ runner, set }) => {
    equal(await sampleGpus(runner), undefined);
    const shell = new Deno.Command("bash", { args: ["-c", "sleep 60 & wait"] }).spawn();
    try {
      const runs = new Map([["r", shell.pid]]);
      let child: number | undefined;
      for (let left = 200; child === undefined && left > 0; left--) {
        child = processesOfRuns(runs).get("r")![1];
        if (child === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      set("apps", `${child}, ${A}, 512\n1, ${A}, 9000\n`);
      const uses = await sampleGpus(runner);
      deepEqual(peaksWith(new Map(), uses!, processesOfRuns(runs)).get("r"), {
        memory: 512,
        samples: 1,
      });
      set("apps", "");
      deepEqual(await sampleGpus(runner), []);
      Deno.kill(child!, "SIGKILL");
    } finally {
      shell.kill("SIGKILL");
      await shell.status;
    }
  }));

const SMALL: MemoryClass = { experiment: "exp001", stage: "train", model: "NVIDIA H200" };
const OTHER: MemoryClass = { ...SMALL, stage: "eval" };

Deno.test("what writers learn is kept by class, and merged when it is read", () => {
  const folder = join(Deno.makeTempDirSync(), "memory");
  deepEqual([...readLearned(folder)], []);
  const [one, two] = ["w1", "w2"].map((name) => new MemoryLearner(folder, name));
  one!.add(SMALL, 1000);
  one!.add(SMALL, 900); // doubled
  one!.add(OTHER, 50);
  two!.add(SMALL, 1200);
  deepEqual(Object.fromEntries(readLearned(folder)), {
    "exp001/train/NVIDIA H200": { peak: 1200, runs: 3 },
    "exp001/eval/NVIDIA H200": { peak: 50, runs: 1 },
  });
  equal(classKey(OTHER), "exp001/eval/NVIDIA H200");
  Deno.writeTextFileSync(
    join(folder, "w3.json"),
    '{"version":1,"classes":{"x":{"peak":-5,"runs":1}',
  );
  Deno.writeTextFileSync(
    join(folder, "w4.json"),
    '{"version":1,"classes":{"x":{"peak":-5,"runs":1}}}',
  );
  Deno.writeTextFileSync(
    join(folder, "w5.json"),
    '{"version":2,"classes":{"x":{"peak":5,"runs":1}}}',
  );
  equal(readLearned(folder).size, 2);
  Deno.removeSync(join(folder, ".."), { recursive: true });
});

Deno.test("a learner writes seldom, and what it says of runs is never too much", () => {
  const folder = Deno.makeTempDirSync();
  const learner = new MemoryLearner(folder, "w");
  const path = join(folder, "w.json");
  const writes = new Set<number | null>();
  for (let run = 1; run <= 1000; run++) {
    learner.add(SMALL, 1000);
    writes.add(Deno.statSync(path).ino);
    const { peak, runs } = readLearned(folder).get(classKey(SMALL))!;
    equal(peak, 1000);
    equal(runs <= run && 2 * runs > run, true, `${runs} of ${run}`);
  }
  equal(JSON.parse(Deno.readTextFileSync(path)).classes[classKey(SMALL)].runs, 512);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("MemoryWatch learns the peaks of runs, and nothing of what it did not see", () =>
  withNvidia(async ({ runner, set, calls }) => {
    const folder = Deno.makeTempDirSync();
    const watch = new MemoryWatch(runner, new MemoryLearner(folder, "w"));
    equal(await watch.sample(), true);
    watch.begin("a", { class: SMALL, pids: () => [11, 12] });
    watch.begin("b", { class: OTHER, pids: () => Promise.resolve([13]) });
    equal(await watch.sample(), false, "nvidia-smi does not answer");
    equal(calls().length, 1);
    set("apps", `11, ${A}, 300\n12, ${A}, 200\n99, ${A}, 9000\n`);
    equal(await watch.sample(), true);
    set("apps", `11, ${A}, 100\n`);
    await watch.sample();
    deepEqual(watch.end("a"), { memory: 500, samples: 2 });
    equal(watch.end("b"), undefined);
    equal(watch.end("a"), undefined);
    deepEqual(Object.fromEntries(readLearned(folder)), {
      "exp001/train/NVIDIA H200": { peak: 500, runs: 1 },
    });
    Deno.removeSync(folder, { recursive: true });
  }));
