import type { SlurmAdvice } from "../advisor/advise.ts";
import { ask } from "../cluster/ask.ts";
import { askingOnce } from "../cluster/asking_once.ts";
import { type DetectionPorts, machinePorts } from "../cluster/ports.ts";
import { nodeUseQuestion } from "../cluster/probes/node_use.ts";
import { type SeenGpus, seenGpus } from "../cluster/site/seen_gpus.ts";
import type { Project } from "./project.ts";

/** What Slurm said stays good for the calls of one command: a preview and its submission. */
const GOOD_MS = 60_000;

/** What was asked for one project in one go. */
export interface Session {
  /** When it began, in milliseconds since 1970. */
  at: number;
  /** One `sinfo`, `sacctmgr` and so on serve everything that a command decides. */
  ports: DetectionPorts;
  /** Request → advice on it. */
  advice: Map<string, Promise<SlurmAdvice>>;
}
const sessions = new WeakMap<Project, Session>();

/** The session of a project, a new one after a minute. */
export function sessionOf(project: Project): Session {
  const { clock, runner } = project.context;
  const kept = sessions.get(project);
  if (kept && clock.now() - kept.at < GOOD_MS) return kept;
  const ports = askingOnce(machinePorts(runner));
  const session: Session = { at: clock.now(), ports, advice: new Map() };
  sessions.set(project, session);
  return session;
}

/** The GPUs of the cluster that a project's jobs go to; `undefined` where nobody can tell. */
export async function seenGpusOf(project: Project): Promise<SeenGpus | undefined> {
  if (project.context.scheduler.name !== "slurm") return undefined;
  const { value } = await ask(sessionOf(project).ports, nodeUseQuestion);
  return value && seenGpus(value);
}
