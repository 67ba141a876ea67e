import type { Detected } from "../cluster/detected.ts";
import { detectPlace, placeWarnings } from "../cluster/place.ts";
import { machinePorts } from "../cluster/ports.ts";
import { GENERIC } from "../cluster/site/generic.ts";
import type { NamedProfile } from "../cluster/site/identify.ts";
import { siteScratch } from "../cluster/site/scratch.ts";
import { ConfigError } from "../core/errors.ts";
import type { Runner } from "../system/runner.ts";
import { detectSite, siteProfiles } from "./site.ts";

/** Where a new project finds itself. */
export interface Place {
  user: Detected<string>;
  /** Where the site's profile says it is, else where such folders usually are. */
  scratch: Detected<string>;
  site: Detected<NamedProfile>;
  warnings: string[];
}

/** Looks for the site, the user and their scratch folder. */
export async function findPlace(runner: Runner): Promise<Place> {
  const ports = machinePorts(runner);
  const [place, site] = await Promise.all([detectPlace(ports), siteOrGeneric(runner)]);
  const { user, scratch } = place;
  const { env, writable } = ports;
  const own = siteScratch(site.value, { env: (name) => env[name], writable, user: user.value });
  return own
    ? { user, scratch: own, site, warnings: [] }
    : { user, scratch, site, warnings: placeWarnings(place) };
}

/** A profile of the user's that is wrong is told, and keeps nobody from a project. */
async function siteOrGeneric(runner: Runner): Promise<Detected<NamedProfile>> {
  try {
    return await detectSite(runner, siteProfiles());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { value: { name: GENERIC, profile: {} }, source: `not told: ${error.message}` };
  }
}
