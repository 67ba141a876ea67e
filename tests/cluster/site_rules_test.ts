import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import type { NamedProfile } from "../../lib/cluster/site/identify.ts";
import type { SiteProfile } from "../../lib/cluster/site/profile.ts";
import { ConfigError } from "../../lib/core/errors.ts";
import type { Resources } from "../../lib/core/experiment.ts";
import { NOTHING } from "../script/harness.ts";
import { at, linesOf, SHIPPED } from "./site_requests.ts";

function site(profile: SiteProfile): NamedProfile {
  return { name: "here", profile };
}

Deno.test("applySite() writes what a site wants", async (t) => {
  const cases: [string, string | NamedProfile, Resources, string[]][] = [
    ["GPUs as gres", "greene", { gpus: 2, gpu_type: "a100" }, ["--gres=gpu:a100:2"]],
    ["a type in other letters", "greene", { gpus: 1, gpu_type: "RTX8000" }, [
      "--gres=gpu:rtx8000:1",
    ]],
    ["a type the profile does not know yet", "greene", { gpus: 1, gpu_type: "b300" }, [
      "--gres=gpu:b300:1",
    ]],
    ["the site's line for MPS", "greene", { gpus: 1, gpu_mps: true }, [
      "--gres=gpu:1",
      "#GREENE GREENE_GPU_MPS=yes",
    ]],
    ["a type as constraint", "torch", { account: "a", gpus: 1, gpu_type: "h200" }, [
      "--account=a",
      "--gres=gpu:1",
      "--constraint=h200",
    ]],
    ["the user's constraint as well", "torch", {
      account: "a",
      gpus: 1,
      gpu_type: "h200",
      constraint: "ib|roce",
    }, ["--account=a", "--gres=gpu:1", '--constraint="(ib|roce)&h200"']],
    ["all words of the comment, behind the user's own", "torch", {
      account: "a",
      comment: "my note",
      preemptible: true,
      requeue: true,
      gpu_mps: true,
      ram_disk: "1GB",
    }, [
      "--account=a",
      '--comment="my note;preemption=yes;requeue=true;gpu_mps=yes;ram_disk=1GB"',
      "--requeue",
    ]],
    ["a word that the user's comment has already", "torch", {
      account: "a",
      comment: "preemption=no;x",
      preemptible: true,
    }, ["--account=a", '--comment="preemption=no;x"']],
    ["an account for GPUs", "perlmutter", { account: "m1", gpus: 4 }, [
      "--account=m1_g",
      "--qos=regular",
      "--gpus-per-node=4",
      "--constraint=gpu",
    ]],
    ["the same account without GPUs", "perlmutter", { account: "m1_g", mem: "9G" }, [
      "--account=m1",
      "--qos=regular",
      "--constraint=cpu",
    ]],
    ["a finer type of nodes", "perlmutter", { account: "m1", gpus: 4, gpu_type: "a100-80gb" }, [
      "--account=m1_g",
      "--qos=regular",
      "--gpus-per-node=4",
      '--constraint="gpu&hbm80g"',
    ]],
    ["a QOS that means preemption, in the place of the usual one", "perlmutter", {
      account: "m1",
      preemptible: true,
    }, ["--account=m1", "--qos=preempt", "--constraint=cpu"]],
    ["an account by partition", "delta", { account: "bbka", gpus: 1, partition: "gpuA40x4" }, [
      "--partition=gpuA40x4",
      "--account=bbka-delta-gpu",
      "--gpus-per-node=1",
    ]],
    ["the other account of the project", "delta", { account: "bbka-delta-gpu" }, [
      "--partition=cpu",
      "--account=bbka-delta-cpu",
    ]],
    ["a preemptible partition's account", "delta", {
      account: "bbka",
      gpus: 8,
      partition: "gpuA100x8",
      gpu_type: "a100",
    }, ["--partition=gpuA100x8", "--account=bbka-delta-gpu", "--gpus-per-node=8"]],
    ["GPUs in all, where the site counts so", "expanse", { account: "a", gpus: 2, nodes: 3 }, [
      "--partition=gpu-shared",
      "--account=a",
      "--nodes=3",
      "--gpus=6",
    ]],
    ["one node, where the site counts GPUs in all", "expanse", { account: "a", gpus: 2 }, [
      "--partition=gpu-shared",
      "--account=a",
      "--nodes=1",
      "--gpus=2",
    ]],
    ["nothing on GPUs, where there are none", "expanse", { account: "a", gpus: 0 }, [
      "--partition=shared",
      "--account=a",
    ]],
    ["CPUs that go with GPUs", "marenostrum5", { account: "a", qos: "acc_debug", gpus: 2 }, [
      "--partition=acc",
      "--account=a",
      "--qos=acc_debug",
      "--cpus-per-task=40",
      "--gres=gpu:2",
    ]],
    ["the user's number of CPUs", "marenostrum5", {
      account: "a",
      qos: "acc_debug",
      gpus: 2,
      cpus_per_task: 8,
    }, [
      "--partition=acc",
      "--account=a",
      "--qos=acc_debug",
      "--cpus-per-task=8",
      "--gres=gpu:2",
    ]],
    ["GPUs that the partition implies", "vista", { time: "1h", gpus: 1, ntasks: 2 }, [
      "--partition=gh",
      "--time=01:00:00",
      "--nodes=1",
      "--ntasks=2",
    ]],
    ["no memory where sbatch takes none", "frontera", { time: "1h", mem: "9G" }, [
      "--partition=normal",
      "--time=01:00:00",
      "--nodes=1",
      "--ntasks-per-node=1",
    ]],
    ["the longest time of a larger job", "frontier", { account: "a", time: "12h", nodes: 184 }, [
      "--partition=batch",
      "--account=a",
      "--time=12:00:00",
      "--nodes=184",
    ]],
    [
      "further options, but for those the user has",
      site({ sbatch: ["--hint=nomultithread", "--contiguous"] }),
      { sbatch: ["--hint=compute_bound"] },
      ["--hint=compute_bound", "--contiguous"],
    ],
    ["defaults of a user's profile", site({ defaults: { time: 90, exclusive: true } }), {}, [
      "--time=01:30:00",
      "--exclusive",
    ]],
  ];
  for (const [name, where, resources, lines] of cases) {
    await t.step(name, () => {
      const wanted = lines.map((line) => line.startsWith("#") ? line : `#SBATCH ${line}`);
      deepEqual(linesOf(at(where, resources)), wanted);
    });
  }
});

