/** Real names and what stands for them outside. */
export interface Mask {
  /** The text with no real name in it. */
  hide: (text: string) => string;
  /** The text with the real names again. */
  show: (text: string) => string;
}

/** Stands for names by kind and number: `account-1`. Names are whole words, long ones first. */
export function maskOf(names: Readonly<Record<string, readonly string[]>>): Mask {
  const pairs = Object.entries(names).flatMap(([kind, some]) =>
    [...new Set(some)].filter((name) => name !== "").map((name, i) =>
      [name, `${kind}-${i + 1}`] as const
    )
  );
  const hidden = new Map(pairs);
  const shown = new Map(pairs.map(([name, word]) => [word, name]));
  return { hide: replacing(hidden), show: replacing(shown) };
}

/** Leaves every text as it is. */
export const NO_MASK: Mask = { hide: (text) => text, show: (text) => text };

function replacing(words: ReadonlyMap<string, string>): (text: string) => string {
  if (words.size === 0) return (text) => text;
  const longFirst = [...words.keys()].sort((a, b) => b.length - a.length).map(RegExp.escape);
  const pattern = new RegExp(`(?<![\\w.-])(?:${longFirst.join("|")})(?![\\w-])`, "g");
  return (text) => text.replace(pattern, (word) => words.get(word)!);
}
