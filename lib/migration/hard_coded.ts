import { scanBash } from "../script/bash_scanner.ts";
import type { LineReport, Surroundings } from "./model.ts";

/** A text without the paths of one user, and what was replaced. */
export interface Portable {
  text: string;
  lines: LineReport[];
  notes: string[];
  /** Other users whose folders it names. */
  others: string[];
}

const OF_A_USER =
  /(?<![\w$}/.~-])(?:\/[\w.-]+)*?\/(scratch\w*|home|users|u)\/([A-Za-z][\w.-]*)(?=[/\s"':,;)]|$)/g;
const SHARED =
  /^(?:shared?|public|common|projects?|groups?|data|datasets?|work|tmp|software|apps|modules|containers|images|local)$/;

/**
 * Replaces the home and scratch folders of a user, the own ones and those of whoever the script is
 * from, by `$HOME` and `$SCRATCH`. Bash must expand them there: others are told, and stay.
 */
export function withoutHardCoded(text: string, around: Surroundings): Portable {
  const { quoting } = scanBash(text);
  const others = new Map<string, number[]>();
  const found: Portable = { text: "", lines: [], notes: [], others: [] };
  const texts = text.split("\n");
  let copied = 0;
  for (const { start, end, variable, user } of foldersIn(text, around)) {
    const line = text.slice(0, start).split("\n").length;
    const folder = text.slice(start, end);
    if (user !== around.user) others.set(user, [...others.get(user) ?? [], line]);
    const quoted = quoting[start];
    const directive = texts[line - 1]!.startsWith("#SBATCH");
    if (directive ? OUTPUT.test(texts[line - 1]!) : quoted === "comment") continue;
    const stays = directive ? !CHDIR.test(texts[line - 1]!) : !REFERENCES[quoted!];
    if (stays) {
      const where = `${folder} is in ${directive ? "a directive" : "a here-document"}, where ` +
        `$${variable} may mean nothing: it stays`;
      found.lines.push({ line, text: texts[line - 1]!, fate: "kept", where });
      continue;
    }
    const reference = directive ? `$${variable}` : REFERENCES[quoted!]!(`$${variable}`);
    const here = variable === "SCRATCH" ? around.scratch : around.home;
    const where = `${folder} → $${variable}, here ${here}`;
    found.lines.push({ line, text: texts[line - 1]!, fate: "replaced", where });
    found.text += `${text.slice(copied, start)}${reference}`;
    copied = end;
  }
  found.text += text.slice(copied);
  found.others = [...others.keys()];
  for (const [user, lines] of others) {
    found.notes.push(
      `line ${
        [...new Set(lines)].join(", ")
      }: a folder of ${user}, who is not you: what is in it ` +
        "does not come along",
    );
  }
  return found;
}

/** A variable as bash takes it at a place that is quoted so. */
const REFERENCES: Record<string, (name: string) => string> = {
  plain: (name) => name,
  double: (name) => name,
  single: (name) => `'"${name}"'`,
};
const CHDIR = /^#SBATCH\s+(?:-D|--chdir)/;
const OUTPUT = /^#SBATCH\s+(?:-[oei]|--(?:output|error|input))\b/;

interface Folder {
  start: number;
  end: number;
  variable: "HOME" | "SCRATCH";
  user: string;
}

function foldersIn(text: string, { user, home, scratch }: Surroundings): Folder[] {
  const own = ([[scratch, "SCRATCH"], [home, "HOME"]] as const).flatMap(([folder, variable]) =>
    Array.from(
      text.matchAll(new RegExp(`(?<![\\w$}/.~-])${RegExp.escape(folder)}(?=[/\\s"':,;)]|$)`, "g")),
      ({ index }): Folder => ({ start: index, end: index + folder.length, variable, user }),
    )
  );
  const others = Array.from(text.matchAll(OF_A_USER)).flatMap((match): Folder[] => {
    const [whole, kind = "", name = ""] = match;
    if (SHARED.test(name)) return [];
    const variable = kind.startsWith("scratch") ? "SCRATCH" : "HOME";
    return [{ start: match.index, end: match.index + whole.length, variable, user: name }];
  });
  const all = [
    ...own,
    ...others.filter(({ start, end }) =>
      !own.some((known) => known.start < end && start < known.end)
    ),
  ];
  return all.sort((a, b) => a.start - b.start);
}
