import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { askAccessMap } from "../../lib/advisor/access_map.ts";
import { adviseOnSlurm, type SlurmAdvice } from "../../lib/advisor/advise.ts";
import type { AdviceRequest } from "../../lib/advisor/request.ts";
import { resourceDirectives } from "../../lib/script/directives.ts";
import type { Command, Reply } from "../../lib/system/runner.ts";
import { advising } from "../cluster/advising.ts";
import { type Answers, machine } from "../cluster/machine.ts";
import { versions } from "../schedulers/slurm_fixtures.ts";

type Given = Partial<Reply>;
type Spoil = (said: Given, command: Command) => Given;

const HANGS: Given = { code: 137, timedOut: true, stdout: "", stderr: "" };
const env = { USER: "alice", HOME: "/home/alice" };
const clock = { now: () => 1_795_332_000_000, sleep: () => Promise.resolve() };

/** The lab's answers, some of them spoilt. */
function spoilt(version: string, spoil: Record<string, Spoil>): Answers {
  return Object.fromEntries(
    Object.entries(advising(version)).map(([program, answer]) => [
      program,
      (command: Command) => {
        const said = typeof answer === "function" ? answer(command) : answer;
        return (spoil[program] ?? ((same) => same))(said, command);
      },
    ]),
  );
}

