import { ExitCode } from "../core/errors.ts";
import type { Hooks } from "../manager/hooks.ts";
import { verbOf } from "./verb.ts";

/**
 * Runs a command line. What needs no parser does not load one: the first page of the help, and the
 * supervisor of the local scheduler, which is started detached and without an import map.
 *
 * @returns the exit code.
 */
export async function runCli(args: readonly string[], hooks?: Hooks): Promise<number> {
  if (args[0] === "local" && args[1] === "supervise") {
    const { superviseFromArguments } = await import("../schedulers/local/main.ts");
    return await superviseFromArguments(args.slice(2));
  }
  if (args.length === 0 || (args.length === 1 && /^(-h|--help|help)$/.test(args[0]!))) {
    const { helpText } = await import("./help.ts");
    const stream = args.length === 0 ? Deno.stderr : Deno.stdout;
    stream.writeSync(new TextEncoder().encode(helpText()));
    return args.length === 0 ? ExitCode.usage : ExitCode.ok;
  }
  const runner = LOOKS.has(verbOf(args)) && !args.some(isHelp)
    ? (await import("./look_ahead.ts")).lookAhead(args)
    : undefined;
  const [{ main }, { processContext }] = await Promise.all([
    import("./main.ts"),
    import("./context.ts"),
  ]);
  return await main(args, processContext(runner), hooks);
}

/** Verbs that ask where all runs are. */
const LOOKS: ReadonlySet<string | undefined> = new Set(["status", "list"]);

function isHelp(word: string): boolean {
  return word === "-h" || word === "--help";
}
