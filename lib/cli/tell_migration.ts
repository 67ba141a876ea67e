import type { MigratedScript } from "../manager/migrate.ts";
import type { LineReport } from "../migration/model.ts";
import type { CommandPorts } from "./registry.ts";

const SIGNS: Record<LineReport["fate"], string> = {
  key: "+",
  replaced: "~",
  kept: "=",
  "left out": "-",
  comment: "#",
};

/** Prints what became of a script, line by line, and the two files. */
export function tellMigration(
  { context, globals }: CommandPorts,
  migrated: MigratedScript,
  dryRun: boolean,
): void {
  if (globals().json) {
    context.out(`${JSON.stringify(migrated)}\n`);
    return;
  }
  const { id, template, experiment, notes, refused } = migrated;
  context.err(reportText(migrated));
  for (const note of notes) context.err(`note: ${note}\n`);
  if (refused) context.err(`refused: ${refused}\n`);
  if (dryRun) {
    context.out([template, experiment].map(({ path, text }) => `# ${path}\n${text}`).join("---\n"));
    return;
  }
  context.out(`${template.path}\n${experiment.path}\nnext: expflow render ${id}\n`);
}

/** What became of each line of a script, as text. */
export function reportText({ lines }: Pick<MigratedScript, "lines">): string {
  const width = String(lines.at(-1)?.line ?? 1).length;
  const rows = lines.map(({ line, text, fate, where }, index) => {
    const number = lines[index - 1]?.line === line ? "" : String(line);
    const shown = lines[index - 1]?.line === line ? "" : `${text}\n${" ".repeat(width + 3)}`;
    const what = fate === "key" || fate === "comment" ? where : `${fate}: ${where}`;
    return number === ""
      ? `${" ".repeat(width + 1)}${SIGNS[fate]} ${what}\n`
      : `${number.padStart(width)} ${SIGNS[fate]} ${shown}${what}\n`;
  });
  return `${rows.join("")}+ understood  ~ replaced  = kept as it is  - left out  # comment\n`;
}
