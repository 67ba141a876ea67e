/**
 * One request at every site. `deno test -A tests/cluster/sites_table_test.ts -- --update`
 */
import { equal, ok } from "node:assert/strict";
import type { SiteProfile } from "../../lib/cluster/site/profile.ts";
import { ConfigError } from "../../lib/core/errors.ts";
import type { Resources } from "../../lib/core/experiment.ts";
import { at, linesOf, SHIPPED } from "./site_requests.ts";

const GOLDEN = new URL("./sites.golden.txt", import.meta.url);

/** Where the request cannot be: what a user makes of it after the hint. */
const AFTER_THE_HINT: Record<string, Resources> = {
  frontier: { time: "2h" },
  vista: { gpus: 1, nodes: 4 },
};

/** 4 GPUs of the first type that the site is known to have, for 24 hours, with 64 GB. */
function requestFor({ gpu, account, qos, required }: SiteProfile): Resources {
  return {
    gpus: 4,
    gpu_type: Object.keys(gpu?.types ?? {})[0] ?? "a100",
    time: "24h",
    mem: "64G",
    account: account?.example ?? "proj01",
    ...required?.includes("qos") ? { qos: [qos].flat()[0] } : {},
  };
}

function rendered(site: string, request: Resources): string {
  const asked = `asked: ${Object.entries(request).map((pair) => pair.join("=")).join(" ")}\n`;
  try {
    const draft = at(site, request);
    const { unset, tmp } = draft.script;
    return asked + linesOf(draft).map((line) => `${line}\n`).join("") +
      Object.entries(draft.environment.env).map((pair) => `export ${pair.join("=")}\n`).join("") +
      (unset.length > 0 ? `unset ${unset.join(" ")}\n` : "") +
      draft.warnings.map((warning) => `warning: ${warning}\n`).join("") +
      (tmp.length > 0 ? `TMPDIR from ${tmp.join(", ")}\n` : "");
  } catch (error) {
    ok(error instanceof ConfigError, String(error));
    return `${asked}error: ${error.message}\nhint: ${error.hint}\n`;
  }
}

Deno.test("one request rendered for each site", () => {
  const text = SHIPPED.names().map((site) => {
    const request = requestFor(SHIPPED.find(site).profile);
    const again = AFTER_THE_HINT[site];
    return `== ${site}\n${rendered(site, request)}` +
      (again ? rendered(site, { ...request, ...again }) : "");
  }).join("\n");
  if (Deno.args.includes("--update")) Deno.writeTextFileSync(GOLDEN, text);
  equal(text, Deno.readTextFileSync(GOLDEN));
});
