import { destinationOf, manifestPath, type PassContext } from "./pass.ts";
import { SentFiles } from "./sent.ts";
import { parseManifest } from "./manifest.ts";
import { DestinationError } from "./transport.ts";

/** What a destination really holds. */
export interface DestinationCheck {
  /** Files of its manifest. */
  files: number;
  /** Those that were read again and have their checksum. */
  good: number;
  /** Those that are not there. */
  missing: string[];
  /** Those that hold something else. */
  different: string[];
}

/**
 * Reads every file of the manifest again, at the destination. The next pass sends those that are not
 * as they should be, where they are still here.
 *
 * @throws {DestinationError} when it cannot be used, or has no manifest.
 */
export async function verifyDestination(
  { name, target, folder, transport }: Pick<
    PassContext,
    "name" | "target" | "folder" | "transport"
  >,
): Promise<DestinationCheck> {
  await transport.prepare();
  const text = await transport.read(manifestPath(name));
  if (text === undefined) {
    throw new DestinationError(`Cannot verify ${target.to}: there is no ${manifestPath(name)}`, {
      hint: `nothing was sent there yet: expflow sync run ${name}`,
    });
  }
  const wanted = parseManifest(text);
  const paths = [...wanted.keys()];
  const found = await transport.hashes(paths.map((path) => ({ path })), true);
  const missing = paths.filter((path) => !found.has(path));
  const different = paths.filter((path) => found.has(path) && found.get(path) !== wanted.get(path));
  const bad = [...missing, ...different];
  if (bad.length > 0) new SentFiles(folder, destinationOf(target)).doubt(bad);
  return { files: paths.length, good: paths.length - bad.length, missing, different };
}
