import { setParam } from "../config/sweep_params.ts";
import { ConflictError } from "../core/errors.ts";
import { isEnded } from "../core/states.ts";
import type { Holder } from "../search/holder.ts";
import type { Started, Told } from "../search/journal.ts";
import { suggest } from "../search/suggest.ts";
import {
  foldEvent,
  type OpenTrial,
  openTrials,
  promotionDue,
  type SearchState,
} from "../search/trials.ts";
import { checkpointsOf } from "../store/checkpoints.ts";
import { lineageOf, withDescendants } from "../submission/retry/lineage.ts";
import { runFingerprints } from "../submission/select.ts";
import { type ExperimentStatus, type RunStatus, statusOf } from "../submission/status.ts";
import { submitExperiment } from "../submission/submit.ts";
import { untilAborted } from "../system/abortable.ts";
import { harvest } from "./harvest.ts";
import { keepGoing } from "./keep_going.ts";
import type { Project } from "./project.ts";
import type { OpenSearch } from "./search.ts";
import { pythonOf } from "./search_python.ts";
import { resultOf } from "./search_result.ts";
import { type Act, isWaiting, pollOf, requestOf, waitsForRoom } from "./submit.ts";

/** How to drive a search, and whom to tell. */
export interface SearchOptions {
  /** Told of each trial that begins, goes on or ends. */
  onEvent?: (event: Started | Told) => void;
  /** Told what is retried, one line each. */
  onNotice?: (line: string) => void;
  /** Milliseconds between two looks; on a cluster 5,000. */
  intervalMs?: number;
  /** Ends the driver, not the runs: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Drive it although a process of another host has the right to, which is gone. */
  takeOver?: boolean;
}

/** An open trial with the run that it has; none before it is submitted. */
interface Tracked extends OpenTrial {
  mark: string;
  /** Its run, or the one that retries it with other parameters. */
  run?: RunStatus;
}

/** Suggests, submits and tells, look by look, until no trial is open. */
export class SearchDriver {
  readonly #keep?: Act;
  readonly #mark: ReturnType<typeof runFingerprints>;

  constructor(
    private readonly project: Project,
    private readonly id: string,
    private readonly search: OpenSearch,
    private readonly state: SearchState,
    private readonly holder: Holder,
    private readonly options: SearchOptions,
  ) {
    const { experiment } = search;
    this.#mark = runFingerprints(experiment);
    const goesOn = experiment.retry ||
      experiment.stages.some(({ resume }) => resume === "resubmit");
    if (goesOn) this.#keep = keepGoing(project, id, options);
  }

  async drive(): Promise<void> {
    const { context } = this.project;
    const { intervalMs = pollOf(this.project) } = this.options;
    for (;;) {
      this.options.signal?.throwIfAborted();
      const [status] = await statusOf(context, [this.id]);
      const again = await this.#goOn(status!);
      const told = await this.#tell(status!, again);
      const begun = await this.#begin();
      await this.#submit(again ? undefined : status!);
      if (openTrials(this.state).length === 0) return;
      if (told + begun > 0) continue;
      await untilAborted(context.clock.sleep(intervalMs), this.options.signal);
    }
  }

