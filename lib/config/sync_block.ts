import type { z } from "zod";
import { parseDestination } from "../core/destinations.ts";
import { parseDuration } from "../core/durations.ts";
import { isId } from "../core/ids.ts";
import { line, lines, mapping, readable, record } from "./rules.ts";
import { defined } from "./values.ts";

const TO = "a destination | write /archive/me, host:/folder, or s3://bucket/folder";
const TIME = "a time, 1s or more | write 10s, or 2m";
const VARIABLE = "the name of a variable | the secret itself stays out of this file";
const ADDRESS = "an address | write https://minio.example.org:9000";
const NAME = "a name | letters, digits, '.', '_' and '-'";

const variable = line.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: VARIABLE });
const isTime = (text: string | number) =>
  readable(parseDuration)(text) && parseDuration(text) >= 1 && parseDuration(text) < Infinity;

const target = mapping({
  to: line.refine(readable(parseDestination), { error: TO })
    .describe("A folder, host:/folder (rsync over ssh), or s3://bucket/folder"),
  from: lines.optional().describe(
    "Folders that are sent; results, runs and logs under experiments/ unless told",
  ),
  include: lines.optional().describe("Send only what fits one of these: [result.json, '*.jsonl']"),
  exclude: lines.optional().describe("Do not send what fits one of these: ['*.pt', wandb/]"),
  quiet: line.refine(isTime, { error: TIME }).optional().describe(
    "A file that changed in the last 10s (unless told) is being written, and waits",
  ),
  endpoint: line.regex(/^https?:\/\/[^\s/?#@]+\/?$/, { error: ADDRESS }).optional()
    .describe("Address of an S3 service other than Amazon's"),
  region: line.regex(/^[a-z0-9-]+$/, { error: "a region | write us-east-1" }).optional()
    .describe("Region of the bucket; us-east-1 unless told"),
  credentials: mapping({
    access_key: variable.optional().describe("Its name; AWS_ACCESS_KEY_ID unless told"),
    secret_key: variable.optional().describe("Its name; AWS_SECRET_ACCESS_KEY unless told"),
    session_token: variable.optional().describe("Its name; AWS_SESSION_TOKEN unless told"),
  }).optional().describe("Names of the environment variables that hold the keys of S3"),
});

/** `sync`: where results are sent, by a name for each destination. */
export const syncSchema = record(target).superRefine((targets, context) => {
  for (const name of Object.keys(targets).filter((name) => !isId(name))) {
    context.addIssue({ code: "custom", path: [name], message: NAME, params: { key: true } });
  }
});

/** One destination of `sync:`, in full. */
export interface SyncTarget {
  /** As it is written; `parseDestination` reads it. */
  to: string;
  /** Folders, relative to the project or absolute. */
  from: string[];
  /** Patterns; everything where there are none. */
  include: string[];
  /** Patterns of what stays here. */
  exclude: string[];
  /** Milliseconds without a change after which a file counts as finished. */
  quietMs: number;
  /** Of an S3 service other than Amazon's. */
  endpoint?: string;
  /** Of the bucket. */
  region: string;
  /** Names of the environment variables that hold the keys. */
  credentials: { access_key: string; secret_key: string; session_token: string };
}

const FROM = ["experiments/results", "experiments/runs", "experiments/logs"];
const QUIET = "10s";

/** What `sync:` says, by name. */
export function syncOf(block: z.infer<typeof syncSchema> = {}): Record<string, SyncTarget> {
  return Object.fromEntries(
    Object.entries(block).map(([name, said]) => [
      name,
      defined<SyncTarget>({
        to: said.to,
        from: [said.from ?? FROM].flat(),
        include: [said.include ?? []].flat(),
        exclude: [said.exclude ?? []].flat(),
        quietMs: parseDuration(said.quiet ?? QUIET) * 1000,
        endpoint: said.endpoint?.replace(/\/$/, ""),
        region: said.region ?? "us-east-1",
        credentials: {
          access_key: said.credentials?.access_key ?? "AWS_ACCESS_KEY_ID",
          secret_key: said.credentials?.secret_key ?? "AWS_SECRET_ACCESS_KEY",
          session_token: said.credentials?.session_token ?? "AWS_SESSION_TOKEN",
        },
      }),
    ]),
  );
}
