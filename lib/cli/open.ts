import { resolve } from "node:path";
import { findProject } from "../store/find.ts";
import { openProject, type Project, type ProjectOptions } from "../manager/project.ts";
import type { CommandPorts } from "./registry.ts";

/** The project a command works on: `--project`, else the one that holds the current folder. */
export async function openForCommand(
  { context, globals, hooks }: CommandPorts,
  { site, to }: Pick<ProjectOptions, "site" | "to"> = {},
): Promise<Project> {
  return await openProject(resolve(context.cwd, globals().project ?? "."), {
    runner: context.runner,
    clock: context.clock,
    hooks,
    site,
    to,
  });
}

/** A path the user typed, from the folder they are in. */
export function userPath({ context }: CommandPorts, path: string): string {
  return resolve(context.cwd, path);
}

/** Name of the project for commands that are run outside any. */
const AD_HOC_PROJECT = "expflow-runs";

/** As {@linkcode openForCommand}; outside a project it is one of its own in the scratch folder. */
export async function openForAdHoc(ports: CommandPorts, to?: string): Promise<Project> {
  const { context, globals, hooks } = ports;
  if (globals().project !== undefined || findProject(context.cwd)) {
    return openForCommand(ports, { to });
  }
  const { cwd, runner, clock } = context;
  const { initProject } = await import("../manager/init.ts");
  const { root } = await initProject({ name: AD_HOC_PROJECT, cwd: "/", runner });
  context.err(`no project in ${cwd}: ${root} is used\n`);
  return await openProject(root, { runner, clock, hooks, to });
}
