/**
 * The command line of expflow.
 *
 * @module
 */
import { runCli } from "./lib/cli/entry.ts";

if (import.meta.main) Deno.exit(await runCli(Deno.args));
