/** The module whose command line is expflow's: `cli.ts`, or the bundle that this code is in. */
function entryPoint(): string {
  const here = import.meta.url;
  const inSources = /\/lib\/manager\/entry_point\.ts$/.test(new URL(here).pathname);
  return inSources ? new URL("../../cli.ts", here).href : here;
}

/**
 * The command that supervises the local scheduler in `folder`. It needs no import map and no
 * configuration file, and reads none of the folder it is started in.
 */
export function superviseCommand(folder: string): [string, ...string[]] {
  return [
    Deno.execPath(),
    "run",
    "--allow-all",
    "--no-config",
    "--no-lock",
    "--quiet",
    entryPoint(),
    "local",
    "supervise",
    folder,
  ];
}
