const known = new Map<string, RegExp>();

/** Whether a relative path is what a pattern means: `*` and `?` in a name, `**` for any folders. */
export function matchesPattern(pattern: string, path: string): boolean {
  let expression = known.get(pattern);
  if (!expression) known.set(pattern, expression = compile(pattern));
  return expression.test(path);
}

function compile(pattern: string): RegExp {
  const source = pattern.split(/(\*\*\/|\*|\?)/).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : RegExp.escape(part);
  });
  return new RegExp(`^${source.join("")}$`, "su");
}
