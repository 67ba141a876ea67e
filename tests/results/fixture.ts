import assert from "node:assert/strict";

const FIXTURES = new URL("../fixtures/results/", import.meta.url).pathname;

/** Folder of what a version of a library wrote (tests/fixtures/results/generate.py). */
export function fixture(library: string): string {
  const made = Array.from(Deno.readDirSync(FIXTURES), ({ name }) => name)
    .filter((name) => name.startsWith(`${library}-`));
  assert.equal(made.length, 1, `one version of ${library}, found ${made}`);
  return FIXTURES + made[0];
}
