import { join } from "node:path";
import { alternate, type Measurement } from "./measure.ts";

const ROUNDS = 15;

async function deno(...args: string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    stdout: "null",
    stderr: "null",
  }).output();
  if (code !== 0) throw new Error(`deno run ${args.join(" ")} ended with ${code}`);
}

/** How long a person waits for the first character. */
export async function startup(root: string): Promise<Measurement[]> {
  const empty = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    const help = await alternate(
      ROUNDS,
      () => deno(join(root, "cli.ts"), "--help"),
      () => deno(empty),
    );
    return [{ what: "`expflow --help`", ...help, floorIs: "an empty Deno script", limit: 3 }];
  } finally {
    Deno.removeSync(empty);
  }
}
