import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { gatherSiteFacts } from "../../lib/cluster/site/facts.ts";
import { ProfileFinder } from "../../lib/cluster/site/find.ts";
import { identifySite, type SiteFacts } from "../../lib/cluster/site/identify.ts";
import { sourceOf } from "../../lib/cluster/site/profile.ts";
import { siteScratch } from "../../lib/cluster/site/scratch.ts";
import { ConfigError, NotFoundError } from "../../lib/core/errors.ts";
import type { Reply } from "../../lib/system/runner.ts";
import { SHIPPED } from "./site_requests.ts";

const ALL = SHIPPED.names().map((name) => SHIPPED.find(name));

function* leaves(value: object, path = ""): Generator<string> {
  for (const [key, inner] of Object.entries(value)) {
    const inside = path === "" ? key : `${path}.${key}`;
    if (typeof inner === "object" && !Array.isArray(inner)) yield* leaves(inner, inside);
    else yield inside;
  }
}

Deno.test("every value of a shipped profile says where it was seen, and nothing else does", () => {
  for (const { name, profile } of ALL) {
    const { sources, ...known } = profile;
    const keys = [...leaves(known)];
    const unsaid = keys.filter((key) => sourceOf(profile, key) === undefined && key !== "title");
    deepEqual(unsaid, [], name);
    const idle = Object.keys(sources!).filter((source) =>
      !keys.some((key) => key === source || key.startsWith(`${source}.`)) &&
      !(source === "gpu.types" && profile.gpu?.types)
    );
    deepEqual(idle, [], name);
  }
});

Deno.test("identifySite() tells sites", async (t) => {
  const none: SiteFacts = { env: {}, markers: {} };
  const cases: [string, Partial<SiteFacts>, string | undefined][] = [
    ["NERSC_HOST", { env: { NERSC_HOST: "perlmutter" } }, "perlmutter"],
    ["LMOD_SYSTEM_NAME of Frontier", { env: { LMOD_SYSTEM_NAME: "frontier" } }, "frontier"],
    ["LMOD_SYSTEM_NAME of Summit", { env: { LMOD_SYSTEM_NAME: "summit" } }, "summit"],
    ["LMOD_SYSTEM_NAME in any case", { env: { LMOD_SYSTEM_NAME: "delta" } }, "delta"],
    ["RCAC_CLUSTER", { env: { RCAC_CLUSTER: "anvil" } }, "anvil"],
    ["CC_CLUSTER", { env: { CC_CLUSTER: "narval" } }, "narval"],
    ["TACC_SYSTEM", { env: { TACC_SYSTEM: "vista" } }, "vista"],
    ["BSC_MACHINE", { env: { BSC_MACHINE: "mn5" } }, "marenostrum5"],
    ["SYSTEMNAME", { env: { SYSTEMNAME: "jupiter" } }, "jupiter"],
    ["a marker file", { markers: { "/etc/FZJ/systemname": "jurecadc\n" } }, "jureca"],
    ["a cluster in a job", { env: { SLURM_CLUSTER_NAME: "greene" } }, "greene"],
    ["ClusterName", { clusterName: "Leonardo" }, "leonardo"],
    ["Greene's login node", { fqdn: "log-3.hpc.nyu.edu" }, "greene"],
    ["Torch's login node", { fqdn: "torch-login2.hpc.nyu.edu" }, "torch"],
    ["Perlmutter's login node", { fqdn: "login07.perlmutter.nersc.gov" }, "perlmutter"],
    ["Frontier's login node", { fqdn: "login04.frontier.olcf.ornl.gov" }, "frontier"],
    ["Anvil's login node", { fqdn: "login03.anvil.rcac.purdue.edu" }, "anvil"],
    ["Expanse's login node", { fqdn: "login01.expanse.sdsc.edu" }, "expanse"],
    ["LUMI's login node", { fqdn: "uan02" }, "lumi"],
    ["MareNostrum's login node", { fqdn: "alogin1" }, "marenostrum5"],
    ["Leonardo's node", { fqdn: "lrdn1234.leonardo.local" }, "leonardo"],
    ["a node that two sites have", { fqdn: "nid001234" }, undefined],
    ["nothing", {}, undefined],
    ["an unknown cluster", { clusterName: "cluster", fqdn: "login1.example.org" }, undefined],
  ];
  for (const [name, facts, site] of cases) {
    await t.step(name, () => equal(identifySite({ ...none, ...facts }, ALL).value, site));
  }
});

Deno.test("identifySite() believes variables, then markers, the job, Slurm, and last the host", () => {
  const facts = {
    env: { NERSC_HOST: "perlmutter", SLURM_CLUSTER_NAME: "lumi" },
    markers: { "/etc/FZJ/systemname": "juwels" },
    clusterName: "greene",
    fqdn: "lrdn0001.leonardo.local",
  };
  const { NERSC_HOST: _, ...inJob } = facts.env;
  const steps: [SiteFacts, string, RegExp][] = [
    [facts, "perlmutter", /^\$NERSC_HOST is perlmutter$/],
    [{ ...facts, env: inJob }, "juwels", /^\/etc\/FZJ\/systemname is juwels$/],
    [{ ...facts, env: inJob, markers: {} }, "lumi", /^\$SLURM_CLUSTER_NAME is lumi$/],
    [{ ...facts, env: {}, markers: {} }, "greene", /^ClusterName of Slurm is greene$/],
    [{ env: {}, markers: {}, fqdn: facts.fqdn }, "leonardo", /^this host is lrdn0001/],
  ];
  for (const [given, site, source] of steps) {
    const found = identifySite(given, ALL);
    equal(found.value, site);
    match(found.source, source);
  }
});

