import { basename, dirname, isAbsolute, join, sep } from "node:path";
import type { SyncTarget } from "../config/sync_block.ts";
import { parseDestination } from "../core/destinations.ts";
import { ConfigError } from "../core/errors.ts";
import type { Runner } from "../system/runner.ts";
import type { Transport } from "./transport.ts";

/** What a transport is made with. */
export interface TransportPorts {
  name: string;
  target: SyncTarget;
  /** Folder of the project. */
  project: string;
  /** For what is on its way here. */
  folder: string;
  runner: Runner;
  env: (name: string) => string | undefined;
  signal?: AbortSignal;
}

/** The way to a destination. */
export async function transportFor(ports: TransportPorts): Promise<Transport> {
  const to = parseDestination(ports.target.to);
  if (to.kind === "folder") {
    const root = isAbsolute(to.path) ? to.path : join(ports.project, to.path);
    checkOutside(root, ports);
    const { FolderTransport } = await import("./transports/folder.ts");
    return new FolderTransport(root, ports.name, ports.signal);
  }
  if (to.kind === "ssh") {
    const { RsyncTransport } = await import("./transports/rsync.ts");
    return new RsyncTransport(to, ports);
  }
  const { S3Transport } = await import("./transports/s3.ts");
  return new S3Transport(to, ports);
}

/** What is sent into itself would never end. */
function checkOutside(root: string, { target, project }: TransportPorts): void {
  const within = (a: string, b: string) => a === b || a.startsWith(b.endsWith(sep) ? b : b + sep);
  for (const from of target.from) {
    const folder = isAbsolute(from) ? from : join(project, from);
    if (!within(real(root), real(folder)) && !within(real(folder), real(root))) continue;
    throw new ConfigError(`Cannot send ${folder} to ${root}: one holds the other`, {
      hint: "name a folder that is apart from what is sent",
    });
  }
}

/** Where a path really is, whose last parts need not be there. */
function real(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(real(above), basename(path));
  }
}
