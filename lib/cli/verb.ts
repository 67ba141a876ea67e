/**
 * The verb of a command line, before there is a parser: its first word that is neither an option
 * nor an option's value.
 */
export function verbOf(args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (word === "-C" || word === "--project") i++;
    else if (!word.startsWith("-")) return word;
  }
  return undefined;
}
