import type { Command, Runner } from "./runner.ts";

/** A runner that runs `command` at once: whoever is the first to want exactly this gets its reply. */
export function ahead(runner: Runner, command: Command): Runner {
  const begun = runner.run(command);
  begun.catch(() => {}); // whoever wants it has the error
  const text = JSON.stringify(command);
  let taken = false;
  return {
    ...runner,
    run(wanted) {
      if (taken || JSON.stringify(wanted) !== text) return runner.run(wanted);
      taken = true;
      return begun;
    },
  };
}
