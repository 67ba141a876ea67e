import { join } from "node:path";
import { showParam } from "../results/factors.ts";
import { changeText, diffSummary } from "../results/report/diff_summary.ts";
import { escapeHtml } from "../results/export/html.ts";
import { factList, folded, lineList, paragraph } from "../results/report/page.ts";
import { quote } from "../script/quote.ts";
import type { Layout } from "../store/layout.ts";
import type { Plan } from "../store/plan.ts";
import type { ExperimentStatus } from "../submission/status.ts";
import { readIfThere } from "../system/files.ts";

const MOST_SUBMISSIONS = 10;
const MOST_CHANGES = 30;
const MOST_BYTES = 100_000;

/** Where results come from: each submission with its code, resources and what changed since. */
export function provenanceHtml(layout: Layout, { plans }: ExperimentStatus): string {
  const shown = plans.slice(-MOST_SUBMISSIONS).reverse();
  const more = plans.length - shown.length;
  return shown.map((plan) => submissionHtml(layout, plan)).join("\n") +
    (more > 0 ? paragraph(`… and ${more} earlier submissions`) : "");
}

function submissionHtml(layout: Layout, plan: Plan): string {
  const { submission, created, user, host, scheduler, versions, code, config } = plan;
  const changes = plan.reproducibility?.changes ?? [];
  const facts = Object.entries(plan.reproducibility?.facts ?? {})
    .map(([name, value]): [string, string] => [name, value ?? "none"]);
  return [
    `<h3>Submission ${escapeHtml(submission)}</h3>`,
    factList([
      ["submitted", `${new Date(created * 1000).toISOString()} by ${user} on ${host}`],
      ["scheduler", scheduler],
      ["versions", Object.entries(versions).map(([name, is]) => `${name} ${is}`).join(", ")],
      ["code", codeText(code)],
      ["repository", code.remote ?? code.repository],
      ["branch", code.branch],
      ["commit", code.commit],
      ["tree", code.tree],
      ...config.stages.map(({ name, resources }): [string, string] => [
        `resources of ${name}`,
        Object.entries(resources).map(([key, value]) => `${key} ${showParam(value)}`).join(", "),
      ]),
      ...facts,
    ]),
    dirtyHtml(layout, plan),
    listed("What a reader must know", code.warnings),
    listed("Decided by expflow", plan.decisions),
    listed(
      "Not as before",
      changes.map(({ fact, was, now, effect }) =>
        `${fact}: ${was ?? "none"} → ${now ?? "none"} (${effect})`
      ),
    ),
  ].join("\n");
}

function codeText({ mode, dirty, commit }: Plan["code"]): string {
  if (mode === "off") return "no snapshot: jobs ran what was in the folder when they started";
  if (mode === "in-place") return "outside git: jobs ran what was in the folder when they started";
  const state = dirty === undefined ? "" : dirty ? ", with changes" : ", without changes";
  return commit === undefined ? "snapshot, no commit" : `snapshot of the commit${state}`;
}

function dirtyHtml(layout: Layout, { experiment, submission, code }: Plan): string {
  if (!code.dirty) return "";
  const diff = readIfThere(join(layout.submission(experiment, submission), "code.diff"));
  if (diff === undefined) return paragraph("The difference to the commit was not kept.");
  const changes = diffSummary(diff);
  const text = diff.length <= MOST_BYTES
    ? diff
    : `${diff.slice(0, MOST_BYTES)}\n… ${diff.length - MOST_BYTES} more letters`;
  return listed("Changed since the commit", changes.map(changeText)) + folded("difference", text);
}

function listed(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : paragraph(`${title}:`) + lineList(lines, MOST_CHANGES);
}

/** What gets the same code and configuration again. */
export function reproduceHtml(layout: Layout, { id, plans }: ExperimentStatus): string {
  const plan = plans.at(-1)!;
  const { code, submission } = plan;
  const folder = layout.submission(id, submission);
  const steps = [
    ...(code.remote && code.commit
      ? [`git clone ${quote(code.remote)} code`, `git -C code checkout ${quote(code.commit)}`]
      : code.commit && code.repository
      ? [`git -C ${quote(code.repository)} worktree add "$PWD/code" ${quote(code.commit)}`]
      : []),
    ...(code.dirty ? [`git -C code apply --binary ${quote(join(folder, "code.diff"))}`] : []),
    `expflow -C ${quote(layout.root)} show ${quote(id)} --provenance`,
    `expflow -C ${quote(layout.root)} render ${quote(id)}`,
  ];
  const config = JSON.stringify(plan.config, null, 2);
  return [
    paragraph(
      `${code.mode === "snapshot" ? "Scripts, code" : "Scripts"} and parameters of every run of ` +
        `submission ${submission} are in ${folder}, with their hashes in its manifest.`,
    ),
    ...(code.commit ? [] : [paragraph("The code has no commit: it cannot be told which it was.")]),
    `<pre>${escapeHtml(steps.join("\n"))}</pre>`,
    folded("the whole configuration, as submitted", config.slice(0, MOST_BYTES)),
    folded("where each value came from", originsOf(plan).slice(0, MOST_BYTES)),
  ].join("\n");
}

function originsOf({ provenance }: Plan): string {
  return Object.entries(provenance).map(([key, place]) => `${key}: ${place}`).join("\n");
}
