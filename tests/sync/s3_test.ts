import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "../cli/harness.ts";
import { HOSTILE, killed, standing, syncing, writeFiles } from "./projects.ts";
import { refusal, S3Server } from "./s3_server.ts";
import { expectedSignature } from "./sigv4.ts";

interface SignedCase {
  name: string;
  request: { method: string; path: string; query: string };
  headers: Record<string, string>;
  signature: string;
}

Deno.test("expectedSignature() gives the signatures of Amazon's documentation", async (t) => {
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const common = { host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z" };
  const cases: SignedCase[] = [
    {
      name: "GET Object",
      request: { method: "GET", path: "/test.txt", query: "" },
      headers: { range: "bytes=0-9", "x-amz-content-sha256": empty },
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    },
    {
      name: "PUT Object",
      request: { method: "PUT", path: "/test%24file.text", query: "" },
      headers: {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      },
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    },
    {
      name: "GET Bucket Lifecycle",
      request: { method: "GET", path: "/", query: "lifecycle" },
      headers: { "x-amz-content-sha256": empty },
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    },
  ];
  for (const { name, request, headers, signature } of cases) {
    await t.step(name, () => {
      const all = new Headers([...Object.entries(common), ...Object.entries(headers)]);
      const signed = [...all.keys()].sort().join(";");
      const given = { secret, credential, signed };
      equal(expectedSignature({ ...request, headers: all }, given), signature);
    });
  }
});

Deno.test("sync to a service that checks every signature and checksum", async (t) => {
  await using box = new Sandbox();
  await using server = new S3Server();
  Object.assign(box.env, { MY_ID: server.keys.id, MY_KEY: server.keys.secret });
  const cwd = await syncing(
    box,
    "s3://results/from/here",
    `    endpoint: ${server.endpoint}\n` +
      "    credentials: {access_key: MY_ID, secret_key: MY_KEY}\n",
  );
  const large = "experiments/runs/e/0/model.pt";
  const there = (files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`from/here/${path}`, text]));
  writeFiles(cwd, HOSTILE);

  await t.step("every name arrives, and nothing is sent again", async () => {
    match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 8 files/);
    deepEqual(server.texts, there(HOSTILE));
    server.log.length = 0;
    match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 0 files/);
    deepEqual(server.log, ["GET from/here/.expflow-sync/backup.sha256"]);
  });
  await t.step("without its state nothing is sent twice", async () => {
    Deno.removeSync(join(cwd, ".expflow", "sync"), { recursive: true });
    match((await box.ok(["sync", "run"], { cwd })).out, /sent 0 files .*, 8 were there already/);
  });
  await t.step("a large file in parts; one that was interrupted goes on", async () => {
    writeFiles(cwd, { [large]: "0123456789abcdef".repeat(3 * 2 ** 20) });
    server.fault = ({ query }) =>
      query.includes("partNumber=3") ? refusal(503, "SlowDown") : undefined;
    const { code, err } = await box.run(["sync", "run"], { cwd });
    equal(code, 1);
    match(err, /it answered SlowDown: the message of SlowDown\nhint: it takes no more just now/);
    equal(server.objects.has(`from/here/${large}`), false, "a part of a file is visible");
    server.fault = undefined;
    server.log.length = 0;
    await box.ok(["sync", "run", "--now"], { cwd });
    const puts = server.log.filter((line) => line === `PUT from/here/${large}`);
    equal(puts.length, 1, "only the part that was missing is sent");
    equal(server.uploads.size, 0);
    match((await box.ok(["sync", "verify"], { cwd })).out, /^backup: 9 of 9 files/);
  });
  await t.step("SIGKILL between two parts: the next pass sends the others", async () => {
    writeFiles(cwd, { [large]: "fedcba9876543210".repeat(3 * 2 ** 20) });
    const before = server.texts[`from/here/${large}`];
    const child = box.spawn(["sync", "run"], { cwd });
    server.fault = ({ query }) => {
      if (query.includes("partNumber=2")) killed(child);
      return undefined;
    };
    await child.output();
    server.fault = undefined;
    equal(server.texts[`from/here/${large}`] === before, true, "a part of a file is visible");
    server.log.length = 0;
    await box.ok(["sync", "run"], { cwd });
    const puts = server.log.filter((line) => line === `PUT from/here/${large}`);
    equal(puts.length <= 2, true, `${puts.length} parts were sent`);
    equal(server.texts[`from/here/${large}`]!.startsWith("fedcba9876543210f"), true);
    equal(server.uploads.size, 0);
  });
  await t.step("one file that is refused does not stop the others", async () => {
    const [bad, good] = ["experiments/results/bad.json", "experiments/results/good.json"];
    writeFiles(cwd, { [bad]: "b", [good]: "g" });
    server.fault = ({ path }) => path.endsWith("bad.json") ? refusal(400, "BadDigest") : undefined;
    const { code, err } = await box.run(["sync", "run"], { cwd });
    equal(code, 1);
    match(
      err,
      /^backup: experiments\/results\/bad\.json: was refused: BadDigest/,
    );
    server.fault = undefined;
    equal(server.texts[`from/here/${good}`], "g");
    equal((await standing(box, cwd)).failed[0].path, bad);
    await box.ok(["sync", "run", "--now"], { cwd });
  });
  await t.step("an object that another hand changed is found", async () => {
    const key = "from/here/experiments/results/-rf";
    server.objects.set(key, { ...server.objects.get(key)!, body: new Uint8Array([52]) });
    const { code, out } = await box.run(["sync", "verify"], { cwd });
    equal(code, 1);
    match(out, /experiments\/results\/-rf: holds something else there/);
    await box.ok(["sync", "run"], { cwd });
    equal(server.texts[key], "3");
  });
  await t.step("keys are never told", async (t) => {
    const cases: [string, Record<string, string>, RegExp][] = [
      ["not set", { MY_KEY: "" }, /MY_KEY is not set\nhint: export MY_KEY/],
      ["wrong", { MY_KEY: "hush-hush" }, /SignatureDoesNotMatch.*\nhint: is the secret key right/],
      ["of nobody", { MY_ID: "nobody" }, /InvalidAccessKeyId.*\nhint: is the access key right/],
    ];
    for (const [name, env, expected] of cases) {
      await t.step(name, async () => {
        const before = { ...box.env };
        Object.assign(box.env, env);
        const { code, out, err } = await box.run(["sync", "run", "--now"], { cwd });
        Object.assign(box.env, before);
        equal(code === 0, false);
        match(err, expected);
        doesNotMatch(out + err, /hush-hush/);
      });
    }
    for (const name of ["state.json", "sent.jsonl"]) {
      const kept = Deno.readTextFileSync(join(cwd, ".expflow/sync/backup", name));
      doesNotMatch(kept, new RegExp(`hush-hush|${RegExp.escape(server.keys.secret)}`));
    }
  });
});
