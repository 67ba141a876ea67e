import { ExitCode } from "../core/errors.ts";

/**
 * Runs a command line. What needs no parser does not load one: the first page of the help, and the
 * supervisor of the local scheduler, which is started detached and without an import map.
 *
 * @returns the exit code.
 */
export async function runCli(args: readonly string[]): Promise<number> {
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
  const { main } = await import("./main.ts");
  return await main(args);
}
