import type { ParamValue } from "../core/params.ts";
import type { DiagnosisReport, WhyReport } from "../manager/why.ts";
import type { CommonFactor, FailureGroup } from "../submission/diagnosis/group.ts";
import type { Diagnosis, Evidence } from "../submission/diagnosis/rule.ts";
import type { Lineage } from "../submission/retry/lineage.ts";
import type { RunStatus } from "../submission/status.ts";
import { tellCounts } from "./progress.ts";
import { tellStart } from "./tell_advice.ts";

/** Runs and values that are listed before `…`. */
const SHOWN = 8;

/** What one run failed of, as text. */
export function whyText({ id, run, state, reason, start, failure }: WhyReport): string {
  const said = [
    reason ? ` (${reason})` : "",
    start ? `; ${tellStart(start.seconds, start.source)}` : "",
  ].join("");
  if (!failure) return `${id}/${run}: ${state.replaceAll("_", " ")}${said}; nothing failed\n`;
  const { stage, diagnosis, status } = failure;
  const where = status.nodes ? ` on ${status.nodes}` : "";
  const attempt = `attempt ${status.attempt} of ${stage}${where}`;
  return `${id}/${run}: ${headline(diagnosis)}  [${attempt}]\n` +
    evidenceText(diagnosis.evidence) +
    diagnosis.also.map(({ title, evidence }) =>
      `also: ${title}\n${evidenceText(evidence.slice(0, 1))}`
    )
      .join("") +
    `try: ${diagnosis.remedy}\n`;
}

/** `CUDA OOM`, with how sure that is. */
function headline({ title, certainty }: Pick<Diagnosis, "title" | "certainty">): string {
  return certainty === "likely" ? `${title} (likely)` : title;
}

function evidenceText(evidence: readonly Evidence[]): string {
  return evidence.map(({ source, line, fromEnd, text }) => {
    const place = line !== undefined
      ? `${source}:${line}`
      : fromEnd !== undefined
      ? `${source}, line ${fromEnd} from its end`
      : source;
    return `  ${place}: ${text}\n`;
  }).join("");
}

/** Where a run comes from, and which runs retry it, one part each. */
export function lineageText(
  { index, parent }: Pick<RunStatus, "index" | "parent">,
  lineage: Lineage,
): string[] {
  const children = lineage.childrenOf(index);
  const last = lineage.retriesOf(index).at(-1);
  const after = last ? ` after ${last.class}` : "";
  const changes = last && last.changes.length > 0 ? `: ${last.changes.join(", ")}` : "";
  const own = last
    ? [`retry ${parent === undefined ? "" : `of run ${parent} `}${after.trim()}${changes}`]
    : [];
  return [...own, ...children.length > 0 ? [`retried as run ${children.join(", ")}`] : []];
}

/** What the runs of an experiment failed of, as text. */
export function diagnosisText({ id, counts, groups }: DiagnosisReport): string {
  return `${id}: ${tellCounts(counts)}\n${groups.map((group) => groupText(id, group)).join("")}`;
}

function groupText(id: string, group: FailureGroup): string {
  const { runs, common, evidence, remedy } = group;
  const count = runs.length === 1 ? `run ${runs[0]}` : `${runs.length} runs`;
  const shared = common.map(factorText).map((text) => `, ${text}`).join("");
  const listed = runs.length === 1 ? "" : ` (${list(runs.map(String))})`;
  return `${count}: ${headline(group)}${shared}${listed}\n` +
    evidenceText(evidence.slice(0, 1)) +
    `  try: ${remedy}\n` +
    (group.certainty === "unknown" ? `  see: expflow why ${id}/${runs[0]}\n` : "");
}

/** `all on gpu03`, `batch 512 (of 64, 128, 512)`. */
function factorText({ name, value, of, completedToo }: CommonFactor): string {
  const too = completedToo ? `, as ${completedToo} that completed` : "";
  if (name === "node") return `all on ${shown(value)}${too}`;
  return `${name} ${shown(value)} (of ${list(of.map(shown))}${too})`;
}

function shown(value: ParamValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function list(words: readonly string[]): string {
  const more = words.length > SHOWN ? ", …" : "";
  return words.slice(0, SHOWN).join(", ") + more;
}
