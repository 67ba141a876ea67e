import { join } from "node:path";
import { ConfigError, StorageError } from "../core/errors.ts";
import type { RunPoint } from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import type { SearchSpec } from "../core/search.ts";
import { appendLine, dropTornLine, readIfThere } from "../system/files.ts";
import type { Coordinates } from "./space.ts";

const VERSION = 1;

/** What must stay as it is while a search goes on. */
export interface SearchTerms extends Omit<SearchSpec, "trials" | "at_once" | "python"> {
  direction: "min" | "max";
  /** Fingerprint of the parameters that are not searched, and of what the stages compute. */
  fixed: string;
}

/** The first line: what is searched. */
export interface Begun {
  event: "begun";
  version: number;
  terms: SearchTerms;
}

/** A trial begins, at rung 0, or goes on at a higher one. */
export interface Started {
  /** Tells the kinds of lines apart. */
  event: "started";
  /** Its number, from 0. */
  trial: number;
  /** From 0; 0 where there is no asha. */
  rung: number;
  /** All parameters of the run, the budget too. */
  params: Params;
  /** Where a sampler of Optuna put it; at rung 0. */
  at?: Coordinates;
}

/** What became of a trial at a rung: a finite value, or why there is none. */
export interface Told {
  /** Tells the kinds of lines apart. */
  event: "told";
  /** Its number, from 0. */
  trial: number;
  /** The rung that it was at. */
  rung: number;
  /** Index of the run that has the value. */
  run: number;
  /** Of the metric. */
  value?: number;
  /** Why there is no value. */
  failed?: string;
}

/** A line of the journal. */
export type SearchEvent = Begun | Started | Told;

/** The journal of a search: lines that are only ever added, by whoever holds the search. */
export class SearchJournal {
  readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, "journal.jsonl");
  }

  /** What was written whole. */
  read(): SearchEvent[] {
    const lines = (readIfThere(this.path) ?? "").split("\n").slice(0, -1);
    const begun = new Set<string>();
    return lines.map((line, index) => {
      const place = `${this.path}:${index + 1}`;
      const event = parse(line, place);
      if (event.event === "begun") return event;
      const rung = `${event.trial}.${event.rung}`;
      if (event.event === "started") begun.add(rung);
      else if (!begun.has(rung)) throw broken(place, "it tells of a trial that did not begin");
      return event;
    });
  }

  /** Removes what a writer left that was killed in the middle of a line. */
  mend(): void {
    dropTornLine(this.path);
  }

  begin(terms: SearchTerms): void {
    this.append({ event: "begun", version: VERSION, terms });
  }

  append(event: SearchEvent): void {
    appendLine(this.path, JSON.stringify(event));
  }
}

/** The points that were suggested, one for each rung that a trial reached. */
export function* suggestedPoints(folder: string): Generator<RunPoint> {
  for (const event of new SearchJournal(folder).read()) {
    if (event.event === "started") yield { params: event.params };
  }
}

const EVENTS: readonly unknown[] = ["begun", "started", "told"] satisfies SearchEvent["event"][];

function parse(line: string, place: string): SearchEvent {
  let event: SearchEvent;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw broken(place, "it is no line of JSON", cause);
  }
  if (!EVENTS.includes(event?.event)) throw broken(place, "it is no event of a search");
  if (event.event === "begun" && event.version > VERSION) {
    throw new ConfigError(
      `Cannot read ${place}: it has version ${event.version}, this expflow knows ${VERSION}`,
      { hint: "use the expflow that wrote it, or a newer one" },
    );
  }
  return event;
}

function broken(place: string, problem: string, cause?: unknown): StorageError {
  return new StorageError(`Cannot read ${place}: ${problem}`, {
    hint: "only expflow writes this file: restore it, or search anew as another experiment",
    cause,
  });
}
