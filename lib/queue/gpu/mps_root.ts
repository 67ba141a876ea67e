import { join } from "node:path";
import { readIfThere } from "../../system/files.ts";
import type { Environment } from "./allocation.ts";
import { MpsError } from "./mps_error.ts";

/** A socket's path has 108 bytes with the zero at its end; this is the longest name in the folder. */
const LONGEST = 107 - "/pipe/control_privileged".length;
const NAME = "1zzzz-1zzzzzzzz-1234-12345678-1zzzzzz-99";

const SHARED =
  /^(?:nfs\d?|lustre|gpfs|beegfs\w*|ceph|cifs|smb3|afs|panfs|wekafs|pvfs2|orangefs|9p)$|^fuse\./;

/** Folders of this node in which daemons may have theirs, the first to be taken: `/tmp`, `$TMPDIR`. */
export function mpsBases({ TMPDIR }: Environment): string[] {
  const mounts = readIfThere("/proc/self/mounts") ?? "";
  const bases = TMPDIR && TMPDIR.startsWith("/") ? ["/tmp", TMPDIR] : ["/tmp"];
  return [...new Set(bases)].filter((path) => !SHARED.test(fileSystemOf(mounts, path)));
}

/** The type of the file system that holds a path, after `/proc/self/mounts`; empty if unknown. */
export function fileSystemOf(mounts: string, path: string): string {
  let holding = { at: "", type: "" };
  for (const [, at, type] of mounts.split("\n").map((line) => line.split(" "))) {
    if (type === undefined || at!.length < holding.at.length) continue;
    if (`${path}/`.startsWith(at === "/" ? at : `${at}/`)) holding = { at: at!, type };
  }
  return holding.type;
}

/** The folder of this user's daemons in a base. */
export function mpsRoot(base: string): string {
  return join(base, `expflow-mps-${Deno.uid() ?? 0}`);
}

/** Makes the folder of this user's daemons, which nobody else may enter, in the first base that has it. */
export function makeRoot(bases: readonly string[]): string {
  const reasons: string[] = [];
  for (const base of bases) {
    const root = mpsRoot(base);
    const why = root.length + 1 + NAME.length > LONGEST ? "is too long for a socket" : make(root);
    if (why === undefined) return root;
    reasons.push(`${root} ${why}`);
  }
  throw new MpsError(
    `Cannot make a folder for MPS: ${reasons.join("; ") || "no folder is local"}`,
    {
      hint: "it needs a folder of this node's own, as /tmp, that you may write",
    },
  );
}

/** @returns why it is none, or `undefined`. In a folder that all may write, others were there first. */
function make(root: string): string | undefined {
  try {
    Deno.mkdirSync(root, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) return `cannot be made (${String(error)})`;
  }
  return whyNotOurs(root);
}

/** Why a folder is not one that only this user may enter, or `undefined`. */
export function whyNotOurs(root: string): string | undefined {
  try {
    const { isDirectory, uid, mode } = Deno.lstatSync(root);
    if (!isDirectory) return "is no folder";
    if (uid !== Deno.uid()) return `belongs to user ${uid}`;
    return ((mode ?? 0) & 0o077) === 0 ? undefined : "is open to others";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "is not there";
    return `cannot be looked at (${String(error)})`;
  }
}
