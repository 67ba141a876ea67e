import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "./harness.ts";

Deno.test("render --site writes for that site, and says what its profile changed", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const sets = ["gpus=4", "gpu_type=a100", "time=24h", "mem=64G", "account=m1"]
    .flatMap((set) => ["--set", `resources.${set}`]);
  await box.ok(["new", "exp", "--template", "baseline", ...sets], { cwd });
  const plain = await box.ok(["render", "exp"], { cwd });
  match(plain.out, /--gres=gpu:a100:4/);
  equal(plain.err, "");

  const { out, err } = await box.ok(["render", "exp", "--site", "perlmutter"], { cwd });
  match(out, /--account=m1_g\n/);
  match(out, /--gpus-per-node=4\n/);
  ok(!out.includes("--mem="));
  match(err, /note: stages\.train\.resources\.account = m1_g, was m1 +\(site perlmutter, account/);
  match(err, /note: stages\.train\.resources\.mem is left out, was 64G/);

  const shown = await box.ok(["show", "exp", "--site", "perlmutter", "--provenance"], { cwd });
  match(shown.out, /stages\.train\.resources\.account +"m1_g" +site perlmutter, account\.suffixes/);

  const dry = await box.ok(["submit", "exp", "--site", "delta", "--dry-run", "--json"], { cwd });
  const { plan } = JSON.parse(dry.out);
  ok(plan.decisions.some((line: string) => line.includes("bbka") || line.includes("m1-delta-gpu")));
  equal(plan.config.stages[0].resources.partition, "gpuA100x4");
  match(dry.err, /note: .*partition = gpuA100x4/);

  const refused = await box.run(["render", "exp", "--site", "summit"], { cwd });
  deepEqual([refused.code, refused.out], [3, ""]);
  match(
    refused.err,
    /^error: Cannot submit at summit: its scheduler is LSF, expected Slurm\nhint: /,
  );
  const unknown = await box.run(["render", "exp", "--site", "torsh"], { cwd });
  equal(unknown.code, 4);
  match(unknown.err, /did you mean "torch"/);
  const warned = await box.ok(["show", "exp", "--site", "summit"], { cwd });
  match(warned.err, /^warning: Cannot submit at summit/);
});

Deno.test("a project's site is detected, and may be a profile of the user's own", async () => {
  await using box = new Sandbox();
  const sites = join(box.env.HOME!, ".config/expflow/sites");
  Deno.mkdirSync(sites, { recursive: true });
  Deno.writeTextFileSync(
    join(sites, "ours.yaml"),
    "extends: greene\ntitle: Ours\nidentify: {env: {OUR_CLUSTER: [big]}}\nrequired: [account]\n",
  );
  box.env.OUR_CLUSTER = "Big";
  const cwd = await box.project();
  match(
    Deno.readTextFileSync(join(cwd, ".hpc_config.yaml")),
    /^site: ours +# \$OUR_CLUSTER is Big$/m,
  );
  const { here, sites: all } = JSON.parse((await box.ok(["sites", "--json"], { cwd })).out);
  deepEqual(here, { value: "ours", source: "$OUR_CLUSTER is Big" });
  ok(
    all.some(({ name, origin }: { name: string; origin: string }) =>
      name === "ours" && origin === join(sites, "ours.yaml")
    ),
  );
  const known = await box.ok(["sites", "ours"], { cwd });
  match(known.out, /^required +.*ours\.yaml:4:\d+ +account$/m);

  await box.ok(["new", "exp", "--template", "baseline", "--set", "resources.gpus=1"], { cwd });
  equal((await box.ok(["render", "exp"], { cwd })).err, "", "the local scheduler has no site");
  const refused = await box.run(["render", "exp", "--site", "ours"], { cwd });
  match(refused.err, /^error: Cannot submit at ours: found no account/);
});

Deno.test("init makes a project although a site profile of the user's is wrong", async () => {
  await using box = new Sandbox();
  const sites = join(box.env.HOME!, ".config/expflow/sites");
  Deno.mkdirSync(sites, { recursive: true });
  Deno.writeTextFileSync(join(sites, "ours.yaml"), "gpus: 4\n");
  const cwd = await box.project();
  const config = Deno.readTextFileSync(join(cwd, ".hpc_config.yaml"));
  match(config, /^site: generic +# not told: .*ours\.yaml:1:1: Cannot use the key "gpus"/m);
  const told = await box.run(["sites"], { cwd });
  equal(told.code, 3);
  match(told.err, /^error: .*ours\.yaml:1:1: Cannot use the key "gpus"/);
});
