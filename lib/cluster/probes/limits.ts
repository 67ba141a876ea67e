import { parseDuration } from "../../core/durations.ts";
import { parseTres, type Tres } from "../../core/tres.ts";
import type { Question } from "../ask.ts";
import { tableRows } from "../slurm_rows.ts";

/** Limits of a quality of service on what its jobs have. */
export interface QosLimits {
  /** Name of the QOS. */
  name: string;
  /** GrpTRES: of all its jobs together. */
  group: Tres;
  /** MaxTRESPerUser. */
  perUser: Tres;
  /** MaxTRESPerJob. */
  perJob: Tres;
  /** MaxWall, in seconds; absent where there is none. */
  maxWall?: number;
}

const FIELDS = ["Name", "GrpTRES", "MaxTRESPerUser", "MaxTRESPerJob", "MaxWall"];

/** The limits of every QOS. */
export const qosLimitsQuestion: Question<QosLimits[]> = {
  argv: [
    "sacctmgr",
    "--noheader",
    "--parsable2",
    "show",
    "qos",
    `format=${FIELDS.join()}`,
  ],
  name: "sacctmgr show qos",
  parse: parseQosLimits,
};

/** Reads `gpulimit||gres/gpu=2||1-00:00:00` lines. */
export function parseQosLimits(stdout: string): QosLimits[] | undefined {
  return tableRows(stdout, FIELDS.length)?.map((row) => {
    const [name, group, perUser, perJob, wall] = row as [string, string, string, string, string];
    return {
      name,
      group: parseTres(group),
      perUser: parseTres(perUser),
      perJob: parseTres(perJob),
      .../^[\d-]+:[\d:]+$/.test(wall) ? { maxWall: parseDuration(wall) } : {},
    };
  });
}
