import type { Environment } from "../environment.ts";
import type { StorageUse } from "../probes/quota.ts";
import { share } from "../warnings.ts";
import { type Finding, ok } from "./finding.ts";
import { hasSlurm } from "./slurm.ts";

/** Whether there is a place for large files. */
export function checkScratch(found: Environment): Finding {
  const { scratch, home } = found;
  if (scratch.value !== home.value) return ok("scratch", `${scratch.value} (${scratch.source})`);
  return {
    check: "scratch",
    state: hasSlurm(found) ? "wrong" : "warning",
    found: `no scratch folder was found: projects go to ${home.value}`,
    hint: "export SCRATCH=<folder> in ~/.bashrc, or name a folder with `init --dir`",
  };
}

const FULL = 0.99;
const NEARLY_FULL = 0.9;

/** Whether there is room for bytes and for files: one finding a place that is (nearly) full. */
export function checkStorage({ storage }: Environment): Finding[] {
  const check = "storage";
  if (storage.value === undefined) {
    return [{ check, state: "unknown", found: `not known: ${storage.source}` }];
  }
  const tight = storage.value.flatMap((place) => [
    ...tellShare(place, "bytes", share(place.used, place.limit)),
    ...tellShare(place, "files", share(place.files, place.filesLimit)),
  ]);
  return tight.length > 0 ? tight : [ok(check, `there is room (${storage.source})`)];
}

function tellShare(
  { path, source }: StorageUse,
  what: "bytes" | "files",
  full: number,
): Finding[] {
  if (full < NEARLY_FULL) return [];
  const kind = what === "files" ? "its number of files (inodes)" : "its space";
  return [{
    check: "storage",
    state: full >= FULL ? "wrong" : "warning",
    found: `${path} has ${Math.floor(full * 100)} % of ${kind} in use (${source})`,
    hint: what === "files"
      ? "remove or pack folders of many small files: conda environments, caches, data sets"
      : "remove what is not needed, or move it to another place",
  }];
}

/** More than this many seconds, and times of different machines cannot be compared. */
const SKEW = 10;

/** Whether the clocks of the controller and of the file system agree with ours. */
export function checkClocks({ clocks }: Environment): Finding[] {
  return Object.entries(clocks).flatMap(([name, { value, source, unknown }]) => {
    if (unknown) return [{ check: "clocks", state: "unknown" as const, found: source }];
    if (value === undefined) return [];
    const found = `${name} is ${Math.abs(value)} s ${value < 0 ? "behind" : "ahead"} (${source})`;
    if (Math.abs(value) <= SKEW) return [ok("clocks", value === 0 ? `${name} agrees` : found)];
    return [{
      check: "clocks",
      state: "wrong" as const,
      found,
      hint: "tell the site's support: the time of one of these machines is not set (NTP)",
    }];
  });
}
