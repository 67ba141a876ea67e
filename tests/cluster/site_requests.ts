import { applySite } from "../../lib/cluster/site/apply.ts";
import type { Draft } from "../../lib/cluster/site/draft.ts";
import { ProfileFinder } from "../../lib/cluster/site/find.ts";
import type { NamedProfile } from "../../lib/cluster/site/identify.ts";
import type { EnvironmentSpec, Resources } from "../../lib/core/experiment.ts";
import { directives } from "../../lib/script/directives.ts";
import { modelIn, NOTHING } from "../script/harness.ts";

/** The profiles that are shipped. */
export const SHIPPED = new ProfileFinder([]);

/** A request at a site. */
export function at(
  site: string | NamedProfile,
  resources: Resources,
  environment: Partial<EnvironmentSpec> = {},
): Draft {
  const profile = typeof site === "string" ? SHIPPED.find(site) : site;
  return applySite({ resources, environment: { ...NOTHING, ...environment } }, profile);
}

/** The directives of a draft that come from its resources. */
export function linesOf({ resources, script }: Draft): string[] {
  const fixed = new Set(directives(modelIn("/p", {})));
  return directives(modelIn("/p", { resources, site: script })).filter((line) => !fixed.has(line));
}
