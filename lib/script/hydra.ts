import { UsageError } from "../core/errors.ts";
import { flattenParams, type Params, type ParamValue } from "../core/params.ts";

const KEY = /^\+{0,2}[A-Za-z_][\w\-]*(?:[.\/][\w\-]+)*(?:@[\w\-.:]*)?$/;
const DICT_KEY = /^[A-Za-z_][\w.\/\-]*$/;
const BARE = /^[A-Za-z_][\w.\/\-]*$/;
const RESERVED = /^(?:null|true|false|nan|inf)$/i;

/**
 * As Hydra's override grammar takes them: `lr=0.1`, `optim.lr=0.1` for a group, `layers=[64,32]`,
 * `name="a b"`. A text stays a text, whatever it looks like (`"1"`, `"null"`, `"${x}"`).
 *
 * @throws {UsageError} on a key that the grammar does not know, and on the text `???`, which
 * OmegaConf keeps for itself.
 */
export function hydraArguments(params: Params): string[] {
  return flattenParams(params).map(([key, value]) => {
    if (!KEY.test(key)) throw refused(`the parameter ${JSON.stringify(key)} as an override`);
    return `${key}=${hydraValue(value, key)}`;
  });
}

function hydraValue(value: ParamValue, key: string): string {
  if (typeof value === "string") return hydraText(value, key);
  if (Array.isArray(value)) return `[${value.map((item) => hydraValue(item, key)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => {
      if (!DICT_KEY.test(name) || RESERVED.test(name)) {
        throw refused(`the key ${JSON.stringify(name)} in "${key}"`);
      }
      return `${name}:${hydraValue(item, key)}`;
    });
    return `{${entries.join(",")}}`;
  }
  return String(value);
}

/**
 * Two readers take backslashes away: OmegaConf before `${`, and Hydra before the closing quote and
 * before a quote inside.
 */
function hydraText(text: string, key: string): string {
  if (text === "???") {
    throw new UsageError(
      `Cannot pass "???" as "${key}" with Hydra: it stands for a missing value`,
      {
        hint: "leave the parameter out, or give it another value",
      },
    );
  }
  if (BARE.test(text) && !RESERVED.test(text)) return text;
  const literal = text.replaceAll(/(\\*)\$\{/g, "$1$1\\${");
  const escaped = literal.replaceAll(
    /(\\*)("|$)/g,
    (_, backslashes: string, quote: string) => backslashes + backslashes + (quote && `\\${quote}`),
  );
  return `"${escaped}"`;
}

function refused(what: string): UsageError {
  return new UsageError(`Cannot write ${what} in Hydra's grammar`, {
    hint: "use letters, digits, _ and - in its parts; or set args: none and read $EXPFLOW_PARAMS",
  });
}