Deno.test("gatherSiteFacts() leaves out what a probe does not say", async () => {
  const reply = { code: 0, stdout: "", stderr: "", timedOut: false };
  const replies: Record<string, Reply> = {
    scontrol: { ...reply, stdout: "Configuration data\nClusterName             = lab\n" },
    hostname: { ...reply, stdout: "half a na", timedOut: true },
  };
  const facts = await gatherSiteFacts({
    runner: { run: ({ argv }) => Promise.resolve(replies[argv[0]]!), detach: () => 0 },
    env: (name) => name === "NERSC_HOST" ? "x" : undefined,
    read: (path) => path === "/etc/FZJ/systemname" ? "juwels\n" : undefined,
  }, ALL);
  deepEqual([facts.clusterName, facts.fqdn, facts.env.NERSC_HOST, facts.markers], [
    "lab",
    undefined,
    "x",
    { "/etc/FZJ/systemname": "juwels\n" },
  ]);
});

/** Profiles of a project and of a user: folder/name → YAML. */
function finder(files: Record<string, string>): ProfileFinder & Disposable {
  const root = Deno.makeTempDirSync();
  for (const folder of ["project", "user"]) Deno.mkdirSync(join(root, folder));
  for (const [name, text] of Object.entries(files)) {
    Deno.writeTextFileSync(join(root, `${name}.yaml`), text);
  }
  const found = new ProfileFinder([join(root, "project"), join(root, "user")]);
  return Object.assign(found, {
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  });
}

Deno.test("ProfileFinder lays a user's profile over the one it extends", () => {
  using profiles = finder({
    "project/mine": "extends: greene\ngpu: {request: gpus-per-node}\naccount: {example: me}\n",
  });
  const { profile, origin } = profiles.find("mine");
  deepEqual([profile.gpu?.request, profile.gpu?.type], ["gpus-per-node", "request"]);
  equal(profile.flags?.gpu_mps?.line, "#GREENE GREENE_GPU_MPS=yes");
  match(sourceOf(profile, "gpu.request")!, /mine\.yaml:2:16$/);
  equal(sourceOf(profile, "gpu.type"), sourceOf(SHIPPED.find("greene").profile, "gpu"));
  match(origin, /project\/mine\.yaml$/);
  ok(profiles.names().includes("mine"));
});

Deno.test("ProfileFinder lets the project win over the user, and both over what is shipped", () => {
  using profiles = finder({
    "project/greene": "extends: greene\ntitle: project's\n",
    "user/greene": "extends: greene\ntitle: user's\nqos: [u]\n",
  });
  const { profile } = profiles.find("greene");
  deepEqual([profile.title, profile.qos, profile.gpu?.request], ["project's", ["u"], "gres"]);
});

Deno.test("ProfileFinder refuses profiles that are wrong", async (t) => {
  const cases: [string, string, RegExp][] = [
    ["an unknown key", "gpus: 1", /a\.yaml:1:1: Cannot use the key "gpus"/],
    ["an unknown syntax", "gpu: {request: gras}", /a\.yaml:1:16: .*expected gres, gpus-per-node/],
    ["a broken expression", "identify: {fqdn: ['(']}", /expected a regular expression/],
    ["a directive as comment", "flags: {gpu_mps: {line: '#SBATCH --uid=0'}}", /comment that/],
    ["a time that is none", "time_limits: [{time: soon}]", /expected a time/],
    ["a resource that is none", "required: [acount]", /expected a resource/],
    ["a variable with a command in it", "unset: ['a;id']", /name of a variable/],
    ["a name of a file", "extends: ../x", /Cannot extend \.\.\/x: there is no such site profile/],
    ["a base that is not there", "extends: gren", /Cannot extend gren/],
    ["itself", "extends: b", /it extends itself/],
    ["no YAML", "a: [", /a\.yaml:/],
  ];
  for (const [name, text, message] of cases) {
    await t.step(name, () => {
      using profiles = finder({ "project/a": text, "project/b": "extends: a\n" });
      throws(() => profiles.find("a"), (error) => {
        ok(error instanceof ConfigError && error.hint, String(error));
        match(error.message, message);
        return !error.message.includes("\n");
      });
    });
  }
  throws(() => SHIPPED.find("gren"), (error) => {
    ok(error instanceof NotFoundError);
    match(error.hint!, /did you mean "greene"/);
    return true;
  });
});

Deno.test("siteScratch() takes the site's variable, then its folder, if one can write there", () => {
  const own = "/expanse/lustre/scratch/al/temp_project";
  const ports = (env: Record<string, string>, folders: string[]) => ({
    user: "al",
    env: (name: string) => env[name],
    writable: (folder: string) => folders.includes(folder),
  });
  const [perlmutter, expanse] = ["perlmutter", "expanse"].map((name) => SHIPPED.find(name));
  deepEqual(siteScratch(perlmutter!, ports({ PSCRATCH: "/p", SCRATCH: "/s" }, ["/p", "/s"])), {
    value: "/p",
    source: "$PSCRATCH, as site perlmutter says",
  });
  equal(siteScratch(perlmutter!, ports({ PSCRATCH: "/p" }, [])), undefined);
  equal(siteScratch(expanse!, ports({}, [own]))?.value, own);
  equal(siteScratch(SHIPPED.find("generic"), ports({ SCRATCH: "/s" }, ["/s"])), undefined);
});
