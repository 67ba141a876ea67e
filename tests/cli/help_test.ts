import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../../lib/cli/registry.ts";
import { VERSION } from "../../lib/core/version.ts";
import { ROOT, Sandbox } from "./harness.ts";

Deno.test("--help lists every command, and each has a help of its own", async () => {
  await using box = new Sandbox();
  const { out } = await box.ok(["--help"]);
  for (const { name, summary } of COMMANDS) {
    ok(out.includes(`${name} `) && out.includes(summary), name);
    const own = await box.ok([name, "--help"]);
    match(own.out, new RegExp(`^Usage: expflow ${name}`), name);
    match(own.out, /--json/, name);
  }
});

Deno.test("help without a command goes to stderr with exit code 2", async () => {
  await using box = new Sandbox();
  const { code, out, err } = await box.run([]);
  deepEqual([code, out], [2, ""]);
  match(err, /^Usage: expflow/);
});

Deno.test("every command has a file of its own, and every file is a command", () => {
  const files = [...Deno.readDirSync(join(ROOT, "lib/cli/commands"))].map(({ name }) => name);
  deepEqual(files.sort(), COMMANDS.map(({ name }) => `${name}.ts`).sort());
});

Deno.test("the version is deno.json's", async () => {
  await using box = new Sandbox();
  equal((await box.ok(["--version"])).out, `${VERSION}\n`);
  equal(JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))).version, VERSION);
});
