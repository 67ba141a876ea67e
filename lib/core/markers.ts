/**
 * A marker is an empty file made by a job; everything it says is in its name:
 * `<run>.<stage>.<attempt>.<event>.<code>.<epoch>`, so that one directory listing is the status.
 */
export interface Marker {
  /** Index of the run. */
  run: number;
  stage: string;
  /** 1 for the first execution. */
  attempt: number;
  event: MarkerEvent;
  /** Exit code as bash sees it (128 + n after signal n); 0 where it means nothing. */
  code: number;
  /** Seconds since 1970. */
  epoch: number;
}

/**
 * `start`: the job has claimed the attempt. `end`: the program ended by itself, with `code`.
 * `stop`: the job was told to end (a TERM signal) and ended the program; who wanted it, the
 * scheduler knows. `timeout`: the job ended the program as its time limit was near; `requeue`: it
 * also asked to be run again; `spent`: it had done so as often as it may; `stuck`: the attempt left
 * no new checkpoint, so that another one would not help. `left`: the job carries several runs, and
 * ended before the turn of this one. `skip`: a stage this one comes after did not succeed. `mismatch`: the table of
 * values is not the one that was submitted; nothing ran.
 */
export type MarkerEvent = typeof EVENTS[number];

const EVENTS = [
  "start",
  "end",
  "stop",
  "timeout",
  "requeue",
  "spent",
  "stuck",
  "skip",
  "left",
  "mismatch",
] as const;

const NAME = new RegExp(
  String.raw`^(\d+)\.([A-Za-z][A-Za-z0-9_-]*)\.(\d+)\.(${EVENTS.join("|")})\.(\d+)\.(\d+)$`,
);

/** The file name of a marker. */
export function markerName(marker: Marker): string {
  const { run, stage, attempt, event, code, epoch } = marker;
  return `${run}.${stage}.${attempt}.${event}.${code}.${epoch}`;
}

/** Reads a file name; `undefined` when it is no marker. */
export function parseMarker(name: string): Marker | undefined {
  const match = NAME.exec(name);
  if (!match) return undefined;
  return {
    run: Number(match[1]),
    stage: match[2]!,
    attempt: Number(match[3]),
    event: match[4] as MarkerEvent,
    code: Number(match[5]),
    epoch: Number(match[6]),
  };
}
