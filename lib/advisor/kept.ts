import type { z } from "zod";
import type { DetectionPorts } from "../cluster/ports.ts";
import { readIfThere } from "../system/files.ts";

/** Homes are shared by clusters and projects by users: an answer is of one user on one machine. */
export function machineKey({ env, hostname }: DetectionPorts): string {
  const user = env.USER ?? env.LOGNAME ?? "user";
  return `${user}@${hostname()}`.replaceAll(/[^\w.@-]/g, "_");
}

/** An answer that was kept. One that cannot be read is none. */
export function readKept<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readIfThere(path) ?? ""));
  } catch {
    return undefined;
  }
}
