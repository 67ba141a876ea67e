import { equal, match } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

const PROFILE = `
title: the lab, with what other sites ask for
gpu:
  request: gpus-per-node
  type: constraint
  types: {a100: {constraint: a100, per_node: 4}}
  constraint: gpu
  partition: gpu
account:
  suffixes: [{suffix: hep, gpus: true}]
required: [account]
omit: [mem]
defaults: {nodes: 1}
flags: {gpu_mps: {comment: gpu_mps=yes}}
unset: [OLDPWD]
tmp: [FAST_FOLDER_THAT_IS_NOT_THERE]
`;

const EXPERIMENT = `
command: scontrol show job "$SLURM_JOB_ID" >job.txt; scontrol -d show job "$SLURM_JOB_ID" >>job.txt
workdir: WORK
snapshot: false
resources: {account: hep, gpus: 2, gpu_type: A100, time: 5m, mem: 100M, comment: mine, gpu_mps: true}
`;

Deno.test({
  name: "a profile of the project's own is what real Slurm is asked for",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    await alice.do(["mkdir", join(project, "site_profiles")]);
    const file = join(project, "site_profiles", "lab.yaml");
    Deno.writeTextFileSync(file, PROFILE);
    alice.write(project, "exp", EXPERIMENT.replace("WORK", alice.scratch));
    await alice.ok(["config", "set", "site", "lab"], project);
    const { err } = await alice.ok(["submit", "exp", "--wait"], project);
    equal(err.includes("error"), false, err);
    const job = Deno.readTextFileSync(join(alice.scratch, "job.txt"));
    match(job, /Partition=gpu /);
    match(job, /Features=gpu&a100 /);
    match(job, /TresPerNode=gres:gpu:2/);
    match(job, /Comment=mine;gpu_mps=yes/);
  },
});

Deno.test({
  name: "a generic site asks for a type of GPU as sinfo lists it",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    alice.write(
      project,
      "exp",
      "command: 'true'\nsnapshot: false\n" +
        "resources: {gpus: 1, gpu_type: A100, partition: gpu, time: 5m, mem: 100M}\n",
    );
    const { out, err } = await alice.ok(["render", "exp"], project);
    match(out, /--gres=gpu:a100:1\n/);
    match(err, /gpu_type = a100, was A100 {2}\(site generic, the GPUs that sinfo lists\)/);
    await alice.ok(["submit", "exp"], project);
    const { places } = JSON.parse(
      (await alice.ok(["advise", "--gpus", "1", "--gpu-type", "A100", "--time", "5m", "--json"]))
        .out,
    );
    equal(places[0].resources.gpu_type, "a100");
  },
});

Deno.test({
  name: "sbatch --export is as the site's profile says, unless the project says otherwise",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    await alice.do(["mkdir", join(project, "site_profiles")]);
    Deno.writeTextFileSync(join(project, "site_profiles", "lab.yaml"), "export: [MY_DATA]\n");
    alice.write(project, "exp", "command: 'true'\nsnapshot: false\nresources: {time: 5m}\n");
    await alice.ok(["config", "set", "site", "lab"], project);
    const log = join(alice.scratch, "argv");
    const path = alice.pathWith("sbatch", `echo "$*" >>${log}\nexec /usr/bin/sbatch "$@"\n`);
    const exported = async () => {
      const { err } = await alice.ok(["submit", "exp", "--force"], project, path);
      const lines = Deno.readTextFileSync(log).trim().split("\n");
      return [
        /--export=(\S+)/.exec(lines.findLast((line) => !line.startsWith("--version"))!)![1],
        err,
      ];
    };
    const [site, told] = await exported();
    equal(site, "MY_DATA");
    match(told!, /slurm\.export = MY_DATA, was NONE {2}\(site lab, export \(S: /);
    await alice.ok(["config", "set", "slurm.export", "NIL"], project);
    equal((await exported())[0], "NIL");
  },
});
