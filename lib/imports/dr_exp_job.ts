import { isGroup, type Params, type ParamValue } from "../core/params.ts";
import { jsonFault, parsePythonJson } from "../core/python_json.ts";
import type { ForeignRun, ForeignState } from "./foreign.ts";
import { roundedNumbers, timeOf, withoutSecrets } from "./fields.ts";

const STATES: Record<string, ForeignState> = {
  queued: "queued",
  pending: "queued",
  running: "unknown",
  completed: "completed",
  failed: "failed",
};

/** What is kept of a job beside what every run has. */
const DETAILS = ["priority", "worker_id", "last_heartbeat"] as const;

/** A file of `jobs/`. */
export interface JobFile {
  path: string;
  /** Relative to dr_exp's folder. */
  file: string;
  /** Its name without `.json`. */
  stem: string;
}

/** Reads one job; what is missing or strange is in its `problems`. */
export function readJob({ path, file, stem }: JobFile): ForeignRun | { problem: string } {
  let given: string;
  try {
    given = Deno.readTextFileSync(path);
  } catch (error) {
    return { problem: `cannot be read: ${error instanceof Error ? error.message : error}` };
  }
  const { text, replaced } = withoutSecrets(given);
  const problems = replaced > 0 ? [`${replaced} values look like secrets: not imported`] : [];
  try {
    const job = parsePythonJson(text) as ParamValue;
    if (!isGroup(job)) return { problem: "is no JSON object" };
    return runOf(job, { file, stem, text, problems });
  } catch (error) {
    const { reason, cut } = jsonFault(error, text);
    return { problem: cut ? "is half-written JSON" : `is not JSON: ${reason}` };
  }
}

function runOf(
  job: Params,
  { file, stem, text, problems }: Pick<ForeignRun, "file" | "text" | "problems"> & { stem: string },
): ForeignRun {
  const id = textOf(job.id);
  if (id === undefined) problems.push("it has no id: its file's name is taken");
  else if (id !== stem) problems.push(`its id ${JSON.stringify(id)} is not its file's name`);
  const experiment = textOf(job.experiment);
  if (experiment === undefined) problems.push("it names no experiment");
  if (!isGroup(job.config)) problems.push("it has no config: its parameters are not known");
  const rounded = roundedNumbers(text);
  if (rounded.length > 0) {
    problems.push(`whole numbers beyond 2^53, rounded: ${rounded.join(", ")}`);
  }
  return {
    id: id ?? stem,
    experiment: experiment ?? "",
    file,
    text,
    ...isGroup(job.config) ? { params: job.config } : {},
    state: stateOf(job, problems),
    command: textOf(job.command),
    tags: Array.isArray(job.tags) ? job.tags.flatMap((tag) => textOf(tag) ?? []) : [],
    ...timesOf(job, problems),
    attempt: wholeOf(job.attempts),
    error: textOf(job.error),
    ...isGroup(job.final_metrics) ? { metrics: job.final_metrics } : {},
    details: Object.fromEntries(DETAILS.flatMap((name) => {
      const value = job[name];
      return typeof value === "string" || typeof value === "number" ? [[name, value]] : [];
    })),
    problems,
  };
}

function stateOf(job: Params, problems: string[]): ForeignState {
  const word = textOf(job.status);
  const state = word === undefined || !Object.hasOwn(STATES, word) ? undefined : STATES[word];
  if (state === undefined) {
    problems.push(
      word === undefined
        ? "it has no status: unknown"
        : `its status ${JSON.stringify(word)} is none of dr_exp's: unknown`,
    );
  } else if (word === "running") {
    const worker = textOf(job.worker_id);
    const beat = timeOf(job.last_heartbeat)?.iso;
    problems.push(
      `dr_exp says running${worker ? `, by ${worker}` : ""}${beat ? `, seen ${beat}` : ""}: ` +
        "it cannot be asked from here, so its state is unknown",
    );
  }
  return state ?? "unknown";
}

function timesOf(
  job: Params,
  problems: string[],
): Pick<ForeignRun, "created" | "started" | "ended"> {
  const found: Pick<ForeignRun, "created" | "started" | "ended"> = {};
  const named = { created: "created", started: "started", ended: "completed" } as const;
  let naive = false;
  for (const [own, theirs] of Object.entries(named) as ["created", string][]) {
    const value = job[`${theirs}_at`] ?? job[theirs];
    if (value === undefined || value === null) continue;
    const time = timeOf(value);
    if (!time) problems.push(`its time ${theirs} cannot be read: ${JSON.stringify(value)}`);
    else found[own] = time.iso;
    naive ||= time?.naive ?? false;
  }
  if (naive) problems.push("its times name no zone: taken as UTC");
  return found;
}

function textOf(value: ParamValue | undefined): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function wholeOf(value: ParamValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
