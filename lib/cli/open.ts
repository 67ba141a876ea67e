import { join, resolve } from "node:path";
import { openProject, type Project } from "../manager/project.ts";
import type { CommandPorts } from "./registry.ts";

/** The project a command works on: `--project`, else the one that holds the current folder. */
export async function openForCommand({ context, globals, hooks }: CommandPorts): Promise<Project> {
  return await openProject(resolve(context.cwd, globals().project ?? "."), {
    runner: context.runner,
    clock: context.clock,
    hooks,
  });
}

/** A path the user typed, from the folder they are in. */
export function userPath({ context }: CommandPorts, path: string): string {
  return join(resolve(context.cwd, path));
}