  /** Lets waiting jobs and retries of runs go on. @returns whether runs that ended may run again. */
  async #goOn(status: ExperimentStatus): Promise<boolean> {
    const runs = this.#tracked(status).flatMap(({ run }) => run ?? []);
    const isInDoubt = runs.some(({ state }) => state === "unknown"); // its submission was killed
    if (isInDoubt || isWaiting(runs)) await waitsForRoom(this.project, this.id);
    const tracked = new Set(runs.map(({ index }) => index));
    return await this.#keep?.(status, tracked) ?? false;
  }

  #tracked({ runs, plans }: ExperimentStatus): Tracked[] {
    const byMark = new Map(runs.map((run) => [run.fingerprint, run]));
    const byIndex = new Map(runs.map((run) => [run.index, run]));
    const lineage = lineageOf(plans, runs);
    return openTrials(this.state).map((open) => {
      const mark = this.#mark(open.at);
      const own = byMark.get(mark);
      const last = own && [...withDescendants(lineage, [own.index])].at(-1);
      return { ...open, mark, run: last === undefined ? undefined : byIndex.get(last) };
    });
  }

  /** @returns how many trials were told. */
  async #tell(status: ExperimentStatus, again: boolean): Promise<number> {
    const ended = this.#tracked(status).filter(({ run }) =>
      run && run.state !== "refused" && isEnded(run.state)
    );
    if (ended.length === 0) return 0;
    const { records } = await harvest(this.project, this.id);
    const byRun = new Map(records.map((record) => [record.run, record]));
    let count = 0;
    for (const { trial, at, run } of ended) {
      const result = resultOf(this.search.terms, run!.state, byRun.get(run!.index));
      if (again && result.failed !== undefined) continue;
      this.#write({
        event: "told",
        trial: trial.number,
        rung: at.rung,
        run: run!.index,
        ...result,
      });
      count++;
    }
    return count;
  }

  /** Promotes trials and suggests new ones, as many as may run. @returns how many. */
  async #begin(): Promise<number> {
    const { spec, budgets, terms, experiment } = this.search;
    const { state } = this;
    let room = spec.at_once - openTrials(state).length;
    let count = 0;
    for (; room > 0 && spec.asha; room--, count++) {
      const due = promotionDue(state, spec.asha, budgets.length, terms.direction);
      if (!due) break;
      const { params } = state.trials[due.trial]!.rungs[0]!;
      const budget = setParam(params, spec.asha.param, budgets[due.rung]!);
      this.#write({ event: "started", ...due, params: budget });
    }
    const first = state.trials.length;
    const wanted = Math.min(room, spec.trials - first);
    if (wanted <= 0) return count;
    const python = pythonOf(this.project, experiment, spec);
    const asked = { terms, state, params: experiment.params, python, budgets };
    const numbers = Array.from({ length: wanted }, (_, index) => first + index);
    for (const { trial, params, at } of await suggest(asked, numbers)) {
      const begun = spec.asha ? setParam(params, spec.asha.param, budgets[0]!) : params;
      this.#write({ event: "started", trial, rung: 0, params: begun, ...at && { at } });
    }
    return count + wanted;
  }

  /** Submits the open trials that have no run; what exists is never submitted again. */
  async #submit(known: ExperimentStatus | undefined): Promise<void> {
    const { context } = this.project;
    const status = known ?? (await statusOf(context, [this.id]))[0]!;
    const missing = this.#tracked(status).filter(({ run }) => !run || run.state === "refused");
    if (missing.length === 0) return;
    this.#checkTurn();
    const request = await requestOf(this.project, this.id, {});
    const wanted = new Set(missing.flatMap(({ run }) => run?.index ?? []));
    const others = status.runs.map(({ index }) => index).filter((index) => !wanted.has(index));
    const points = new Map(missing.map(({ mark, at }) => [mark, { params: at.params }]));
    await submitExperiment(context, {
      ...request,
      points: () => points.values(),
      selection: { begins: this.#checkpoints(missing), except: new Set(others) },
    }, status);
  }

  /** Where promoted trials go on: the newest checkpoint of their run at the rung below. */
  #checkpoints(missing: readonly Tracked[]): Map<string, string> {
    const spec = this.search.experiment.stages.find(({ checkpoint }) => checkpoint)?.checkpoint;
    const begins = new Map<string, string>();
    for (const { trial, at, mark } of missing) {
      const before = trial.rungs[at.rung - 1]?.told?.run;
      if (!spec || before === undefined) continue;
      const [newest] = checkpointsOf(this.project.layout, this.id, before, spec);
      if (newest) begins.set(mark, newest.path);
    }
    return begins;
  }

  #write(event: Started | Told): void {
    this.#checkTurn();
    this.search.journal.append(event);
    foldEvent(this.state, event);
    this.options.onEvent?.(event);
  }

  #checkTurn(): void {
    if (this.holder.isOurs()) return;
    throw new ConflictError(
      `Cannot go on with the search ${this.id}: another process took it over`,
      {
        hint: "`expflow search status` says who drives it",
      },
    );
  }
}
