import { ask } from "./ask.ts";
import type { Detected } from "./detected.ts";
import type { Place } from "./environment.ts";
import type { DetectionPorts } from "./ports.ts";
import { fromVariable } from "./probes/surroundings.ts";
import { findScratch } from "./probes/scratch.ts";

/** Detects user, home and scratch. */
export async function detectPlace(ports: DetectionPorts): Promise<Place> {
  const user = fromVariable(ports, ["USER", "LOGNAME"]) ?? await askName(ports);
  const home = fromVariable(ports, ["HOME"]) ?? { value: "/", source: "nothing set HOME" };
  return {
    user,
    home,
    host: { value: ports.hostname(), source: "hostname" },
    scratch: findScratch(ports, user.value, home.value),
  };
}

async function askName(ports: DetectionPorts): Promise<Detected<string>> {
  const { value, source, unknown } = await ask(ports, {
    argv: ["id", "-un"],
    parse: (text) => /^\S+$/.exec(text.trim())?.[0],
  });
  return { value: value ?? "unknown", source, ...(unknown ? { unknown } : {}) };
}

/** What warns of a place where `init` makes a project. */
export function placeWarnings({ scratch, home }: Place): string[] {
  return scratch.value === home.value
    ? [`no scratch folder was found: ${home.value} is used; set SCRATCH, or use init --dir`]
    : [];
}