Deno.test("applySite() refuses what cannot be, in one line with a hint", async (t) => {
  const cases: [string, string | NamedProfile, Resources, RegExp, RegExp][] = [
    ["LSF", "summit", {}, /at summit: its scheduler is LSF, expected Slurm$/, /Slurm only/],
    ["no account", "torch", { gpus: 1 }, /found no account/, /`my_slurm_accounts` lists yours/],
    ["no QOS", site({ required: ["qos"], qos: ["acc_debug"] }), {}, /found no qos/, /acc_debug/],
    ["no time", "vista", {}, /found no time/, /resources.time/],
    [
      "too long for so few nodes",
      "frontier",
      { account: "a", time: "6h", nodes: 91 },
      /ask for 06:00:00 at frontier: jobs of 91 nodes get 02:00:00 at most/,
      /time: "02:00:00"/,
    ],
    ["no limit at all", "frontier", { account: "a", time: "unlimited" }, /UNLIMITED/, /time/],
    ["nodes by name", "vista", { nodelist: "c1" }, /set resources.nodelist/, /take/],
    [
      "a forbidden partition",
      site({ forbidden: ["partition"] }),
      { partition: "gpu" },
      /may not name it, found gpu/,
      /take resources.partition out/,
    ],
    [
      "more GPUs than a node has",
      "vista",
      { time: "1h", gpus: 4 },
      /nodes in gh have 1/,
      /gpus: 1 and nodes: 4/,
    ],
    [
      "more GPUs than nodes of the type have",
      "torch",
      { account: "a", gpus: 8, gpu_type: "l40s" },
      /nodes have 4/,
      /gpus: 4 and nodes: 2/,
    ],
    [
      "a type the site has not",
      "delta",
      { account: "a", gpus: 1, gpu_type: "h20" },
      /GPUs of type h20 at delta: its profile has a100/,
      /did you mean "h200"/,
    ],
    [
      "MPS where nobody knows how",
      "generic",
      { gpu_mps: true },
      /use gpu_mps at generic/,
      /expflow sites/,
    ],
    ["preemption where nobody knows how", "greene", { preemptible: true }, /greene/, /take/],
  ];
  for (const [name, where, resources, message, hint] of cases) {
    await t.step(name, () => {
      throws(() => at(where, resources), (error) => {
        ok(error instanceof ConfigError);
        match(error.message, message);
        match(error.hint!, hint);
        return !error.message.includes("\n");
      });
    });
  }
});

