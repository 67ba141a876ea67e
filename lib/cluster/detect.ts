import { ask } from "./ask.ts";
import type { Environment } from "./environment.ts";
import { detectPlace } from "./place.ts";
import type { DetectionPorts } from "./ports.ts";
import { accountsQuestion } from "./probes/accounts.ts";
import { controllerSkew, folderSkew } from "./probes/clocks.ts";
import { clusterFacts, clusterName } from "./probes/cluster.ts";
import { configQuestion, pingQuestion } from "./probes/config.ts";
import { nodesQuestion } from "./probes/nodes.ts";
import { partitionsQuestion } from "./probes/partitions.ts";
import { storageUse } from "./probes/quota.ts";
import {
  currentContainer,
  currentJob,
  groupsQuestion,
  moduleSystem,
} from "./probes/surroundings.ts";
import { condaVersion, containerRuntime, gpusQuestion, versionQuestion } from "./probes/tools.ts";
import { warningsOf } from "./warnings.ts";

/** Detects everything; the probes run at once, each with its own timeout, none can make it fail. */
export async function detectEnvironment(ports: DetectionPorts): Promise<Environment> {
  const place = await detectPlace(ports);
  const user = place.user.value;
  const version = (...argv: [string, ...string[]]) => ask(ports, versionQuestion(argv));
  const folders = [...new Set([place.home.value, place.scratch.value])];
  const probes = {
    gpus: ask(ports, gpusQuestion),
    storage: storageUse(ports, user, folders),
    fqdn: ask(ports, { argv: ["hostname", "-f"], parse: (text) => text.trim() || undefined }),
    slurm: version("sbatch", "--version"),
    controller: ask(ports, pingQuestion),
    config: askBetween(ports),
    accounts: ask(ports, accountsQuestion(user)),
    groups: ask(ports, groupsQuestion),
    partitions: ask(ports, partitionsQuestion),
    nodes: ask(ports, nodesQuestion),
    runtime: containerRuntime(ports),
    conda: condaVersion(ports),
    uv: version("uv", "--version"),
    python: version("python3", "--version"),
    git: version("git", "--version"),
  };
  const { fqdn, config: { config, between }, ...found } = await settled(probes);
  const facts = clusterFacts(ports, config, fqdn, place.host.value);
  const known = {
    ...place,
    ...found,
    config,
    clocks: {
      controller: controllerSkew(config, between),
      scratch: folderSkew(ports, place.scratch.value),
    },
    cpus: { value: ports.cpus(), source: "operating system" },
    memory: { value: ports.memory(), source: "operating system" },
    job: currentJob(ports),
    container: currentContainer(ports),
    modules: moduleSystem(ports),
    cluster: clusterName(facts),
  };
  return { ...known, warnings: warningsOf(known) };
}

/** slurm.conf, and the seconds of our clock before and after the answer. */
async function askBetween(ports: DetectionPorts) {
  const before = ports.now() / 1000;
  const config = await ask(ports, configQuestion);
  return { config, between: [before, ports.now() / 1000] as const };
}

type Settled<T> = { [K in keyof T]: Awaited<T[K]> };

async function settled<T extends Record<string, Promise<unknown>>>(probes: T): Promise<Settled<T>> {
  const entries = Object.entries(probes).map(async ([key, probe]) => [key, await probe] as const);
  return Object.fromEntries(await Promise.all(entries)) as Settled<T>;
}
