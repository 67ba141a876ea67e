import {
  createExclusive,
  exists,
  makeFolder,
  removeIfThere,
  storageError,
} from "../../system/files.ts";
import type { Answer, Step, Steps } from "./steps.ts";

/** Does one step on the real file system. */
export function doStep(step: Step): Answer {
  switch (step.do) {
    case "list":
      return listed(step.path);
    case "rename":
      return renamed(step.from, step.to);
    case "create":
      return created(step.path);
    case "makeFolder":
      return void makeFolder(step.path);
    case "removeFolder":
      return folderRemoved(step.path);
    case "remove":
      return void removeIfThere(step.path);
    case "exists":
      return exists(step.path);
  }
}

/** Does all steps, one after the other. */
export function perform<T>(steps: Steps<T>, one: (step: Step) => Answer = doStep): T {
  let next = steps.next();
  while (!next.done) next = steps.next(one(next.value));
  return next.value;
}

function listed(path: string): string[] | undefined {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw storageError(`list ${path}`, error);
  }
}

function renamed(from: string, to: string): boolean {
  try {
    Deno.renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw storageError(`rename ${from} to ${to}`, error);
  }
}

function created(path: string): "made" | "taken" | "absent" {
  try {
    return createExclusive(path) ? "made" : "taken";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "absent";
    throw error;
  }
}

function folderRemoved(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /not empty|ENOTEMPTY/i.test(String(error))) {
      return false;
    }
    throw storageError(`remove ${path}`, error);
  }
}
