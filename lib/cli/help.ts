import { COMMANDS, GLOBAL_OPTIONS } from "./registry.ts";

const EPILOGUE =
  `Exit codes: 0 done, 1 runs failed, 2 wrong usage, 3 wrong configuration, 4 not found,
5 conflict, 6 scheduler, 7 storage, 130 interrupted.

\`expflow COMMAND --help\` tells more. Start with \`expflow quickstart\`, or \`expflow init NAME\`.
`;

/**
 * The first page of the help, from the definitions that the parser works with; it is told without
 * loading the parser.
 */
export function helpText(): string {
  const rows = [...GLOBAL_OPTIONS.map(({ flags }) => flags), ...COMMANDS.map(({ name }) => name)];
  const width = Math.max(...rows.map((row) => row.length)) + 2;
  const line = (left: string, right: string) => `  ${left.padEnd(width)}${right}`;
  const groups = [...new Set(COMMANDS.map(({ group }) => group))].map((group) =>
    [
      group,
      ...COMMANDS.filter((entry) => entry.group === group)
        .map(({ name, summary }) => line(name, summary)),
    ].join("\n")
  );
  const options = GLOBAL_OPTIONS.map(({ flags, description }) => line(flags, description));
  return [
    "Usage: expflow COMMAND [options]",
    "Experiments on a cluster, as easy as git.",
    ...groups,
    ["Options of every command:", ...options].join("\n"),
    EPILOGUE,
  ].join("\n\n");
}
