import type { HarvestFile } from "../../core/experiment.ts";
import { csvReader } from "./csv.ts";
import { jsonReader } from "./json.ts";
import { jsonlReader } from "./jsonl.ts";
import type { Reader } from "./reader.ts";
import { regexReader } from "./regex.ts";

/** Every format, in the order in which default files are looked for. */
export const READERS: readonly Reader[] = [jsonReader, jsonlReader, csvReader, regexReader];

/** The reader of a declared format. */
export function readerFor(format: HarvestFile["format"]): Reader {
  return READERS.find((reader) => reader.format === format)!;
}
