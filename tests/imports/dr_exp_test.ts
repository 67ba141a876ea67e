import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { NotFoundError } from "../../lib/core/errors.ts";
import { drExp } from "../../lib/imports/dr_exp.ts";
import { DrExpFolder, fillSweep } from "./dr_exp_folder.ts";

/** The one run of a folder with one job. */
function read(text: string | object) {
  using folder = new DrExpFolder();
  folder.job("j1", text as string);
  const { runs, problems } = drExp.read(folder.root);
  return { run: runs[0], runs, problems };
}

Deno.test("read() takes every job of the documented form, with what it wrote", () => {
  using folder = new DrExpFolder();
  fillSweep(folder);
  const { runs, problems, folder: root } = drExp.read(folder.root);
  equal(root, folder.root);
  deepEqual(problems, []);
  deepEqual(runs.map(({ id, state }) => [id, state]), [
    ["a0", "completed"],
    ["a1", "completed"],
    ["a2", "failed"],
    ["a3", "unknown"],
    ["a4", "queued"],
  ]);
  const { text, ...first } = runs[0]!;
  equal(text, Deno.readTextFileSync(join(root, "jobs/a0.json")));
  deepEqual(first, {
    id: "a0",
    experiment: "resnet",
    file: "jobs/a0.json",
    params: { lr: 0.1, model: "r18", optim: { wd: 0 } },
    state: "completed",
    command: undefined,
    tags: [],
    created: "2024-05-01T10:00:00.000Z",
    started: "2024-05-01T11:00:00.000Z",
    ended: "2024-05-01T11:30:00.000Z",
    attempt: 1,
    error: undefined,
    metrics: { acc: 0.91 },
    output: join(root, "storage/run_a0"),
    details: { priority: 500, worker_id: "gpu01-3" },
    problems: [],
  });
  match(runs[3]!.problems.join(), /running, by gpu01-3: .*unknown/);
  equal(runs[4]!.output, undefined);
});

