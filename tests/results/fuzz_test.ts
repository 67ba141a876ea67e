import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { harvestFolder } from "../../lib/results/harvest.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { fixture } from "./fixture.ts";
import { spec } from "./support.ts";

const FILES = 10_000;
const SLOWEST = 5000;
const SEED = 20261122;

/** Xorshift: the same files each time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Mutate = (bytes: Uint8Array, below: (limit: number) => number) => Uint8Array;

const encode = (text: string) => new TextEncoder().encode(text);
const HUGE = encode(`{"loss": ${"1".repeat(200_000)}`);

const MUTATIONS: Record<string, Mutate> = {
  truncate: (bytes, below) => bytes.slice(0, below(bytes.length + 1)),
  flip: (bytes, below) => {
    const changed = bytes.slice();
    for (let count = 1 + below(8); count > 0 && changed.length > 0; count--) {
      changed[below(changed.length)]! ^= 1 << below(8);
    }
    return changed;
  },
  insert: (bytes, below) => {
    const at = below(bytes.length + 1);
    const more = Uint8Array.from({ length: 1 + below(40) }, () => below(256));
    return Uint8Array.of(...bytes.slice(0, at), ...more, ...bytes.slice(at));
  },
  "leave out": (bytes, below) => {
    const at = below(bytes.length + 1);
    return Uint8Array.of(...bytes.slice(0, at), ...bytes.slice(at + 1 + below(40)));
  },
  "huge line": () => HUGE,
  "UTF-16": (bytes) => new Uint8Array(Uint16Array.from(bytes).buffer),
  "Latin-1": (bytes) => Uint8Array.of(...encode('{"é'), 0xe9, 0xff, ...bytes),
  noise: (_, below) => Uint8Array.from({ length: below(3000) }, () => below(256)),
  empty: () => new Uint8Array(),
};

const PLAIN: Record<string, string> = {
  "result.json": '{"acc": 0.9, "test": {"loss": 0.1}, "list": [1, 2], "note": "NaN"}\n',
  "all_results.json": '{"eval_loss": 0.5, "epoch": 3.0}\n',
  "metrics.jsonl": '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": NaN}\n',
  "metrics.csv": 'step,loss,"a ""b"""\n1,0.5,x\n2,,\n',
  "metrics.tsv": "step\tloss\n1\t0.5\n",
  "trainer_state.json": '{"log_history": [{"step": 1, "loss": 0.5}, {"eval_loss": 0.4}]}',
};

const LIBRARIES = [
  "tensorboardX",
  "tensorboard",
  "wandb",
  "mlflow-skinny",
  "hydra-core",
  "lightning",
];

/** Every file that a reader reads: its path in a run's folder, and its content. */
function seeds(): [string, Uint8Array][] {
  return [
    ...Object.entries(PLAIN).map(([path, text]): [string, Uint8Array] => [path, encode(text)]),
    ...LIBRARIES.flatMap((library) => {
      const root = fixture(library);
      return new RunFolder(root).files.filter(({ path }) => path !== "made.json")
        .map(({ path }): [string, Uint8Array] => [path, Deno.readFileSync(join(root, path))]);
    }),
  ].filter(([path]) => !/\/tags\/mlflow\.|hydra\.yaml$/.test(path));
}

Deno.test(`harvestFolder() neither fails nor hangs on ${FILES} damaged files`, () => {
  const below = random(SEED);
  const files = seeds();
  const mutations = Object.entries(MUTATIONS);
  const root = Deno.makeTempDirSync({ prefix: "expflow-fuzz-" });
  const silent: string[] = [];
  try {
    for (let count = 0; count < FILES; count++) {
      const [path, bytes] = files[count % files.length]!;
      const [name, mutate] = mutations[below(mutations.length)]!;
      const folder = join(root, String(count % files.length));
      const target = join(folder, path);
      Deno.mkdirSync(dirname(target), { recursive: true });
      for (const part of belongsTo(path)) Deno.writeFileSync(join(folder, part.path), part.bytes);
      Deno.writeFileSync(target, mutate(bytes, below));
      const start = performance.now();
      const told = `${name} of ${path}, file ${count} of seed ${SEED}`;
      const { metrics, reported, problems } = harvestFolder(folder, {}, spec());
      assert.ok(performance.now() - start < SLOWEST, `${told} took too long`);
      for (const problem of problems) {
        assert.ok(!/[\n\r]/.test(problem) && problem.length < 2000, `${told}: ${problem}`);
        assert.doesNotMatch(problem, /undefined|cannot be read: (Cannot|\w+ is not)/, told);
      }
      for (const { last } of Object.values(metrics)) {
        assert.ok(typeof last !== "number" || Number.isFinite(last), told);
      }
      if (problems.length + Object.keys({ ...metrics, ...reported }).length === 0) {
        silent.push(told);
      }
    }
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
  assert.deepEqual(silent, [], "files that gave nothing and said nothing");
});

/** What a file needs beside it to be looked at. */
function belongsTo(path: string): { path: string; bytes: Uint8Array }[] {
  const run = /^(mlruns\/[^/]+\/[^/]+)\/(metrics|params|tags)\//.exec(path)?.[1];
  if (run) return [{ path: `${run}/meta.yaml`, bytes: encode("lifecycle_stage: active\n") }];
  const version = /^(.*\/version_\d+)\/hparams\.yaml$/.exec(path)?.[1];
  return version ? [{ path: `${version}/metrics.csv`, bytes: encode("step,loss\n1,0.5\n") }] : [];
}
