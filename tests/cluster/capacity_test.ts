import { deepEqual, equal, ok } from "node:assert/strict";
import { capacities, clusterCapacities, freeNodes, isUsable } from "../../lib/cluster/capacity.ts";
import { parseQosLimits } from "../../lib/cluster/probes/limits.ts";
import { parseNodeUse } from "../../lib/cluster/probes/node_use.ts";
import { parseStanding } from "../../lib/cluster/probes/standing.ts";
import { resourceStatus } from "../../lib/manager/resources.ts";
import { machine } from "./machine.ts";

Deno.test("isUsable() leaves out what jobs cannot get", async (t) => {
  const table: [string, boolean][] = [
    ["idle", true],
    ["mixed", true],
    ["allocated", true],
    ["idle+cloud+powered_down", true],
    ["mixed+completing", true],
    ["idle+drain", false],
    ["mixed+drain", false],
    ["down", false],
    ["down+not_responding", false],
    ["idle+planned", false],
    ["mixed+planned", false],
    ["idle+reserved", false],
    ["mixed+maintenance", false],
    ["idle+reboot_requested", false],
    ["idle+powering_down", false],
    ["idle+not_responding", false],
    ["unknown", false],
    ["future", false],
  ];
  for (const [state, usable] of table) await t.step(state, () => equal(isUsable(state), usable));
});

const ROWS = [
  "gpu01|gpu|mixed|10/22/0/32|512000|12000|gpu:a100:4|gpu:a100:3(IDX:0-2)|a|",
  "gpu01|all|mixed|10/22/0/32|512000|12000|gpu:a100:4|gpu:a100:3(IDX:0-2)|a|",
  "gpu02|gpu|mixed+drain|1/0/31/32|512000|1000|gpu:a100:4|gpu:a100:1(IDX:0)|a|",
  "mig|gpu|idle|0/8/0/8|1000|0|gpu:1g.5gb:7(S:0),gpu:2g.10gb:2|gpu:1g.5gb:2(IDX:0-1),gpu:2g.10gb:0|b|",
  "plain|gpu|idle|0/8/0/8|1000|0|gpu:2|gpu:1(IDX:0)|b|",
  "quiet|gpu|idle|0/8/0/8|1000|0|gpu:h100:2|(null)|b|",
  "cpu|all|idle|0/8/0/8|1000|0|(null)|gpu:0|b|",
];

Deno.test("mixed nodes count by their free GPUs, drained ones not at all", () => {
  const nodes = parseNodeUse(`Welcome to the cluster!\n${ROWS.join("\n")}\n`)!;
  const free = freeNodes(nodes);
  const found = capacities(free).map((one) => [
    one.partition,
    one.gpuType,
    one.freeGpus,
    one.gpus,
    one.mostFreeGpus,
    one.usableNodes,
    one.nodes,
  ]);
  deepEqual(found, [
    ["all", "a100", 1, 4, 1, 1, 1],
    ["all", undefined, 0, 0, 0, 1, 1],
    ["gpu", "a100", 1, 8, 1, 1, 2],
    ["gpu", "1g.5gb", 5, 7, 5, 1, 1],
    ["gpu", undefined, 1, 2, 1, 1, 1],
    ["gpu", "2g.10gb", 2, 2, 2, 1, 1],
    // Slurm does not say what is used: nobody knows what is free
    ["gpu", "h100", null, 2, null, 1, 1],
  ]);
  equal(clusterCapacities(free).find(({ gpuType }) => gpuType === "a100")?.gpus, 8);
  equal(free[0]!.cpus, 22);
  equal(free[0]!.memory, 500000);
});

Deno.test("an answer that is no table is none", () => {
  equal(parseNodeUse("sinfo: Fehler\n"), undefined);
  equal(parseNodeUse("a|b|idle|what|1|0|x|y|z|\n"), undefined);
  deepEqual(parseNodeUse(""), []);
  equal(parseStanding("access denied\n", "alice"), undefined);
  deepEqual(parseQosLimits("q|cpu=8|gres/gpu=2||1-00:00:00\n"), [
    { name: "q", group: { cpu: 8 }, perUser: { "gres/gpu": 2 }, perJob: {}, maxWall: 86400 },
  ]);
});

Deno.test("10,000 nodes in three partitions are counted in less than a second, by one sinfo", async () => {
  const rows = Array.from(
    { length: 10_000 },
    (_, i) =>
      ["a", "b", "c"].map((partition) =>
        `n${i}|${partition}|mixed|${i % 32}/${32 - i % 32}/0/32|512000|${i}|gpu:a100:4(S:0-1)|` +
        `gpu:a100:${i % 5}(IDX:0-3)|rome,ib,f${i % 50}|\n`
      ).join(""),
  ).join("");
  const { runner, ran } = machine({ programs: { sinfo: { stdout: rows } } });
  const begun = performance.now();
  const status = await resourceStatus({ runner });
  const took = performance.now() - begun;
  ok(status.kind === "slurm");
  equal(status.total[0]!.nodes, 10_000);
  equal(status.total[0]!.freeGpus, 20_000);
  equal(ran.length, 1);
  ok(took < 1000, `${took} ms`);
  console.log(`10,000 nodes: ${Math.round(took)} ms`);
});

Deno.test("without Slurm: what this machine has", async () => {
  const programs = { "nvidia-smi": { stdout: "NVIDIA H200, 143771, 570.86.15\n" } };
  const status = await resourceStatus({ runner: machine({ programs }).runner });
  ok(status.kind === "machine");
  equal(status.machine.gpus.value!.length, 1);
  ok(status.machine.cpus >= 1);
});
