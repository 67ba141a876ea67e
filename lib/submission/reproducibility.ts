import type { Experiment, RunPoint, Stage } from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import type { CodeRecord } from "../store/code_record.ts";
import type {
  ReproducibilityChange,
  ReproducibilityRecord,
} from "../store/reproducibility_record.ts";

/** Facts by name; see {@linkcode ReproducibilityRecord}. */
export type Facts = ReproducibilityRecord["facts"];

/** Start of a fact's name → what a change does to results. */
const EFFECTS: readonly [string, string][] = [
  ["GPU model", "other kernels and precisions: numbers differ in the last digits, speed more"],
  ["GPU driver", "kernels compiled at run time may differ: the last digits with them"],
  ["CUDA", "other libraries and kernels: numbers differ in the last digits"],
  ["TF32", "matrix products are rounded otherwise: the same seed gives other curves"],
  ["GPU type", "other kernels and precisions: numbers differ in the last digits, speed more"],
  ["GPUs", "the global batch follows the number of GPUs unless it is fixed"],
  ["nodes", "the order of reductions over the network changes the last digits"],
  ["batch", "another global batch is another optimization: learning rate and schedule with it"],
  ["precision", "rounding differs: the same seed gives other curves"],
  ["container", "other libraries: numerics, data loading and defaults may differ"],
  ["lock file", "other versions of packages: numerics and defaults may differ"],
  ["code", "what ran before was other code"],
  ["uncommitted", "what ran cannot be had from the commit alone"],
  ["data", "results are of other data, and cannot be compared"],
];

const PRECISION = /^(precision|mixed_precision|amp|bf16|fp16|tf32|allow_tf32|(torch_)?dtype|half)$/;
/** By these libraries let TF32 in or not, whatever the program says. */
const PRECISION_VARIABLES = ["NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"];
const BATCH = /(^|_)batch(_size)?$|accum|^(per_gpu|per_device|micro)_/;
const GLOBAL_BATCH = /^(global|total|effective)_(batch|batch_size)$/;
/** Names of parameters that say which data a run reads. */
export const DATA = /^(data|dataset|train_data|val_data)(_?(path|dir|root|name|file|folder))?$/;
const DETERMINISM = /^(deterministic|cudnn_deterministic|use_deterministic_algorithms)$/;
const STEPS = /^(max_|total_|num_|train_|training_|warmup_)?(steps|iterations|iters)$/;

/** What the configuration says of it; files and code come from elsewhere. */
export function configFacts({ stages, params }: Pick<Experiment, "stages" | "params">): Facts {
  const facts: Facts = {};
  for (const { name, resources, environment } of stages) {
    const { gpus = 0, nodes = 1, gpu_type } = resources;
    facts[`GPUs of ${name}`] = String(gpus * nodes);
    facts[`nodes of ${name}`] = String(nodes);
    if (gpus > 0) facts[`GPU type of ${name}`] = gpu_type ?? null;
    facts[`container of ${name}`] = environment.container?.image ?? null;
    for (const variable of gpus > 0 ? PRECISION_VARIABLES : []) {
      facts[`precision of ${name}: ${variable}`] = environment.env[variable] ?? null;
    }
  }
  for (
    const [pattern, what] of [[PRECISION, "precision"], [BATCH, "batch"], [DATA, "data"]] as const
  ) {
    for (const [key, value] of matching(params, pattern)) {
      facts[`${what}: params.${key}`] = JSON.stringify(value);
    }
  }
  return facts;
}

/** What the snapshot says. */
export function codeFacts({ commit, tree, dirty }: CodeRecord): Facts {
  return {
    ...commit === undefined && tree === undefined ? {} : { code: tree ?? commit! },
    ...dirty === undefined ? {} : { "uncommitted changes": dirty ? "yes" : "no" },
  };
}

/** Parameters whose own name matches, by dotted key. */
export function matching(params: Params, pattern: RegExp): [string, unknown][] {
  return leaves(params).filter(([key]) => pattern.test(key.split(".").at(-1)!.toLowerCase()));
}

function leaves(value: object, path = ""): [string, unknown][] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = path === "" ? key : `${path}.${key}`;
    return typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? leaves(inner, inside)
      : [[inside, inner] as [string, unknown]];
  });
}

/** Every fact that is not what the latest earlier submission that has it says. */
export function changedFacts(
  now: Facts,
  earlier: readonly { submission: string; facts: Facts }[],
): ReproducibilityChange[] {
  return Object.entries(now).flatMap(([fact, value]) => {
    const last = earlier.findLast(({ facts }) => fact in facts);
    const was = last?.facts[fact];
    if (last === undefined || was === undefined || was === value) return [];
    return [{ fact, was, now: value, submission: last.submission, effect: effectOf(fact) }];
  });
}

/** What a change of a fact does to results. */
export function effectOf(fact: string): string {
  return EFFECTS.find(([start]) => fact.startsWith(start))?.[1] ?? "it may change results";
}

/** What the original's users were told to do. */
export function checklistOf(
  { params, stages }: Pick<Experiment, "params" | "stages">,
  runs: readonly RunPoint[],
): ReproducibilityRecord["checklist"] {
  const has = (pattern: RegExp) => matching(params, pattern).map(([key]) => `params.${key}`);
  const item = (item: string, found: string[], without: string) => ({
    item,
    met: found.length > 0,
    why: found.length > 0 ? found.join(", ") : without,
  });
  const seeds = new Set(runs.flatMap(({ seed }) => seed ?? []));
  const trains = stages.some(({ resources: { gpus = 0 } }: Stage) => gpus > 0);
  return [
    ...trains
      ? [
        item("lock the global batch", has(GLOBAL_BATCH), "no parameter such as global_batch"),
        item("say the precision", has(PRECISION), "no parameter such as precision"),
        item("set deterministic flags", has(DETERMINISM), "no parameter such as deterministic"),
      ]
      : [],
    item("schedule by steps, not epochs", has(STEPS), "no parameter such as max_steps"),
    {
      item: "run at least 3 seeds",
      met: seeds.size >= 3,
      why: `${seeds.size} of this submission`,
    },
  ];
}
