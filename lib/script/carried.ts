/** Bash that runs in another shell: in a container, on other nodes, as one of many processes. */
export interface Carried {
  text: string;
  /** Variables that are handed over, exported. */
  variables: readonly string[];
  /** Those that are handed over where they are set. */
  optional?: readonly string[];
}

const DELIMITER = "EXPFLOW_TEXT";

/**
 * Lines that put the text into `expflow_text`. Values travel as arguments, since the environment may
 * not: there, the array `expflow_args` and every variable named are as they are here.
 */
export function textLines({ text }: Carried): string[] {
  const delimiter = delimiterFor(text);
  return [
    "  # What runs there. The values are handed over as arguments.",
    `  IFS= read -r -d '' expflow_text <<'${delimiter}' || true`,
    'while [[ $1 != -- ]]; do export "$1"; shift; done',
    'expflow_args=("${@:2}")',
    "set --",
    text,
    delimiter,
    "  [[ -n $expflow_text ]] ||",
    '    expflow_refuse "Cannot start the command: no room for a temporary file on $HOSTNAME"',
    "  expflow_text=${expflow_text%$'\\n'}",
  ];
}

/** The end of the command that runs `expflow_text`, one part a line; `before` comes ahead of it. */
export function carryingWords({ variables, optional = [] }: Carried, before = ""): string[] {
  return [
    `/bin/bash -c "${before}$expflow_text" expflow`,
    ...variables.map((name) => `"${name}=\${${name}}"`),
    ...optional.map((name) => `\${${name}+"${name}=$${name}"}`),
    '-- "${expflow_args[@]}"',
  ];
}

/** A command over several lines. */
export function commandLines(first: string, words: readonly string[]): string[] {
  const lines = [first, ...words.map((word) => `  ${word}`)];
  return lines.map((line, at) => `  ${line}${at < lines.length - 1 ? " \\" : ""}`);
}

function delimiterFor(text: string): string {
  const lines = new Set(text.split("\n"));
  let delimiter = DELIMITER;
  for (let n = 2; lines.has(delimiter); n++) delimiter = `${DELIMITER}_${n}`;
  return delimiter;
}
