/**
 * Runs a command line. The supervisor of the local scheduler takes a short cut: it is started
 * detached, without an import map, and must not load what the commands need.
 *
 * @returns the exit code.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  if (args[0] === "local" && args[1] === "supervise") {
    const { superviseFromArguments } = await import("../schedulers/local/main.ts");
    return await superviseFromArguments(args.slice(2));
  }
  const { main } = await import("./main.ts");
  return await main(args);
}