async function advise(
  programs: Answers,
  request: Partial<AdviceRequest> = {},
): Promise<SlurmAdvice> {
  const folder = Deno.makeTempDirSync();
  try {
    const advice = await adviseOnSlurm(
      { resources: { time: "5m" }, gpus: 2, ...request },
      {
        ports: machine({ env, programs }),
        clock,
        folder,
        directives: (resources) => resourceDirectives(resources),
      },
    );
    return advice!;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function told({ places, rejected }: SlurmAdvice) {
  return { places: places.map(({ resources, score }) => [resources, score]), rejected };
}

for (const version of versions) {
  Deno.test(`bad answers: ${version}`, async (t) => {
    const right = await advise(spoilt(version, {}));
    ok(right.places.length > 2);

    await t.step("a banner before each answer changes nothing", async () => {
      const banner: Spoil = (said) => ({
        ...said,
        stdout:
          `*** Maintenance on 24.12. ***\nUse of this system | is monitored\n\n${said.stdout}`,
      });
      const advice = await advise(
        spoilt(version, { sinfo: banner, sacctmgr: banner, sacct: banner, scontrol: banner }),
      );
      deepEqual(told(advice), told(right));
      deepEqual(advice.unknown, []);
    });

    await t.step(
      "one that hangs: what it would have said is unknown, the rest stands",
      async () => {
        for (const program of ["sacct", "sacctmgr"]) {
          const advice = await advise(spoilt(version, { [program]: () => HANGS }));
          ok(advice.places.length > 0, program);
          match(advice.unknown.join("\n"), /no answer in 15 s/);
        }
      },
    );

    await t.step("a part of scontrol that hangs, or is cut", async () => {
      const only = (word: string, answer: (said: Given) => Given): Spoil => (said, { argv }) =>
        argv.includes(word) ? answer(said) : said;
      const cut = (said: Given) => ({ ...said, stdout: said.stdout!.slice(0, 3000) });
      for (const answer of [() => HANGS, cut]) {
        const advice = await advise(spoilt(version, { scontrol: only("assoc_mgr", answer) }));
        equal(advice.places.length, right.places.length);
        match(advice.unknown.join(), /scontrol show assoc_mgr: /);
        ok(advice.places.every(({ fairshare }) => fairshare === undefined));
        const parts = spoilt(version, { scontrol: only("partition", answer) });
        await rejects(advise(parts), /Cannot (map the partitions|advise): scontrol show partition/);
      }
    });

    await t.step("nodes that are cut are no nodes", async () => {
      const cut: Spoil = (said) => ({ ...said, stdout: said.stdout!.trimEnd().slice(0, -20) });
      await rejects(advise(spoilt(version, { sinfo: cut })), /sinfo --Node: its answer was cut/);
      await rejects(advise(spoilt(version, { sinfo: () => HANGS })), /no answer in 15 s/);
    });

    await t.step("a language that nobody reads: unknown, and never denied for that", async () => {
      const french: Spoil = () => ({ stdout: "", stderr: "sacctmgr : erreur réseau\n", code: 1 });
      const advice = await advise(spoilt(version, { sacctmgr: french }));
      match(advice.unknown.join(), /sacctmgr show user alice withassoc: sacctmgr : erreur réseau/);
      ok(!advice.rejected.some(({ reason }) => /association/.test(reason)));
    });

    await t.step("an account of 60 characters is whole everywhere", async () => {
      const long = `pr_${"x".repeat(57)}`;
      const renamed: Spoil = (said) => ({
        ...said,
        stdout: said.stdout!.replaceAll("|astro", `|${long}`),
      });
      const ports = spoilt(version, { sacctmgr: renamed });
      const { places } = await advise(ports, { resources: { time: "5m", account: long } });
      ok(places.length > 0);
      for (const { resources } of places) {
        equal(resources.account, long);
        ok(resourceDirectives(resources).includes(`#SBATCH --account=${long}`));
      }
    });

    await t.step("associations on another cluster of a federation do not count", async () => {
      const moved: Spoil = (said) => ({
        ...said,
        stdout: said.stdout!.replaceAll(/^testcluster\|/gm, "elsewhere|"),
      });
      const advice = await advise(spoilt(version, { sacctmgr: moved }));
      deepEqual(advice.places, []);
      match(advice.rejected[0]!.reason, /no association on testcluster/);
    });
  });
}

Deno.test("slices of GPUs and counts with suffixes are places of their own", async () => {
  const gres = "gpu:a100_3g.20gb:4(S:0-1),gpu:1g.5gb:7(S:0)";
  const sinfo: Spoil = () => ({
    stdout: `n1|gpu|idle|0/32/0/32|512000|0|${gres}|gpu:a100_3g.20gb:1(IDX:0),gpu:1g.5gb:0|x|\n` +
      "n2|gpu|idle|0/32/0/32|512000|0|gpu:1K(S:0-1),craynetwork:4|gpu:0|x|\n" +
      "n3|gpu|idle|0/32/0/32|512000|N/A|(null)|N/A|x|\n",
  });
  const programs = spoilt(versions[0]!, { sinfo });
  const { places } = await advise(programs, { resources: { time: "5m", partition: "gpu" } });
  const types = places.filter(({ nodes }) => nodes === 1).map(({ resources }) =>
    resources.gpu_type
  );
  deepEqual(types.sort(), ["1g.5gb", "a100_3g.20gb", undefined]);
  const lines = places.flatMap(({ resources }) => resourceDirectives(resources));
  ok(lines.includes("#SBATCH --gres=gpu:a100_3g.20gb:2"), lines.join());
  const many = await advise(programs, { gpus: 1000, resources: { partition: "gpu" } });
  deepEqual(many.places.map(({ gpusPerNode }) => gpusPerNode), [1000]);
});

Deno.test("5,000 pairs of partition and account: 100 questions, and quickly", async () => {
  const partitions = Array.from(
    { length: 50 },
    (_, i) => `PartitionName=p${i} AllowAccounts=x AllowQos=ALL AllowGroups=ALL State=UP\n`,
  );
  const accounts = Array.from({ length: 100 }, (_, i) => `c|a${i}||normal|normal|a0\n`);
  const ports = machine({
    env,
    programs: {
      scontrol: ({ argv }: Command) => ({
        stdout: argv.includes("partition")
          ? partitions.join("")
          : "ClusterName = c\nAccountingStorageEnforce = associations\n",
      }),
      sacctmgr: { stdout: accounts.join("") },
      id: { stdout: "users\n" },
      sbatch: { code: 1, stderr: "allocation failure: Invalid account or account/partition\n" },
    },
  });
  const began = performance.now();
  const { cells } = await askAccessMap(ports, 0);
  const took = performance.now() - began;
  equal(cells.length, 5000);
  equal(ports.ran.filter(([program]) => program === "sbatch").length, 100);
  ok(cells.filter(({ access }) => access === "unknown").length >= 4900);
  ok(took < 3000, `${took} ms`);
});
