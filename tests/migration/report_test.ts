/**
 * What each script becomes, and what is said of its lines.
 * `deno test -A tests/migration/report_test.ts -- --update`, then read the difference.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { reportText } from "../../lib/cli/tell_migration.ts";
import { type MigratedScript, migrateSlurmScript } from "../../lib/manager/migrate.ts";
import { scriptNames, scriptText, withMachine } from "./fixtures.ts";

const GOLDEN = join(import.meta.dirname!, "golden");

Deno.test("each line of each script is told, and the two files are as they were", async (t) => {
  await withMachine(async (machine, project) => {
    const portable = (text: string) =>
      text.replaceAll(project.layout.root, "PROJECT").replaceAll(machine.root, "MACHINE");
    for (const name of scriptNames()) {
      await t.step(name, async () => {
        const path = machine.at("work", `${name}.slurm`);
        const migrated = await migrateSlurmScript(project, { path, dryRun: true });
        checkEachLine(scriptText(name), migrated);
        golden(name, portable(asText(migrated)));
      });
    }
    await t.step("loop_seeds with --loops", async () => {
      const path = machine.at("work", "loop_seeds.slurm");
      const migrated = await migrateSlurmScript(project, { path, loops: true, dryRun: true });
      checkEachLine(scriptText("loop_seeds"), migrated);
      golden("loop_seeds.loops", portable(asText(migrated)));
    });
    await t.step("the account of the project takes the place of the script's", async () => {
      const path = machine.at("work", "plain.slurm");
      const settings = { ...project.settings, account: "ours" };
      const migrated = await migrateSlurmScript({ ...project, settings }, { path, dryRun: true });
      ok(!`${migrated.template.text}${migrated.experiment.text}`.includes("abc123"));
      const told = migrated.lines.find(({ text }) => text.includes("--account"));
      deepEqual([told?.fate, told?.where], ["replaced", "the project's account, ours"]);
    });
  });
});

function checkEachLine(script: string, { lines }: MigratedScript): void {
  const told = new Set(lines.map(({ line }) => line));
  script.replaceAll("\r", "").split("\n").forEach((text, index) => {
    ok(text.trim() === "" || told.has(index + 1), `line ${index + 1} is not told: ${text}`);
  });
}

function asText(migrated: MigratedScript): string {
  const { template, experiment, notes, refused } = migrated;
  return [
    `${template.path}\n${template.text}`,
    `${experiment.path}\n${experiment.text}`,
    `${reportText(migrated)}${notes.map((note) => `note: ${note}\n`).join("")}` +
    (refused ? `refused: ${refused}\n` : ""),
  ].join("---\n");
}

function golden(name: string, text: string): void {
  const file = join(GOLDEN, `${name}.txt`);
  if (Deno.args.includes("--update")) {
    Deno.mkdirSync(GOLDEN, { recursive: true });
    Deno.writeTextFileSync(file, text);
  }
  equal(text, Deno.readTextFileSync(file));
}
