import { manifestPath } from "./pass.ts";
import { parseManifest } from "./manifest.ts";
import { DestinationError, type Transport } from "./transport.ts";

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
 * Reads every file of the manifest again, at the destination.
 *
 * @throws {DestinationError} when it cannot be used, or has no manifest.
 */
export async function verifyDestination(
  name: string,
  to: string,
  transport: Transport,
): Promise<DestinationCheck> {
  await transport.prepare();
  const text = await transport.read(manifestPath(name));
  if (text === undefined) {
    throw new DestinationError(`Cannot verify ${to}: there is no ${manifestPath(name)}`, {
      hint: `nothing was sent there yet: expflow sync run ${name}`,
    });
  }
  const wanted = parseManifest(text);
  const found = await transport.hashes([...wanted.keys()].map((path) => ({ path })), true);
  const paths = [...wanted.keys()];
  const missing = paths.filter((path) => !found.has(path));
  const different = paths.filter((path) => found.has(path) && found.get(path) !== wanted.get(path));
  return {
    files: paths.length,
    good: paths.length - missing.length - different.length,
    missing,
    different,
  };
}
