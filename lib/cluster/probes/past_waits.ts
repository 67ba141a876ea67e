import type { Question } from "../ask.ts";
import { tableRows } from "../slurm_rows.ts";

/** How long one of the user's own jobs waited. */
export interface PastWait {
  /** Where it ran. */
  partition: string;
  /** From being able to start to the start, in seconds. */
  seconds: number;
}

const FIELDS = ["Partition", "Eligible", "Start", "State"];
const DAYS = 30;

/** The user's own jobs of the last 30 days: without steps, each once. */
export const pastWaitsQuestion: Question<PastWait[]> = {
  argv: [
    "sacct",
    "--allocations",
    "--noheader",
    "--parsable2",
    `--starttime=now-${DAYS}days`,
    "--endtime=now",
    `--format=${FIELDS.join()}`,
  ],
  name: `sacct, ${DAYS} days`,
  parse: parsePastWaits,
};

/** Reads `gpu|1795318000|1795318078|COMPLETED` lines; jobs that never started are left aside. */
export function parsePastWaits(stdout: string): PastWait[] | undefined {
  return tableRows(stdout, FIELDS.length)?.flatMap(([partition, eligible, start]) => {
    const known = /^[1-9]\d*$/.test(eligible!) && /^[1-9]\d*$/.test(start!);
    const seconds = Number(start) - Number(eligible);
    return known && seconds >= 0 ? [{ partition: partition!, seconds }] : [];
  });
}
