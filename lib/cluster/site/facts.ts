import type { Runner } from "../../system/runner.ts";
import type { NamedProfile, SiteFacts } from "./identify.ts";

/** What the facts are read through; tests pass their own. */
export interface SiteFactPorts {
  runner: Runner;
  env: (name: string) => string | undefined;
  /** Text of a file, or `undefined` where there is none. */
  read: (path: string) => string | undefined;
}

const TIMEOUT_MS = 5_000;

/** Gathers what the profiles tell sites by. A probe that fails leaves its fact out. */
export async function gatherSiteFacts(
  ports: SiteFactPorts,
  profiles: readonly NamedProfile[],
): Promise<SiteFacts> {
  const [config, fqdn] = await Promise.all([
    answer(ports.runner, ["scontrol", "show", "config"]),
    answer(ports.runner, ["hostname", "-f"]),
  ]);
  const variables = namesOf(profiles, ({ profile }) => profile.identify?.env);
  const markers = namesOf(profiles, ({ profile }) => profile.identify?.marker);
  return {
    env: Object.fromEntries(
      ["SLURM_CLUSTER_NAME", ...variables].map((name) => [name, ports.env(name)]),
    ),
    markers: Object.fromEntries(markers.flatMap((path) => {
      const text = ports.read(path);
      return text === undefined ? [] : [[path, text]];
    })),
    clusterName: config && /^ClusterName\s*=\s*(\S+)/m.exec(config)?.[1],
    fqdn: fqdn?.trim().split("\n")[0] || undefined,
  };
}

function namesOf(
  profiles: readonly NamedProfile[],
  pick: (profile: NamedProfile) => Record<string, unknown> | undefined,
): string[] {
  return [...new Set(profiles.flatMap((profile) => Object.keys(pick(profile) ?? {})))];
}

async function answer(runner: Runner, argv: [string, ...string[]]): Promise<string | undefined> {
  const { code, stdout, timedOut } = await runner.run({ argv, timeoutMs: TIMEOUT_MS });
  return code === 0 && !timedOut ? stdout : undefined;
}
