const STRING_OR_WORD = /"[^"\\]*(?:\\[^][^"\\]*)*"?|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON, and JSON as Python's `json.dumps` writes it: bare `NaN`, `Infinity` and
 * `-Infinity` become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
 *
 * @throws {SyntaxError} on anything else.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(
      text.replaceAll(STRING_OR_WORD, (found) => found[0] === '"' ? found : `"${found}"`),
    );
  }
}

/** Why a text is not JSON. */
export interface JsonFault {
  /** Without the text that V8 quotes. */
  reason: string;
  /** From 1, where V8 says so. */
  line?: number;
  column?: number;
  /** Whether the text just stops: it was cut, or is still being written. */
  cut: boolean;
}

/** What {@linkcode parsePythonJson} did not like about `text`. */
export function jsonFault(error: unknown, text: string): JsonFault {
  const message = error instanceof Error ? error.message : String(error);
  const at = /position (\d+)(?: \(line (\d+) column (\d+)\))?/.exec(message);
  const reason = message.replace(/(,? (\.\.\.)?"[^]*| in JSON[^]*| after JSON[^]*)$/, "");
  return {
    reason: reason.charAt(0).toLowerCase() + reason.slice(1),
    ...(at?.[2] === undefined ? {} : { line: Number(at[2]), column: Number(at[3]) }),
    cut: /^Unexpected end/.test(message) || Number(at?.[1] ?? -1) >= text.trimEnd().length,
  };
}
