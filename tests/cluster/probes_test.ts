import { deepEqual, equal, ok } from "node:assert/strict";
import { detectEnvironment } from "../../lib/cluster/detect.ts";
import { parseAccounts } from "../../lib/cluster/probes/accounts.ts";
import { nodeKinds, parseNodes } from "../../lib/cluster/probes/nodes.ts";
import { parsePartitions } from "../../lib/cluster/probes/partitions.ts";
import { parseGpuList, versionQuestion } from "../../lib/cluster/probes/tools.ts";
import { fixture, versions } from "../schedulers/slurm_fixtures.ts";
import { machine } from "./machine.ts";

Deno.test("nodeKinds() counts each node once, whatever partitions it is in", async (t) => {
  for (const version of versions) {
    await t.step(version, () => {
      const kinds = nodeKinds(parseNodes(fixture(version, "env-nodes").reply.stdout)!);
      deepEqual(kinds.map(({ count, gpus }) => [count, gpus[0]?.type, gpus[0]?.count]), [
        [2, "a100", 4],
        [1, "rtx8000", 8],
        [1, "h100", 2],
        [2, undefined, undefined],
        [2, undefined, undefined],
      ]);
    });
  }
});

// forms of other sites, after the manual of sinfo (%c and %m with a plus, hidden and typed GRES)
Deno.test("parseNodes() takes the forms of other sites, and leaves banners aside", () => {
  const text = [
    "*** Wartung am 24.12. ***",
    "gpu|3|mixed-|128+|515000+|gpu:a100:4(S:0-1),nvme:1T|a100,nvme|n[001-002,017]",
    "cpu|1|down*|64|N/A|N/A|(null)|a-1",
    "half|1|idle",
    "",
  ].join("\n");
  deepEqual(parseNodes(text), [{
    partition: "gpu",
    count: 3,
    state: "mixed-",
    cpus: 128,
    memory: 515000,
    gpus: [{ type: "a100", count: 4 }],
    features: ["a100", "nvme"],
    nodes: "n[001-002,017]",
  }, {
    partition: "cpu",
    count: 1,
    state: "down*",
    cpus: 64,
    memory: undefined,
    gpus: [],
    features: [],
    nodes: "a-1",
  }]);
});

Deno.test("tables: empty is none, a text without a row is no answer", async (t) => {
  const table: [string, (text: string) => unknown[] | undefined][] = [
    ["nodes", parseNodes],
    ["accounts", parseAccounts],
  ];
  for (const [name, parse] of table) {
    await t.step(name, () => {
      deepEqual(parse(""), []);
      equal(parse("sacctmgr : base de données injoignable\n"), undefined);
    });
  }
  await t.step("partitions", () => {
    equal(parsePartitions(""), undefined);
    equal(parsePartitions("PartitionName=cpu AllowGroups=ALL Allow"), undefined);
    deepEqual(parsePartitions("No partitions in the system\n"), []);
  });
});

Deno.test("parseAccounts() takes long names, federations and partitions of an association", () => {
  const long = "a".repeat(60);
  deepEqual(parseAccounts(`east|${long}||normal|normal|${long}\nwest|b|gpu|||${long}\n`), [{
    cluster: "east",
    account: long,
    partition: undefined,
    qos: ["normal"],
    defaultQos: "normal",
    isDefault: true,
  }, {
    cluster: "west",
    account: "b",
    partition: "gpu",
    qos: [],
    defaultQos: undefined,
    isDefault: false,
  }]);
});

Deno.test("parsePartitions() tells a limit from none and from one that was not said", () => {
  const line = (rest: string) => `PartitionName=p State=UP ${rest}\n`;
  const maxTimes = ["MaxTime=UNLIMITED", "MaxTime=1-00:00:00", "MaxTime=10:00", ""]
    .map((rest) => parsePartitions(line(rest))![0]!.maxTime);
  deepEqual(maxTimes, ["unlimited", 86400, 600, undefined]);
});

Deno.test("5,000 partitions and 5,000 accounts are read in less than a second", async () => {
  const many = Array.from({ length: 5000 }, (_, i) => i);
  const partitions = many.map((i) =>
    `PartitionName=p${i} AllowGroups=ALL AllowAccounts=${many.slice(0, 20).map((a) => `a${a}`)} ` +
    `AllowQos=ALL State=UP MaxTime=1-00:00:00 TotalNodes=1 Nodes=n${i}\n`
  );
  const programs = {
    sacctmgr: { stdout: many.map((i) => `c|a${i}||normal|normal|a1\n`).join("") },
    sinfo: {
      stdout: many.map((i) => `p${i}|2|idle|8|1000|gpu:${i % 9}|f|n[${i}-${i + 1}]\n`)
        .join(""),
    },
    scontrol: ({ argv }: { argv: string[] }) => ({
      stdout: argv.includes("partition") ? partitions.join("") : "ClusterName = c\n",
    }),
  };
  const begun = performance.now();
  const found = await detectEnvironment(machine({ programs }));
  const kinds = nodeKinds(found.nodes.value!);
  const took = performance.now() - begun;
  equal(found.partitions.value!.length, 5000);
  equal(found.accounts.value!.length, 5000);
  equal(kinds.length, 9);
  ok(took < 1000, `${took} ms`);
});

// forms after nvidia-smi's and the tools' own documentation: none of them is on our machines
Deno.test("versions and GPUs of tools that print more than a version", async (t) => {
  const table: [string, string | undefined][] = [
    ["git version 2.39.5\n", "git version 2.39.5"],
    ["apptainer version 1.3.4-1.el8\n", "apptainer version 1.3.4-1.el8"],
    ["conda 24.9.2\n", "conda 24.9.2"],
    ["WARNING: the cache is old\nuv 0.5.1 (f39)\n", "uv 0.5.1 (f39)"],
    ["slurm 23.11.10\n", "slurm 23.11.10"],
    ["1.5.8\n", "1.5.8"],
    ["command disabled by the administrators\n", undefined],
  ];
  const { parse } = versionQuestion(["x"]);
  for (const [text, version] of table) {
    await t.step(text.trim(), () => equal(parse(text), version));
  }
  deepEqual(parseGpuList("NVIDIA H200, 143771, 570.86.15\nNVIDIA H200, 143771, 570.86.15\n"), [
    { name: "NVIDIA H200", memory: 143771, driver: "570.86.15" },
    { name: "NVIDIA H200", memory: 143771, driver: "570.86.15" },
  ]);
  deepEqual(parseGpuList("No devices were found\n"), []);
  equal(parseGpuList("Failed to initialize NVML\n"), undefined);
});
