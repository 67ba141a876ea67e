import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { experimentSchema } from "../../lib/config/schema.ts";
import type { EnvironmentSpec } from "../../lib/core/experiment.ts";
import { migrateScript } from "../../lib/migration/migrate.ts";
import { merged } from "../../lib/migration/yaml.ts";
import {
  activationLines,
  environmentFunctions,
  REFUSE,
  STRICT,
  variableLines,
} from "../../lib/script/environment.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { NOTHING } from "../script/harness.ts";

/** Lines as they stand in scripts; each tells what it sees of what the others did. */
const PIECES = [
  "module load gcc",
  "module purge",
  "module load cuda python",
  "module use /opt/more",
  "export A=1",
  "export B='two words'",
  'export C="$A/$B"',
  "A=3",
  "export PATH=/opt/bin:$PATH",
  "export MODULEPATH=/opt/modules",
  "set -e",
  "set -o pipefail",
  'echo "A is $A, $LOADED"',
  "cd /",
  "# a comment",
  "",
  "if [[ $A == 1 ]]; then B=one; fi",
  'for x in 1 2; do\n  echo "$x $A"\ndone',
  'f() {\n  echo "f $1 $B"\n}',
  "f 1 || true",
  "cat <<END\nin $A {seed\nEND",
  "declare -A M=([a]=1)",
  "false | true",
  "false",
  "unset A",
  'printf "%s\\n" "{args} {params.x}"',
  "#SBATCH --mem=1G",
  "##SBATCH --mem=2G",
  "trap 'echo bye' EXIT",
  "exit 3",
];
const ENDINGS = ['tell "$A" "$B" "$C"', 'tell "${M[a]}" | cat', "tell done", 'tell "${M[a]}"'];
const script = fc.record({
  head: fc.subarray(["#SBATCH --time=10", "# about it", "#SBATCH -J x --mem=4G"]),
  body: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }),
  end: fc.constantFrom(...ENDINGS),
}).map(({ head, body, end }) => ["#!/bin/bash", ...head, ...body, end].join("\n") + "\n");

const around = {
  user: "tester",
  home: "/home/tester",
  scratch: "/scratch/tester",
  scratchIsSet: false,
  readText: () => undefined,
};
const SEEN = `module() { export LOADED="\${LOADED-}$(printf ":$1 %s" "\${@:2}")\${MODULEPATH-}"; }
tell() { printf '<%s>' "$@" "\${A-}" "\${B-}" "\${LOADED-}" "$PWD"; }
`;

function migrate(text: string) {
  const request = { script: text, path: "/w/x.slurm", id: "x", workdir: "/w", loops: false };
  return migrateScript({ ...request, args: [], around });
}

Deno.test("migrateScript() tells each line, and what is kept is there word for word", () => {
  fc.assert(
    fc.property(script, (text) => {
      const migration = migrate(text);
      const lines = text.split("\n");
      for (const [index, line] of lines.entries()) {
        ok(
          line.trim() === "" || migration.lines.some((entry) => entry.line === index + 1),
          `line ${index + 1} is not told`,
        );
      }
      const both = merged(migration);
      const checked = experimentSchema.safeParse(both);
      ok(checked.success, checked.error?.message);
      const { setup = "" } = (both.environment ?? {}) as { setup?: string };
      const kept = `${setup}\n${both.command}`.replaceAll(/\{""|\\\{/g, "{");
      for (const { text, fate } of migration.lines) {
        if (fate === "kept") ok(kept.includes(text.trim()), `${text} is lost`);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("migrateScript() gives what bash runs to the same end, with the same output", async () => {
  await fc.assert(
    fc.asyncProperty(script, async (text) => {
      const wanted = await run(`${SEEN}${text}`);
      const got = await run(`${SEEN}${assembled(text)}`);
      equal(JSON.stringify(got), JSON.stringify(wanted), assembled(text));
    }),
    { numRuns: 150 },
  );
});

/** The same lines as in a rendered script, without what keeps track of the run. */
function assembled(text: string): string {
  const { command, environment } = merged(migrate(text)) as {
    command: string;
    environment?: Partial<EnvironmentSpec> & { setup?: string };
  };
  const { setup, ...keys } = environment ?? {};
  const spec: EnvironmentSpec = { ...NOTHING, ...keys, setup: [] };
  return [
    REFUSE,
    ...environmentFunctions(spec),
    "prepare() {",
    "set +u",
    ...activationLines(spec),
    ...variableLines(spec),
    setup ?? "",
    "}",
    `command_of_it() {\n${command.replaceAll("\\{", "{")}\n}`,
    STRICT,
    "prepare\ncommand_of_it",
  ].join("\n");
}

async function run(script: string) {
  const { code, stdout } = await denoRunner.run({
    argv: ["/bin/bash", "-c", script],
    env: { A: undefined, B: undefined, C: undefined },
    cwd: "/tmp",
    timeoutMs: 20_000,
  });
  // What only tells may do so behind the modules.
  const lines = stdout.split("\n").filter((line) => !line.startsWith("A is "));
  return { code, lines };
}
