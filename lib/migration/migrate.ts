import { hasSecretShape, isSecret } from "../config/secrets.ts";
import { type Body, readBody } from "./body.ts";
import { migrateDirectives, type ReadDirectives } from "./directives.ts";
import { withoutHardCoded } from "./hard_coded.ts";
import type { LineReport, Migration, MigrationRequest } from "./model.ts";
import { type Preamble, readPreamble } from "./preamble.ts";
import { isComment, readSource, type Source, type Statement, statementsOf } from "./source.ts";
import { unwrap } from "./unwrap.ts";
import { joined } from "./words.ts";
import { blocksOf } from "./blocks.ts";

/**
 * Reads a batch script into a template and an experiment that do what it does. Each of its lines is
 * in the report: with the key it went to, with the place where it is kept as it is, or with why it
 * is left out.
 *
 * @throws {ConfigError} where a line cannot be kept.
 */
export function migrateScript(request: MigrationRequest): Migration {
  const source = readSource(request.script);
  const wrapped = unwrap(source.text);
  if (wrapped) return unwrapped(request, wrapped);
  const portable = withoutHardCoded(source.text, request.around);
  const here = { ...source, text: portable.text };
  const directives = migrateDirectives(here, request.around.account);
  const preamble = isBash(source)
    ? readPreamble(commandsOf(here))
    : { ...readPreamble([]), comments: [] };
  const body = isBash(source)
    ? readBody(preamble.rest, here, directives, request)
    : interpreted(here, request);
  const migration = blocksOf({ request, directives, preamble, body });
  const lines = [...portable.lines, ...directives.lines, ...preamble.lines, ...body.lines];
  return {
    ...migration,
    comments: [...directives.components, ...preamble.comments, ...body.comments].map(masked),
    lines: asWritten([...firstLine(source), ...lines], source, directives),
    notes: [
      ...sourceNotes(source),
      ...portable.notes,
      ...mailNote(directives, portable.others),
      ...body.notes,
      ...hints(preamble),
    ],
    ...refusal(request, source, directives, preamble.rest),
  };
}

function isBash({ shebang }: Pick<Source, "shebang">): boolean {
  if (!shebang) return true;
  const program = shebang.find((word) => !word.endsWith("/env") && !word.startsWith("-"));
  return /(?:^|\/)(?:ba)?sh$/.test(program ?? "");
}

/** Everything behind the first line but the directives, which are read on their own. */
function commandsOf({ text, shebang }: Source): Statement[] {
  let inForce = true;
  return statementsOf(text).filter((statement, index) => {
    if (index === 0 && shebang) return false;
    if (!isComment(statement.text)) inForce = false;
    return !(inForce && statement.text.startsWith("#SBATCH"));
  });
}

/** A script that another program than bash runs: it stays a file. */
function interpreted(
  { text, shebang = [] }: Source,
  { path, args, around }: MigrationRequest,
): Body {
  const file = withoutHardCoded(path, around).text;
  const lines = text.split("\n").flatMap((piece, index): LineReport[] =>
    piece.trim() === "" || index === 0 || piece.startsWith("#SBATCH")
      ? []
      : [{ line: index + 1, text: piece, fate: "kept", where: "the script, which command runs" }]
  );
  return {
    command: joined([...shebang, file, ...args]),
    comments: [],
    lines,
    notes: [`it is a script of ${shebang.join(" ")}: the command runs the file where it is`],
  };
}

function firstLine({ shebang, text }: Source): LineReport[] {
  if (!shebang) return [];
  const line = text.split("\n", 1)[0]!;
  const where = isBash({ shebang }) ? "expflow's scripts begin with #!/bin/bash" : "command";
  return [{ line: 1, text: line, fate: "key", where }];
}

function sourceNotes({ hadDosBreaks, shebang }: Source): string[] {
  return [
    ...hadDosBreaks ? ["it has DOS line breaks, which sbatch refuses: they are gone"] : [],
    ...shebang
      ? []
      : ["line 1: there is no #!/bin/bash, so sbatch refuses it: it was read as bash"],
    ...shebang?.[0]?.endsWith("/sh") ? ["it is written for sh: bash runs it now"] : [],
    ...shebang?.some((word) => /^-\w*l|^--login$/.test(word))
      ? ["line 1: a login shell; jobs find the login environment under slurm.export: NONE"]
      : [],
  ];
}

function mailNote({ personal }: ReadDirectives, others: readonly string[]): string[] {
  const address = String(personal.mail_user ?? "");
  return others.includes(address.split("@")[0]!)
    ? [`mail goes to ${address}: change resources.mail_user of the experiment`]
    : [];
}

