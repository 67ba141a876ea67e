import { dirname, join, resolve } from "node:path";
import { NotFoundError } from "../core/errors.ts";
import { exists } from "../system/files.ts";
import { Layout, PROJECT_FILE } from "./layout.ts";

/** The project that holds `folder`: the nearest one upwards with a project file. */
export function findProject(folder: string): Layout | undefined {
  for (let at = resolve(folder);; at = dirname(at)) {
    if (exists(join(at, PROJECT_FILE))) return new Layout(at);
    if (dirname(at) === at) return undefined;
  }
}

/** As {@linkcode findProject}, but its absence is an error that says what to do. */
export function requireProject(folder: string): Layout {
  const found = findProject(folder);
  if (found) return found;
  throw new NotFoundError(`Cannot find a project in ${resolve(folder)} or above it`, {
    hint: "make one with `expflow init NAME`, or name one with --project DIR",
  });
}
