import { basename, isAbsolute, join } from "node:path";
import type { Body } from "./body.ts";
import type { ReadDirectives } from "./directives.ts";
import type { Migration, MigrationRequest } from "./model.ts";
import type { Preamble } from "./preamble.ts";

/** What was read of a script. */
export interface Parts {
  request: MigrationRequest;
  directives: ReadDirectives;
  preamble: Preamble;
  body: Body;
}

type Block = Record<string, unknown>;

/**
 * The keys of the template, which holds what anybody could run, and of the experiment: what belongs
 * to one user and one submission.
 */
export function blocksOf(parts: Parts): Pick<Migration, "template" | "experiment"> {
  const { request, directives, preamble, body } = parts;
  const { resources, personal, jobName } = directives;
  const file = basename(request.path);
  const template = {
    description: `Migrated from ${file}`,
    command: body.command,
    args: "none",
    launcher: body.launcher,
    resources: filled(resources),
    environment: filled(writtenOut(environmentOf(preamble, body), request)),
    snapshot: false,
  };
  const experiment = {
    description: jobName ?? `As ${file} was submitted`,
    workdir: workdirOf(parts),
    resources: filled({ ...personal, max_parallel: body.maxParallel }),
    environment: filled({
      env: filled(scratchOf(parts)),
      secrets: filled(preamble.secrets),
    }),
    sweep: body.sweep,
  };
  return { template: given(template), experiment: given(experiment) };
}

function environmentOf({ modules, purge, conda, venv, env }: Preamble, body: Body): Block {
  return {
    modules: modules.length > 0 ? modules : undefined,
    purge: modules.length > 0 && !purge ? false : undefined,
    conda,
    venv,
    container: body.container,
    env: filled(env),
    setup: body.setup,
  };
}

/** Jobs do not depend on what a shell may or may not hold: the folder is written into them. */
function scratchOf({ request: { around }, body }: Parts): Record<string, string> {
  const used = /\$\{?SCRATCH\b/.test(`${body.command}\n${body.setup}`);
  return used ? { SCRATCH: around.scratch } : {};
}

function workdirOf({ request, directives: { chdir } }: Parts): string {
  if (chdir === undefined) return request.workdir;
  const path = written(chdir, request);
  return isAbsolute(path) || path.startsWith("$") ? path : join(request.workdir, path);
}

/** `$SCRATCH` in paths is read when jobs are submitted: where no shell has it, it is written out. */
function written(path: string, { around }: MigrationRequest): string {
  return around.scratchIsSet ? path : path.replaceAll(/\$SCRATCH\b|\$\{SCRATCH\}/g, around.scratch);
}

function writtenOut(environment: Block, request: MigrationRequest): Block {
  const out = (value: unknown): unknown => {
    if (typeof value === "string") return written(value, request);
    if (Array.isArray(value)) return value.map(out);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, out(item)]));
  };
  const { conda, venv, container } = environment;
  return { ...environment, conda: out(conda), venv: out(venv), container: out(container) };
}

function given(block: Block): Block {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined));
}

function filled<T extends Block>(block: T): T | undefined {
  const entries = given(block);
  return Object.keys(entries).length > 0 ? entries as T : undefined;
}
