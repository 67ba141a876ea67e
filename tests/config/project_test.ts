import assert from "node:assert/strict";
import { toValue } from "../../lib/config/located.ts";
import { readProject } from "../../lib/config/project.ts";
import { setProjectValue } from "../../lib/config/project_edit.ts";
import { UsageError } from "../../lib/core/errors.ts";
import { messageOf } from "./helpers.ts";

const read = (text: string) => readProject(text, ".hpc_config.yaml");

Deno.test("readProject() reads settings and defaults", () => {
  const { settings, defaults } = read(`
version: 1
project: vision
user: alice
account: 0123      # from sacctmgr
partition: gpu
scratch: /scratch/alice
scheduler: slurm
workdir: code
defaults:
  time_limit: 2h
  environment: {modules: [gcc]}
  resources: {partition: fast}
local: {cpus: 4, gpus: 0}
slurm: {export: [LANG, MY_DATA]}
ai: {model: gemini-x}
`);
  assert.deepEqual(settings, {
    ...{ project: "vision", user: "alice", account: "0123", partition: "gpu", workdir: "code" },
    ...{ scratch: "/scratch/alice", scheduler: "slurm", local: { cpus: 4, gpus: 0 } },
    slurm: { export: "LANG,MY_DATA" },
    ai: { model: "gemini-x" },
    sync: {},
  });
  assert.deepEqual(toValue(defaults), {
    workdir: "code",
    resources: { account: "0123", partition: "fast", time: "2h" },
    environment: { modules: ["gcc"] },
  });
});

Deno.test("readProject() takes an empty file", () => {
  const { settings, defaults } = read("# nothing yet\n");
  assert.deepEqual(settings, { scheduler: "auto", local: {}, slurm: {}, ai: {}, sync: {} });
  assert.deepEqual(toValue(defaults), {});
});

Deno.test("readProject() refuses an export mode that would carry values", () => {
  for (const given of ["none", "ALL,A=1", "[A=1]", "[]"]) {
    assert.equal(
      messageOf(() =>
        read(`slurm: {export: ${JSON.stringify(given).replace(/^"(\[.*\])"$/, "$1")}}`)
      )
        .replace(/^.*expected/, "expected"),
      "expected NONE, NIL, ALL or a list of names | write NONE, or [LANG, MY_VARIABLE]",
      given,
    );
  }
});

Deno.test("readProject() refuses what a newer expflow wrote before anything else", () => {
  assert.equal(
    messageOf(() => read("version: 2\nclusters: [a]\n")),
    ".hpc_config.yaml:1:10: Cannot read version 2: this project was written by a newer expflow, " +
      "expected version 1 | use the expflow that wrote it, or a newer one",
  );
});

const TEXT = `# head
version: 1          # do not change
account:   "def"    # from sacctmgr
user:
partition:    # none found
defaults:
    resources: {time: 2h, gpus: 1}   # per job
local:
  cpus: 4   # half
`;

Deno.test("setProjectValue() exchanges a value and leaves the rest byte for byte", async (t) => {
  const cases: [string, string, string, string][] = [
    ["account", "lab", '"def"', "lab"],
    ["account", "0123", '"def"', '"0123"'],
    ["account", "my lab", '"def"', '"my lab"'],
    ["user", "bob", "user:", "user: bob"],
    ["partition", "a,b", "partition:    #", 'partition: "a,b"    #'],
    ["defaults.resources.time", "03:00:00", "2h", '"03:00:00"'],
    ["defaults.resources.gpus", "2", "gpus: 1", "gpus: 2"],
    ["local.cpus", "8", "4   #", "8   #"],
  ];
  for (const [key, value, before, after] of cases) {
    await t.step(`${key}=${value}`, async () => {
      assert.equal(await setProjectValue(TEXT, key, value), TEXT.replace(before, after));
    });
  }
  await t.step("a new key goes to the end", async () => {
    assert.equal(await setProjectValue(TEXT, "scratch", "/s/me"), `${TEXT}scratch: /s/me\n`);
    assert.equal(await setProjectValue("version: 1", "user", "me"), "version: 1\nuser: me\n");
    assert.equal(await setProjectValue("", "user", "me"), "user: me\n");
  });
  await t.step("null for what is not there changes nothing", async () => {
    assert.equal(await setProjectValue(TEXT, "scratch", "null"), TEXT);
  });
});

