import type { SlurmAdvice } from "../advisor/advise.ts";
import type { BatchPlan } from "../advisor/batch_plan.ts";
import type { Hold } from "../advisor/limits.ts";
import type { AdvisedPlace } from "../advisor/places.ts";
import { rejectionLines } from "../advisor/rejection_lines.ts";
import type { Advice } from "../manager/advise.ts";
import type { CliContext } from "./context.ts";
import { tellMachine } from "./tell_resources.ts";
import { textTable } from "./text_table.ts";

const SHOWN = 8;

/** Says where a job could run, best first. */
export function tellAdvice(context: CliContext, advice: Advice, all: boolean): void {
  if (advice.kind === "machine") {
    context.out(tellMachine(advice.machine));
    for (const lack of advice.lacks) context.err(`does not fit: ${lack}\n`);
    context.err("no Slurm is used here: this is about this machine, busy or not\n");
  } else tellPlaces(context, advice, all);
  if (advice.batch) context.out(`${tellBatch(advice.batch)}\n`);
}

function tellPlaces(context: CliContext, advice: SlurmAdvice, all: boolean): void {
  const { places, rejected, shorter, unknown, user } = advice;
  const columns = context.terminal.out ? context.columns : Infinity;
  const shown = all ? places : places.slice(0, SHOWN);
  if (shown.length > 0) context.out(tellTable(shown, columns));
  if (all) { for (const place of shown) context.out(tellTerms(place)); }
  if (places.length > shown.length) {
    context.err(`${places.length - shown.length} more places: --all shows them\n`);
  }
  for (const hold of places[0]?.holds ?? []) context.err(`warning: ${tellHold(hold)}\n`);
  if (shorter) {
    context.err(
      `hint: --time ${shorter.time} would start ${
        tellWait(shorter.earlier)
      } earlier (${shorter.source})\n`,
    );
  }
  for (const line of rejectionLines(rejected)) context.err(`not ${line}\n`);
  for (const line of unknown) context.err(`warning: not known: ${line}\n`);
  if (places.length === 0) context.err(`nothing fits for ${user}\n`);
}

function tellTable(places: readonly AdvisedPlace[], columns: number): string {
  const rows = places.map((place) => [
    place.score.toFixed(3),
    place.partition,
    place.resources.gpu_type ?? "",
    `${place.nodes} × ${place.gpusPerNode}`,
    place.resources.account ?? "",
    place.resources.qos ?? "",
    place.start ? tellWait(place.start.seconds) : "unknown",
    place.wait ? tellRange(place.wait.from, place.wait.to) : "unknown",
    place.holds === undefined ? "unknown" : place.holds.length === 0 ? "" : "held by a limit",
    place.cost.billingHours === null ? "unknown" : place.cost.billingHours.toFixed(1),
    place.wait?.source ?? place.startUnknown ?? "",
  ]);
  const head = [
    "score",
    "partition",
    "GPU",
    "nodes × GPUs",
    "account",
    "QOS",
    "start in",
    "likely in",
    "limits",
    "billing hours",
    "from",
  ];
  return textTable(head, rows, columns);
}

function tellRange(from: number, to: number): string {
  const ends = [tellWait(from), tellWait(to)];
  return [...new Set(ends)].join(" – ");
}

function tellTerms({ partition, nodes, gpusPerNode, resources, score, terms, cost }: AdvisedPlace) {
  const title = [partition, resources.gpu_type, `${nodes} × ${gpusPerNode}`].filter(Boolean);
  const lines = terms.map(({ name, weight, value, why }) =>
    `  ${weight.toFixed(2)} × ${value === null ? "0.50 (unknown)" : value.toFixed(2)}  ` +
    `${name}: ${why}\n`
  );
  return `${title.join(" ")}: ${score.toFixed(3)}; cost from ${cost.source}\n${lines.join("")}`;
}

function tellHold({ limit, max, used, wanted, never }: Hold): string {
  return never
    ? `${limit} is ${max}, ${wanted} is wanted: it would never start`
    : `${limit} is ${max}, ${used} is used and ${wanted} is wanted: it would wait for your own jobs`;
}

function tellBatch({ globalBatch, gpus, perGpu, accumulation, problem }: BatchPlan): string {
  return perGpu === undefined
    ? `batch: ${globalBatch} cannot be made: ${problem}`
    : `batch: ${perGpu} a GPU × ${gpus} GPUs × ${accumulation} passes = ${globalBatch}`;
}

/** Seconds for a reader: `now`, `40 s`, `5 min`, `3.5 h`, `2.0 d`. */
export function tellWait(seconds: number): string {
  if (seconds < 5) return "now";
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${(seconds / 3600).toFixed(1)} h`
    : `${(seconds / 86_400).toFixed(1)} d`;
}

/** The scheduler's own estimate for a job that waits. */
export function tellStart(seconds: number, source: string): string {
  return `to start ${seconds < 5 ? "now" : `in ${tellWait(seconds)}`} by ${source}'s estimate`;
}
