import type { HarvestFile } from "../../core/experiment.ts";
import { csvReader } from "./csv.ts";
import { hydraReader } from "./hydra.ts";
import { jsonReader } from "./json.ts";
import { jsonlReader } from "./jsonl.ts";
import { lightningReader } from "./lightning.ts";
import { mlflowReader } from "./mlflow.ts";
import type { Reader } from "./reader.ts";
import { regexReader } from "./regex.ts";
import { tensorboardReader } from "./tensorboard.ts";
import { trainerReader } from "./trainer.ts";
import { wandbReader } from "./wandb.ts";

/** Every format, in the order in which usual files are looked for. */
export const READERS: readonly Reader[] = [
  jsonReader,
  jsonlReader,
  csvReader,
  trainerReader,
  lightningReader,
  mlflowReader,
  wandbReader,
  tensorboardReader,
  hydraReader,
  regexReader,
];

/** The reader of a declared format. */
export function readerFor(format: HarvestFile["format"]): Reader {
  return READERS.find((reader) => reader.format === format)!;
}
