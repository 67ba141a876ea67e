/**
 * What happened to a task, by rising rank within one attempt. Written by the task's shepherd:
 * `claim` (a symbolic link; the attempt is taken), `start` (detail: pid of the batch shell), `end`
 * (detail: exit code), `broken` (it could not be started; detail: `chdir` or `output`), `drop` (it
 * was cancelled before it started). Written by the supervisor: `warn` (the warning signal was
 * sent), `timeout`, `cancel`, `requeue` (what a task is ended for), `lost`
 * (its shepherd died; detail `launch`: it could never start), `never` (a dependency that cannot be
 * satisfied).
 */
export const EVENT_KINDS = [
  "claim",
  "start",
  "warn",
  "timeout",
  "cancel",
  "requeue",
  "end",
  "broken",
  "drop",
  "lost",
  "never",
] as const;

/** One of {@linkcode EVENT_KINDS}. */
export type EventKind = typeof EVENT_KINDS[number];

/**
 * An event is an empty file whose name says everything: `<task>.<restart>.<kind>.<detail>.<epoch>`,
 * or `<task>.<restart>.claim`.
 */
export interface TaskEvent {
  /** Index in the array, 0 without one; `all`: every task of the job that waits. */
  task: number | "all";
  /** How often the task was restarted before this attempt. */
  restart: number;
  kind: EventKind;
  /** `0` where there is nothing to say. */
  detail: string;
  /** Seconds since 1970. */
  epoch: number;
}

const NAME = /^(all|\d+)\.(\d+)\.([a-z]+)(?:\.([A-Za-z0-9]+)\.(\d+))?$/;
const RANK = new Map<string, number>(EVENT_KINDS.map((kind, rank) => [kind, rank]));

/** The file name of an event. */
export function eventName({ task, restart, kind, detail, epoch }: TaskEvent): string {
  return kind === "claim"
    ? `${task}.${restart}.claim`
    : `${task}.${restart}.${kind}.${detail}.${epoch}`;
}

/** Reads a file name; `undefined` when it is no event. */
export function parseEvent(name: string): TaskEvent | undefined {
  const match = NAME.exec(name);
  if (!match || !RANK.has(match[3]!)) return undefined;
  const kind = match[3] as EventKind;
  if ((match[4] === undefined) !== (kind === "claim")) return undefined;
  return {
    task: match[1] === "all" ? "all" : Number(match[1]),
    restart: Number(match[2]),
    kind,
    detail: match[4] ?? "0",
    epoch: Number(match[5] ?? 0),
  };
}

/** The events among these file names, in the order in which they make sense. */
export function readEvents(names: readonly string[]): TaskEvent[] {
  const events = names.map(parseEvent).filter((event) => event !== undefined);
  return events.sort((a, b) => a.restart - b.restart || RANK.get(a.kind)! - RANK.get(b.kind)!);
}
