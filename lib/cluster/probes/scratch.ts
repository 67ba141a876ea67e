import { join } from "node:path";
import type { Detected } from "../detected.ts";
import type { DetectionPorts } from "../ports.ts";

const VARIABLES = ["SCRATCH", "PSCRATCH", "SCRATCHDIR"];
const FOLDERS = [
  "/scratch",
  "/scratch/users",
  "/scratch/work",
  "/global/scratch",
  "/gpfs/scratch",
];

/** Scratch folders of the sites we know, the first that exists and is writable; else home. */
export function findScratch(
  { env, writable }: DetectionPorts,
  user: string,
  home: string,
): Detected<string> {
  const named = VARIABLES.map((name) => ({ value: env[name], source: `$${name}` }));
  const usual = FOLDERS.map((folder) => ({
    value: join(folder, user),
    source: "it exists and is writable",
  }));
  for (const { value, source } of [...named, ...usual]) {
    if (value && writable(value)) return { value, source };
  }
  return { value: home, source: "home, as no scratch folder was found" };
}
