import { createHash } from "node:crypto";
import type { Answer, Step, Steps } from "../../../lib/schedulers/queue/steps.ts";
import type { MemoryFiles } from "./memory_files.ts";

/** One of several that use the same files at the same time. */
export interface Participant {
  name: string;
  /** The same steps each time, when they are answered the same. */
  steps: () => Steps<unknown>;
}

/**
 * What may go wrong with a step. `crash`: its participant does nothing more, from before it on.
 * `lost`: a rename is done and answered with ENOENT. `old`: a listing is answered with one of before.
 */
export const FAULTS = ["crash", "lost", "old"] as const;
/** One of {@linkcode FAULTS}. */
export type Fault = typeof FAULTS[number];

/** What is tried in all its courses. */
export interface Scenario {
  begin: () => World;
  /** How many things go wrong in one course, at most. */
  faults: number;
  /** Which; all of them unless told. */
  kinds?: readonly Fault[];
}

/** Everything at the beginning of one course, and what must be true of it. */
export interface World {
  files: MemoryFiles;
  participants: Participant[];
  /** What else than files and answers decides how it goes on. */
  memory: () => string;
  /** Throws when something is wrong, after each step. */
  check: () => void;
  /** Throws when something is wrong at the end; `crashed` are names. */
  checkEnd: (crashed: ReadonlySet<string>) => void;
}

/** Who does its next step, and what goes wrong with it. */
type Choice = { who: number; fault?: Fault; old?: number };

/** How much was tried. */
export interface Explored {
  /** Courses from the beginning to an end, or to where another one had been before. */
  courses: number;
  /** Different situations. */
  situations: number;
}

/** A course in which something was wrong. */
export class Violation extends Error {
  override name = "Violation";
}

const LONGEST = 400;
const CHANGES: ReadonlySet<Step["do"]> = new Set([
  "rename",
  "create",
  "makeFolder",
  "removeFolder",
  "remove",
]);

/**
 * Tries every order of the participants' steps with every allowed fault. A situation is the files and
 * all answers so far; one that was there before goes on in the same ways and is not tried again.
 */
export function explore({ begin, faults, kinds = FAULTS }: Scenario): Explored {
  const seen = new Set<string>();
  const open: Choice[][] = [[]];
  let courses = 0;
  for (let prefix = open.pop(); prefix; prefix = open.pop()) {
    courses++;
    const course = new Course(begin(), faults, new Set(kinds));
    for (const choice of prefix) course.take(choice, course.taken.length < prefix.length - 1);
    while (true) {
      const key = course.key();
      if (seen.has(key)) break;
      seen.add(key);
      const [next, ...others] = course.choices();
      if (!next) {
        course.end();
        break;
      }
      for (const other of others) open.push([...course.taken, other]);
      course.take(next);
    }
  }
  return { courses, situations: seen.size };
}

/** One course of events. */
class Course {
  readonly taken: Choice[] = [];
  readonly #world: World;
  readonly #kinds: ReadonlySet<Fault>;
  #left: number;
  readonly #steps: Steps<unknown>[];
  readonly #next: (Step | undefined)[];
  readonly #answers: string[];
  readonly #crashed = new Set<string>();
  readonly #story: string[] = [];

  constructor(world: World, faults: number, kinds: ReadonlySet<Fault>) {
    this.#world = world;
    this.#left = faults;
    this.#kinds = kinds;
    this.#steps = world.participants.map(({ steps }) => steps());
    this.#answers = world.participants.map(() => "");
    this.#next = this.#steps.map((steps) => steps.next()).map(({ done, value }) =>
      done ? undefined : value
    );
  }

  key(): string {
    const left = `${this.#left} ${[...this.#crashed].sort()}`;
    const files = this.#world.files.text(this.#mayFail("old"));
    const all = [left, files, this.#world.memory(), ...this.#answers].join("\n--\n");
    return createHash("md5").update(all).digest("base64"); // there are millions of them
  }

  #mayFail(kind: Fault): boolean {
    return this.#left > 0 && this.#kinds.has(kind);
  }

  choices(): Choice[] {
    const choices: Choice[] = [];
    this.#next.forEach((step, who) => {
      if (!step) return;
      choices.push({ who });
      if (CHANGES.has(step.do) && this.#mayFail("crash")) choices.push({ who, fault: "crash" });
      if (step.do === "rename" && this.#mayFail("lost")) choices.push({ who, fault: "lost" });
      if (step.do !== "list" || !this.#mayFail("old")) return;
      const { length } = this.#world.files.earlier(step.path);
      for (let old = 0; old < length; old++) choices.push({ who, fault: "old", old });
    });
    return choices;
  }

  /** @param known whether another course took it before, and checked. */
  take(choice: Choice, known = false): void {
    this.taken.push(choice);
    const { who, fault, old = 0 } = choice;
    if (fault) this.#left--;
    const { name } = this.#world.participants[who]!;
    const step = this.#next[who]!;
    this.#guarded(() => {
      if (this.taken.length > LONGEST) throw new Error("it does not come to an end");
      if (fault === "crash") {
        this.#crashed.add(name);
        this.#next[who] = undefined;
        this.#story.push(`${name} crashes before ${told(step)}`);
        return;
      }
      const answer = this.#answer(step, fault, old);
      this.#story.push(`${name} ${told(step)}: ${JSON.stringify(answer)}${fault ? " (!)" : ""}`);
      this.#answers[who] += `${JSON.stringify(answer)} `;
      const { done, value } = this.#steps[who]!.next(answer);
      this.#next[who] = done ? undefined : value;
      if (!known) this.#world.check();
    });
  }

  #answer(step: Step, fault: Fault | undefined, old: number): Answer {
    const { files } = this.#world;
    if (fault === "old" && step.do === "list") return files.earlier(step.path)[old];
    const answer = files.answer(step);
    return fault === "lost" ? false : answer;
  }

  end(): void {
    this.#guarded(() => this.#world.checkEnd(this.#crashed));
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Violation(`${why}\n  ${this.#story.join("\n  ")}`, { cause: error });
    }
  }
}

function told(step: Step): string {
  return step.do === "rename" ? `rename ${step.from} → ${step.to}` : `${step.do} ${step.path}`;
}
