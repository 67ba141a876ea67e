import { deepEqual, equal } from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { importsOf } from "./imports.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const LIB = join(ROOT, "lib");

function layerTable(): Map<string, number> {
  const rows = Deno.readTextFileSync(join(LIB, "README.md"))
    .matchAll(/^\| (\d+) +\| `([a-z]+)` /gm);
  return new Map(Array.from(rows, ([, layer, folder]) => [folder!, Number(layer)]));
}

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

/** What is wrong with the imports of a file of `lib`, one line each. */
export function violations(
  file: string,
  source: string,
  layers: ReadonlyMap<string, number>,
): string[] {
  const folder = relative(LIB, file).split("/")[0]!;
  return importsOf(source).filter((specifier) => specifier.startsWith(".")).flatMap((specifier) => {
    const target = relative(LIB, join(dirname(file), specifier)).split("/")[0]!;
    if (target === folder) return [];
    const [own, other] = [layers.get(folder), layers.get(target)];
    if (own === undefined || other === undefined) {
      return [`${relative(ROOT, file)} imports ${specifier}: ${target} has no layer`];
    }
    return other < own
      ? []
      : [`${relative(ROOT, file)} (layer ${own}) imports ${specifier} (layer ${other})`];
  });
}

Deno.test("every folder of lib has a layer, and every layer a folder", () => {
  const folders = [...Deno.readDirSync(LIB)].filter((entry) => entry.isDirectory)
    .map((entry) => entry.name).sort();
  deepEqual(folders, [...layerTable().keys()].sort());
});

Deno.test("files import only from their own folder and from layers above", () => {
  const layers = layerTable();
  const found = [...sources(LIB)].flatMap((file) =>
    violations(file, Deno.readTextFileSync(file), layers)
  );
  deepEqual(found, []);
});

Deno.test("violations() sees static, type-only, re-exporting and dynamic imports from below", () => {
  const layers = layerTable();
  const file = join(LIB, "core", "ids.ts");
  for (
    const source of [
      `import { x } from "../cli/main.ts";`,
      `import type { X } from "../cli/main.ts";`,
      `import {\n  x,\n  y,\n} from "../cli/main.ts";`,
      `export * from "../cli/main.ts";`,
      `import "../cli/main.ts";`,
      `const m = await import("../cli/main.ts");`,
    ]
  ) {
    deepEqual(violations(file, source, layers), [
      "lib/core/ids.ts (layer 0) imports ../cli/main.ts (layer 6)",
    ], source);
  }
  equal(violations(join(LIB, "cli", "main.ts"), `import "../core/ids.ts";`, layers).length, 0);
  equal(violations(join(LIB, "script", "a.ts"), `import "../config/b.ts";`, layers).length, 1);
});

Deno.test("only lib/system starts processes, and only cli.ts and mod.ts exit", () => {
  const found: string[] = [];
  for (const file of sources(LIB)) {
    const source = Deno.readTextFileSync(file);
    const name = relative(ROOT, file);
    if (/Deno\.Command\(|node:child_process/.test(source) && !name.startsWith("lib/system/")) {
      found.push(`${name} starts a process`);
    }
    if (/Deno\.exit\(/.test(source)) found.push(`${name} exits`);
  }
  deepEqual(found, []);
});

Deno.test("examples, notebooks and tools of users import mod.ts only", () => {
  for (const folder of ["examples", "notebooks"]) {
    let files: string[] = [];
    try {
      files = [...sources(join(ROOT, folder))];
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    for (const file of files) {
      const inside = importsOf(Deno.readTextFileSync(file))
        .filter((specifier) => specifier.includes("/lib/"));
      deepEqual(inside, [], relative(ROOT, file));
    }
  }
});
