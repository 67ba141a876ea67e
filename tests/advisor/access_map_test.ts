import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { accessMap } from "../../lib/advisor/access_cache.ts";
import { askAccessMap } from "../../lib/advisor/access_map.ts";
import { SchedulerError } from "../../lib/core/errors.ts";
import type { Command } from "../../lib/system/runner.ts";
import { type Answers, machine } from "../cluster/machine.ts";

const INVALID = "allocation failure: Invalid account or account/partition combination specified\n";
const START =
  "sbatch: Job 17 to start at 1795318078 using 1 processors on nodes a in partition p\n";

/** A cluster with so many partitions that let in one account, which is not alice's. */
function cluster(partitions: number, sbatch: Answers[string]): Answers {
  const lines = Array.from(
    { length: partitions },
    (_, i) => `PartitionName=p${i} AllowAccounts=x AllowQos=ALL AllowGroups=ALL State=UP\n`,
  );
  return {
    scontrol: ({ argv }: Command) => ({
      stdout: argv.includes("partition")
        ? lines.join("")
        : "ClusterName = c\nAccountingStorageEnforce = associations\n",
    }),
    sacctmgr: { stdout: "c|astro||normal,high|normal|astro\n" },
    id: { stdout: "users\n" },
    sbatch,
  };
}

const env = { USER: "alice", HOME: "/home/alice" };

Deno.test("what lists leave open is asked of Slurm: once an account, never more than 4 at once", async () => {
  const ports = machine({ env, slow: 5, programs: cluster(40, { stderr: START }) });
  const { cells } = await askAccessMap(ports, 0);
  const asked = ports.ran.filter(([program]) => program === "sbatch");
  equal(asked.length, 40);
  equal(ports.atOnce.get("sbatch"), 4);
  ok(asked.every((argv) => argv.includes("--test-only") && argv.includes("--account=astro")));
  deepEqual([cells.length, cells.filter(({ access }) => access === "allowed").length], [80, 80]);
  equal(cells[0]!.source, "sbatch --test-only");
});

Deno.test("no more than 100 questions; what was not asked is unknown and says so", async () => {
  const ports = machine({ env, programs: cluster(130, { code: 1, stderr: INVALID }) });
  const { cells } = await askAccessMap(ports, 0);
  equal(ports.ran.filter(([program]) => program === "sbatch").length, 100);
  const unknown = cells.filter(({ access }) => access === "unknown");
  equal(unknown.length, 60);
  match(unknown[0]!.reason, /Slurm was not asked, as more than 100 are open/);
});

Deno.test("a controller that is silent is not asked again and again", async () => {
  const ports = machine({ env, slow: 5, programs: cluster(40, { code: 137, timedOut: true }) });
  const { cells } = await askAccessMap(ports, 0);
  equal(ports.ran.filter(([program]) => program === "sbatch").length, 4);
  ok(cells.every(({ access, reason }) => access === "unknown" && /no answer/.test(reason)));
});

Deno.test("Slurm's answers: denied is only what is about account, QOS or user", async (t) => {
  const table: [string, Answers[string], string[]][] = [
    ["taken", { stderr: START }, ["allowed", "allowed"]],
    ["the account", { code: 1, stderr: INVALID }, ["denied", "denied"]],
    ["the QOS that was asked for", {
      code: 1,
      stderr: "allocation failure: Invalid qos specification\n",
    }, ["denied", "unknown"]],
    ["the job", {
      code: 1,
      stderr: "allocation failure: Requested node configuration is not available\n",
    }, ["unknown", "unknown"]],
    ["a rule of the site", {
      code: 1,
      stderr: "sbatch: error: ask for a GPU\nallocation failure: Unspecified error\n",
    }, ["unknown", "unknown"]],
    ["no answer", { code: 137, timedOut: true }, ["unknown", "unknown"]],
    ["no controller", {
      code: 1,
      stderr: "allocation failure: Unable to contact slurm controller (connect failure)\n",
    }, ["unknown", "unknown"]],
  ];
  for (const [name, sbatch, expected] of table) {
    await t.step(name, async () => {
      const ports = machine({ env, programs: cluster(1, sbatch) });
      const { cells } = await askAccessMap(ports, 0);
      deepEqual(cells.map(({ access }) => access), expected, JSON.stringify(cells));
    });
  }
});

Deno.test("the map is kept for an hour, and an old one is better than none", async () => {
  const folder = Deno.makeTempDirSync();
  let now = 1_000_000_000;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const programs = cluster(2, { stderr: START });
  const ports = machine({ env, programs });
  const ask = (refresh = false) => accessMap({ ports, clock, folder, refresh });
  equal((await ask()).age, 0);
  const first = ports.ran.length;
  now += 90_000;
  deepEqual([(await ask()).age, ports.ran.length], [90, first]);
  await ask(true);
  equal(ports.ran.length, 2 * first);
  now += 3_600_000;
  programs.scontrol = { code: 1, stderr: "scontrol: error: Unable to contact slurm controller\n" };
  const old = await ask();
  deepEqual([old.age, old.map.cells.length], [3600, 4]);
  match(old.failure!, /Unable to contact slurm controller/);
  const [name] = [...Deno.readDirSync(folder)].map((entry) => entry.name);
  Deno.writeTextFileSync(`${folder}/${name}`, '{"cells":');
  await rejects(ask(), SchedulerError);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a map with questions open is not kept", async () => {
  const folder = Deno.makeTempDirSync();
  const programs = { ...cluster(1, { stderr: START }), id: { code: 1 } };
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const { map } = await accessMap({ ports: machine({ env, programs }), clock, folder });
  deepEqual(map.unknown, ["id -Gn: exit code 1 without a word"]);
  deepEqual([...Deno.readDirSync(folder)], []);
  Deno.removeSync(folder);
});
