import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { AccessCell } from "../../lib/cluster/access.ts";
import { wrong } from "./doctor.ts";
import { labIsUp, LabUser } from "./lab.ts";

const ignore = !labIsUp;

Deno.test({ name: "info tells accounts, partitions and typed GPUs", ignore }, async () => {
  await using alice = await LabUser.login("alice");
  const found = JSON.parse((await alice.ok(["info", "--json"])).out);
  equal(found.cluster.value, "testcluster");
  equal(found.scratch.value, alice.scratch);
  equal(found.partitions.value.length, 6);
  const a100 = found.nodes.value.find((group: { partition: string }) => group.partition === "a100");
  deepEqual(a100.gpus, [{ type: "a100", count: 4 }]);
  const { out } = await alice.ok(["info"]);
  for (const title of ["Here", "Tools", "Storage", "Slurm", "Accounts", "Partitions", "Nodes"]) {
    ok(out.split("\n").includes(title), title);
  }
});

for (const name of ["alice", "bob", "mallory"]) {
  const title = `partitions: every cell of ${name}'s map is what sbatch says`;
  Deno.test({ name: title, ignore }, async () => {
    await using user = await LabUser.login(name);
    const { cells } = JSON.parse((await user.ok(["partitions", "--json", "--refresh"])).out) as {
      cells: AccessCell[];
    };
    ok(cells.length >= 6);
    for (const { partition, account, qos, access } of cells) {
      const options = [`--partition=${partition}`]
        .concat(account ? [`--account=${account}`] : [], qos ? [`--qos=${qos}`] : []);
      const { err } = await user.do(["sbatch", "--test-only", ...options, "--wrap=true"]);
      // a limit that others of this user have reached is no denial
      const denied = /Invalid (account|qos)/.test(err);
      if (!denied) match(err, /to start at|Limit/);
      equal(access, denied ? "denied" : "allowed", `${options.join(" ")}: ${err}`);
    }
    const vip = cells.some((cell) => cell.partition === "vip" && cell.access === "allowed");
    equal(vip, name === "alice");
  });
}

Deno.test({ name: "partitions: the second time from the project's cache", ignore }, async () => {
  await using alice = await LabUser.login("alice");
  const project = await alice.project();
  const ask = async () => JSON.parse((await alice.ok(["partitions", "--json"], project)).out);
  const first = await ask();
  equal(first.age, 0);
  const second = await ask();
  equal(second.asked, first.asked);
  match(
    (await alice.ok(["partitions"], project)).err,
    /alice on testcluster, asked (now|\d+ s ago)/,
  );
});

Deno.test({ name: "doctor: mallory has no association", ignore }, async () => {
  await using mallory = await LabUser.login("mallory");
  await using alice = await LabUser.login("alice");
  deepEqual(await wrong(alice), []);
  deepEqual(await wrong(mallory), ["account"]);
  const { out } = await mallory.run(["doctor"]);
  match(out, /wrong +account +mallory has no association on testcluster\n +hint: \S/);
});

Deno.test({ name: "doctor --probe: jobs that are too late are cancelled", ignore }, async () => {
  await using alice = await LabUser.login("alice");
  const late = await alice.run(["doctor", "--probe", "--json", "--partition=cpu", "--wait=0s"]);
  equal(late.code, 1);
  const told = JSON.parse(late.out).export;
  equal(told[0].why, "it did not run within 0 s");
  for (const { job } of told) {
    const { out } = await alice.do(["squeue", "--noheader", `--jobs=${job}`, "--format=%T"]);
    ok(!/PENDING|RUNNING/.test(out), out);
  }
  deepEqual([...Deno.readDirSync(alice.scratch)].map(({ name }) => name), []);
});

Deno.test(
  { name: "doctor --probe: what --export does, and nothing stays behind", ignore },
  async () => {
    await using alice = await LabUser.login("alice");
    const { out } = await alice.ok(["doctor", "--probe", "--json", "--partition=cpu"]);
    const isOld = (await alice.do(["sbatch", "--version"])).out.includes(" 22.05");
    // deno-lint-ignore no-explicit-any
    const told = JSON.parse(out).export.map(({ mode, batch, srun }: any) => ({
      mode,
      batch: Object.keys(batch).filter((key) => batch[key]),
      srun: Object.keys(srun).filter((key) => srun[key]),
    }));
    const all = ["variable", "HOME", "PATH", "USER", "SLURM_JOB_ID"];
    const login = ["HOME", "PATH", "USER", "SLURM_JOB_ID"];
    deepEqual(told, [
      { mode: "ALL", batch: all, srun: all },
      { mode: "NONE", batch: login, srun: ["SLURM_JOB_ID"] },
      // seen with 24.11: nothing of a login either
      { mode: "NIL", batch: isOld ? login : ["SLURM_JOB_ID"], srun: ["SLURM_JOB_ID"] },
    ]);
    deepEqual([...Deno.readDirSync(alice.scratch)].map(({ name }) => name), []);
  },
);

Deno.test(
  { name: "doctor --probe: jobs that cannot run are told and removed", ignore },
  async () => {
    await using alice = await LabUser.login("alice");
    const late = await alice.run(["doctor", "--probe", "--json", "--account=nosuch"]);
    equal(late.code, 1);
    match(JSON.parse(late.out).export[0].why, /Invalid account/);
    deepEqual([...Deno.readDirSync(alice.scratch)].map(({ name }) => name), []);
    const { out } = await alice.do(["squeue", "--noheader", "--me", "--format=%j %Z"]);
    const mine = out.split("\n").filter((line) => line.includes(alice.scratch));
    ok(!mine.join("\n").includes("expflow-probe-"), out);
  },
);
