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