/** What expflow has a better way for. */
function hints({ rest, modules }: Preamble): string[] {
  const at = (pattern: RegExp) => rest.find(({ text }) => !isComment(text) && pattern.test(text));
  const known: [RegExp, string][] = [
    [/\bscontrol\s+requeue\b/, "requeues its own job; `resume: requeue` would do so for it"],
    [/(^|[\s;(])sbatch\s/, "submits other jobs: expflow does not follow those"],
    [
      /--rdzv[-_]/,
      "arranges the meeting of its processes; `launcher: torchrun` would do so for it",
    ],
    [/\buv run\b/, "`uv run` stays as it is; `environment.uv` would use the environment as synced"],
  ];
  if (modules.length === 0) {
    known.push([/^\s*(?:module|ml)\s/, "stays as it is: the job's shell has to know `module`"]);
  }
  return known.flatMap(([pattern, what]) => {
    const found = at(pattern);
    return found ? [`line ${found.line}: ${what}`] : [];
  });
}

function refusal(
  { path }: MigrationRequest,
  source: Source,
  { hetJob }: ReadDirectives,
  rest: readonly Statement[],
): Pick<Migration, "refusal"> {
  const cannot = `Cannot migrate ${path}:`;
  if (hetJob) {
    const message = `${cannot} line ${hetJob} makes it a heterogeneous job, and expflow has none`;
    const hint = "make each component an experiment or a stage; --dry-run shows the first one";
    return { refusal: { message, hint } };
  }
  if (isBash(source) && rest.every(({ text }) => isComment(text))) {
    const hint = "name the script that you give to sbatch, with its command";
    return { refusal: { message: `${cannot} it runs no command`, hint } };
  }
  const secret = rest.find(({ text }) => hasSecretShape(text) || givenSecret(text));
  if (!secret) return {};
  const message = `${cannot} line ${secret.line} holds what looks like a secret`;
  const hint = "put it into a file that only you can read, and read it from there in the script";
  return { refusal: { message, hint } };
}

function givenSecret(text: string): boolean {
  return [...text.matchAll(/(?:^|\s)([A-Za-z_]\w*)=["']?([^\s"'$]+)/g)].some(([, name, value]) =>
    isSecret(name!, value!)
  );
}

/** The lines as they stand in the script, in order; what is at the wrong place is told. */
function asWritten(
  lines: readonly LineReport[],
  source: Source,
  { hetJob }: ReadDirectives,
): LineReport[] {
  const texts = source.text.split("\n");
  return lines.map((entry) => {
    const text = texts[entry.line - 1] ?? entry.text;
    const shown = entry.text.endsWith("=***") ? entry.text : masked(text);
    if (
      /^#SBATCH/.test(text) && entry.fate !== "key" && !hetJob && /kept|comment/.test(entry.fate)
    ) {
      if (!entry.where.includes("→") && !entry.where.includes("stays")) {
        const where = "sbatch does not read it: a command stands before it";
        return { ...entry, text: shown, where };
      }
    }
    if (/^#(?:#+|\s+)SBATCH/.test(text)) {
      return { ...entry, text: shown, where: "disabled: it does not begin with #SBATCH" };
    }
    return { ...entry, text: shown };
  }).sort((a, b) => a.line - b.line);
}

function masked(text: string): string {
  return hasSecretShape(text) || givenSecret(text) ? text.replace(/=.*/, "=***") : text;
}

function unwrapped(
  request: MigrationRequest,
  { script, first, last }: NonNullable<ReturnType<typeof unwrap>>,
): Migration {
  const inner = migrateScript({ ...request, script });
  const texts = readSource(request.script).text.split("\n");
  const outer = texts.flatMap((text, index): LineReport[] => {
    const line = index + 1;
    if (text.trim() === "") return [];
    return line >= first && line <= last
      ? [{ line, text, fate: "key", where: "the options and the command of sbatch --wrap" }]
      : [{ line, text, fate: "comment", where: "comment" }];
  });
  const told = inner.lines.filter(({ line }) => line > 1).map((entry) => ({
    ...entry,
    line: first,
  }));
  const lines = [...outer, ...told].sort((a, b) => a.line - b.line);
  const comments = texts.filter((text) => /^\s*#(?!!)/.test(text)).map((text) => text.trim());
  return { ...inner, lines, comments: [...comments.map(masked), ...inner.comments] };
}
