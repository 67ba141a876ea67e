import type { ResultRecord } from "./records.ts";

/** Says how many runs other tools ran, and which; `undefined` when expflow ran all. */
export function importedNote(records: readonly ResultRecord[]): string | undefined {
  const tools = records.flatMap(({ imported }) => imported?.from ?? []);
  if (tools.length === 0) return undefined;
  const from = [...new Set(tools)].sort().join(", ");
  return `imported from ${from}, not run by expflow: ${tools.length} of ${records.length} runs`;
}
