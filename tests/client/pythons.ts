import { join } from "node:path";

/** A Python of this machine. */
export interface Python {
  /** `3.8` */
  version: string;
  program: string;
}

const WANTED = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"];

function runs(program: string, version: string): boolean {
  const code = `import sys; assert "%d.%d" % sys.version_info[:2] == "${version}"`;
  try {
    return new Deno.Command(program, { args: ["-c", code], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Those on the PATH, and those that pyenv keeps beside it. */
function find(version: string): Python | undefined {
  const versions = join(Deno.env.get("HOME") ?? "/", ".pyenv", "versions");
  let kept: string[] = [];
  try {
    kept = Array.from(Deno.readDirSync(versions), ({ name }) => name)
      .filter((name) => name.startsWith(`${version}.`)).map((name) =>
        `${versions}/${name}/bin/python`
      );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const program = [`python${version}`, "python3", ...kept].find((one) => runs(one, version));
  return program === undefined ? undefined : { version, program };
}

/** Every Python that this client is meant for and that is here, the oldest first. */
export const PYTHONS: readonly Python[] = WANTED.flatMap((version) => find(version) ?? []);

const missing = WANTED.filter((version) => !PYTHONS.some((one) => one.version === version));
if (missing.length > 0) {
  console.warn(`NOT RUN: the client in Python ${missing.join(", ")}: not on the PATH`);
}
