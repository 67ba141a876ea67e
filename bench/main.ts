/**
 * Benchmarks: every number is a ratio to a floor measured in the same run.
 * Ends with 1 when a ratio is above what is wanted.
 */
import { join } from "node:path";
import { cluster } from "./cluster.ts";
import { failures } from "./failures.ts";
import { harvesting } from "./harvest.ts";
import { markdown } from "./measure.ts";
import { polling } from "./polling.ts";
import { queue } from "./queue.ts";
import { shortRuns } from "./short_runs.ts";
import { startup } from "./startup.ts";
import { status } from "./status.ts";
import { submission } from "./submission.ts";
import { sweep } from "./sweep.ts";
import { syncing } from "./sync.ts";
import { tensorboard } from "./tensorboard.ts";

const measurements = [
  ...await startup(join(import.meta.dirname!, "..")),
  ...await cluster(join(import.meta.dirname!, "..")),
  ...await submission(),
  ...await polling(),
  ...await status(),
  ...await failures(),
  ...await shortRuns(),
  ...await queue(),
  ...await sweep(),
  ...await harvesting(),
  ...await tensorboard(),
  ...await syncing(),
];
console.log(markdown(measurements));
if (measurements.some(({ ours, floor, limit }) => ours / floor > limit)) Deno.exit(1);