Deno.test("read() says of strange jobs what is wrong, and keeps what can be read", async (t) => {
  const cases: [string, object, RegExp, Record<string, unknown>?][] = [
    ["no status", { status: undefined }, /no status: unknown/, { state: "unknown" }],
    ["a strange status", { status: "zombie" }, /"zombie" is none/, { state: "unknown" }],
    ["a status of another kind", { status: ["completed"] }, /no status/, { state: "unknown" }],
    ["a name of Object's", { status: "constructor" }, /none of dr_exp's/, { state: "unknown" }],
    ["pending for queued", { status: "pending" }, /^$/, { state: "queued" }],
    ["no id", { id: undefined }, /no id/, { id: "j1" }],
    ["an id of another file", { id: "other" }, /"other" is not its file's name/, { id: "other" }],
    ["no experiment", { experiment: null }, /no experiment/, { experiment: "" }],
    ["no config", { config: undefined }, /no config/, { params: undefined }],
    ["a config that is a list", { config: [1] }, /no config/, { params: undefined }],
    [
      "a huge number that is exact",
      { config: { seed: 2 ** 53, lr: 1e22, name: "9".repeat(20) } },
      /^$/,
    ],
    ["a time without zone", { created_at: "2024-05-01 10:00:00.123456" }, /no zone/, {
      created: "2024-05-01T10:00:00.123Z",
    }],
    ["seconds", { created_at: 1714557600 }, /^$/, { created: "2024-05-01T10:00:00.000Z" }],
    ["a zone", { created_at: "2024-05-01T10:00:00+0200" }, /^$/, {
      created: "2024-05-01T08:00:00.000Z",
    }],
    ["no time at all", { created_at: "yesterday" }, /time created cannot be read/, {
      created: undefined,
    }],
    ["attempts of another kind", { attempts: "many" }, /^$/, { attempt: undefined }],
    ["a field nobody knows", { gpu: "a100" }, /^$/],
    ["an error over lines", { error: "a\nb" }, /^$/, { error: "a\nb" }],
  ];
  for (const [name, job, problem, expected = {}] of cases) {
    await t.step(name, () => {
      const { run, problems } = read(job);
      deepEqual(problems, []);
      match(run!.problems.join("; "), problem);
      for (const [key, value] of Object.entries(expected)) {
        deepEqual(run![key as keyof typeof run], value, key);
      }
    });
  }
});

Deno.test("read() names each file that is no job, and reads the others", async (t) => {
  const cases: [string, string, RegExp][] = [
    ["empty", "", /half-written/],
    ["cut", '{"id": "j1", "conf', /half-written/],
    ["no JSON", "hello", /is not JSON/],
    ["a list", "[1]", /no JSON object/],
    ["null", "null", /no JSON object/],
  ];
  for (const [name, text, problem] of cases) {
    await t.step(name, () => {
      using folder = new DrExpFolder();
      folder.job("bad", text);
      folder.job("good");
      const { runs, problems } = drExp.read(folder.root);
      deepEqual(runs.map(({ id }) => id), ["good"]);
      equal(problems.length, 1);
      match(problems[0]!, /^"jobs\/bad.json": .*; not imported$/);
      match(problems[0]!, problem);
    });
  }
});

Deno.test("read() keeps metrics that are not finite as Python writes them", () => {
  const { run } = read(
    '{"id": "j1", "experiment": "e", "config": {"lr": 0.1}, "status": "completed", ' +
      '"final_metrics": {"loss": NaN, "top": -Infinity}}',
  );
  deepEqual(run!.metrics, { loss: "NaN", top: "-Infinity" });
});

Deno.test("read() says which whole numbers it cannot hold", () => {
  const { run } = read('{"id": "j1", "experiment": "e", "config": {"seed": 12345678901234567891}}');
  match(run!.problems.join(), /beyond 2\^53, rounded: 12345678901234567891/);
});

Deno.test("read() takes one of two jobs with an id, the one whose file has its name", () => {
  using folder = new DrExpFolder();
  folder.job("b", { status: "completed" });
  folder.job("a", { id: "b", status: "failed" });
  const { runs, problems } = drExp.read(folder.root);
  deepEqual(runs.map(({ file, state }) => [file, state]), [["jobs/b.json", "completed"]]);
  match(problems.join(), /"jobs\/a.json": has the id of "jobs\/b.json"/);
});

Deno.test("read() counts what belongs to no job", () => {
  using folder = new DrExpFolder();
  folder.job("a");
  folder.metrics("nobody", [{ loss: 1 }]);
  Deno.writeTextFileSync(join(folder.root, "jobs", "a.json.lock"), "");
  const { problems } = drExp.read(folder.root);
  match(problems.join("\n"), /jobs: 1 entries are no .json/);
  match(problems.join("\n"), /storage: 1 folders are of no job/);
});

Deno.test("read() never looks outside for what a job wrote", () => {
  using folder = new DrExpFolder();
  Deno.mkdirSync(join(folder.root, "storage", "run_"));
  folder.job("a", { id: "/../../secret" });
  folder.job("b", { id: ".." });
  for (const { output } of drExp.read(folder.root).runs) equal(output, undefined);
});

Deno.test("read() does not take over what looks like a secret", () => {
  const token = `hf_${"A1b2".repeat(8)}`;
  const { run } = read({ config: { lr: 0.1, hub: token }, error: `401 for ${token}` });
  ok(!JSON.stringify(run).includes(token));
  match(run!.problems.join(), /2 values look like secrets/);
  equal(run!.params!.lr, 0.1);
});

Deno.test("read() takes the folder, or jobs/ in it, and refuses any other", () => {
  using folder = new DrExpFolder();
  folder.job("a");
  equal(drExp.read(join(folder.root, "jobs")).folder, folder.root);
  throws(() => drExp.read(join(folder.root, "logs")), NotFoundError);
  throws(() => drExp.read(join(folder.root, "nowhere")), NotFoundError);
});