Deno.test("setProjectValue() keeps every comment when it adds or removes", async (t) => {
  const cases: [string, string, (text: string) => void][] = [
    [
      "local.gpus",
      "2",
      (text) => assert.deepEqual(read(text).settings.local, { cpus: 4, gpus: 2 }),
    ],
    ["defaults.params.lr", "1e-3", (text) => {
      assert.deepEqual(toValue(read(text).defaults), {
        resources: { account: "def", time: "2h", gpus: 1 },
        params: { lr: 0.001 },
      });
    }],
    ["defaults.tags", "[a, b]", (text) => {
      assert.deepEqual((toValue(read(text).defaults) as { tags: unknown }).tags, ["a", "b"]);
    }],
    ["local", "null", (text) => assert.deepEqual(read(text).settings.local, {})],
  ];
  for (const [key, value, check] of cases) {
    await t.step(`${key}=${value}`, async () => {
      const text = await setProjectValue(TEXT, key, value);
      check(text);
      const comments = [
        "# head",
        "# do not change",
        "# from sacctmgr",
        "# none found",
        "# per job",
      ];
      for (const comment of comments) assert.ok(text.includes(comment), comment);
    });
  }
});

Deno.test("setProjectValue() refuses what would not be read again", async (t) => {
  const cases: [string, string, string, string][] = [
    [
      "acount",
      "x",
      'Cannot set acount: Cannot use the key "acount": it is not known here',
      'did you mean "account"?',
    ],
    [
      "local.cpus",
      "four",
      'Cannot set local.cpus: found "four", expected a whole number',
      "write it without quotes: 2",
    ],
    [
      "scheduler",
      "pbs",
      'Cannot set scheduler: found "pbs", expected auto, slurm, local or queue',
      "write one of these words",
    ],
    [
      "defaults.resources.tme",
      "2h",
      'Cannot set defaults.resources.tme: Cannot use the key "tme" in defaults.resources: it is not known here',
      'did you mean "time"?',
    ],
    [
      "local",
      "3",
      "Cannot set local: found 3, expected a mapping",
      "write `key: value` lines, indented below it",
    ],
  ];
  for (const [key, value, message, hint] of cases) {
    await t.step(`${key}=${value}`, async () => {
      await assert.rejects(setProjectValue(TEXT, key, value), (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.message, message);
        assert.equal(error.hint, hint);
        return true;
      });
    });
  }
});

Deno.test("readProject() fills in what sync: leaves out", () => {
  const { settings } = read(`
sync:
  backup: {to: /archive/me, exclude: "*.pt"}
  cloud:
    to: s3://bucket/me
    from: [experiments/results]
    quiet: 2m
    endpoint: https://minio.example.org:9000/
    credentials: {secret_key: MINIO_KEY}
`);
  const from = ["experiments/results", "experiments/runs", "experiments/logs"];
  const names = { access_key: "AWS_ACCESS_KEY_ID", session_token: "AWS_SESSION_TOKEN" };
  assert.deepEqual(settings.sync, {
    backup: {
      ...{ to: "/archive/me", from, include: [], exclude: ["*.pt"], quietMs: 10_000 },
      region: "us-east-1",
      credentials: { ...names, secret_key: "AWS_SECRET_ACCESS_KEY" },
    },
    cloud: {
      ...{ to: "s3://bucket/me", from: from.slice(0, 1), include: [], exclude: [] },
      ...{ quietMs: 120_000, endpoint: "https://minio.example.org:9000", region: "us-east-1" },
      credentials: { ...names, secret_key: "MINIO_KEY" },
    },
  });
});