Deno.test("applySite() warns of what a site does not like, and does it", () => {
  const draft = at("torch", { account: "a", partition: "h200_cds" });
  deepEqual(draft.warnings, ["site torch: jobs had better not name a partition (h200_cds)"]);
  deepEqual(linesOf(draft), ["#SBATCH --partition=h200_cds", "#SBATCH --account=a"]);
});

Deno.test("applySite() leaves to Slurm what nobody has verified, with a warning", () => {
  const draft = at("lonestar6", { time: "1h", gpus: 4, gpu_type: "a100" });
  deepEqual(draft.warnings, [
    "perhaps you cannot ask for 4 GPUs a node at lonestar6: its nodes in gpu-a100 have 3 " +
    "(nobody has verified gpu.types.a100.per_node: Slurm decides)",
  ]);
  match(at("anvil", {}).warnings.join(), /found no account, expected one \(nobody/);
});

Deno.test("applySite() says which key of the profile changed what", () => {
  deepEqual(at("perlmutter", { account: "m1", mem: "1G" }).changes, [
    { key: "resources.mem", value: undefined, was: "1G", rule: "omit" },
    { key: "resources.qos", value: "regular", was: undefined, rule: "defaults.qos" },
    { key: "resources.constraint", value: "cpu", was: undefined, rule: "cpu.constraint" },
  ]);
});

Deno.test("applySite() sets variables that the user did not", () => {
  const own = { WANDB_MODE: "online" };
  equal(at("juwels", { account: "a" }).environment.env.WANDB_MODE, "offline");
  equal(at("juwels", { account: "a" }, { env: own }).environment.env.WANDB_MODE, "online");
  equal(at("anvil", { account: "a" }).environment.env.SLURM_MPI_TYPE, "pmi2");
});

Deno.test("applySite() finds the site's images and overlays, and sources its hook", () => {
  const container = {
    image: "site:cuda.sif",
    overlays: ["site:o.ext3:ro", "/o/b.ext3"],
    binds: [],
  };
  const { environment } = at("greene", {}, { container, setup: ["true"] });
  deepEqual(environment.container, {
    image: "/scratch/work/public/singularity/cuda.sif",
    overlays: ["/scratch/work/public/overlay-fs-ext3/o.ext3:ro", "/o/b.ext3"],
    binds: [],
  });
  deepEqual(environment.setup, [
    "if [[ -r /ext3/env.sh ]]; then source /ext3/env.sh || exit; fi",
    "true",
  ]);
  const plain = { image: "/i.sif", overlays: [], binds: [] };
  deepEqual(at("greene", {}, { container: plain }).environment.setup, []);
  equal(at("lumi", { account: "a" }, { container: plain }).environment.container?.nv, false);
  equal(
    at("narval", {}, { container: plain }).environment.container?.runtime,
    "apptainer",
  );
  throws(() => at("generic", {}, { container }), /Cannot use site:cuda.sif at generic/);
});

const requests: fc.Arbitrary<Resources> = fc.record({
  gpus: fc.integer({ min: 0, max: 8 }),
  gpu_type: fc.constantFrom("a100", "h100", "h200", "gh200", "mi250x", "v100"),
  nodes: fc.integer({ min: 1, max: 200 }),
  ntasks: fc.integer({ min: 1, max: 8 }),
  cpus_per_task: fc.integer({ min: 1, max: 8 }),
  time: fc.constantFrom("1h", "2h", "24h", "3-00:00:00"),
  mem: fc.constantFrom("1G", "64G"),
  account: fc.constantFrom("proj", "m1_g", "bbka-delta-cpu"),
  partition: fc.constantFrom("gpu", "gpuA100x4", "cpu"),
  constraint: fc.constantFrom("ib", "a|b", "gpu"),
  comment: fc.constantFrom("note", "requeue=false"),
  requeue: fc.boolean(),
}, { requiredKeys: [] });

Deno.test("applySite() leaves everything alone at a generic site", () => {
  fc.assert(fc.property(requests, (resources) => {
    const draft = at("generic", resources);
    deepEqual([draft.resources, draft.environment, draft.changes], [resources, NOTHING, []]);
  }));
});

Deno.test("applySite() of what a site wants changes nothing more", () => {
  let applied = 0;
  fc.assert(
    fc.property(fc.constantFrom(...SHIPPED.names()), requests, (name, resources) => {
      try {
        const once = at(name, resources);
        deepEqual(at(name, once.resources, once.environment).resources, once.resources);
        applied++;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
  ok(applied > 300, `only ${applied} requests were possible`);
});
