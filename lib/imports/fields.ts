import { hasSecretShape } from "../config/secrets.ts";

const STRING = /"(?:[^"\\]|\\.)*"/g;

/** A text of JSON in which strings that look like secrets are replaced, and how many were. */
export function withoutSecrets(json: string): { text: string; replaced: number } {
  if (!hasSecretShape(json)) return { text: json, replaced: 0 };
  let replaced = 0;
  const text = json.replaceAll(STRING, (found) => {
    if (!hasSecretShape(found)) return found;
    replaced++;
    return '"(looked like a secret: not imported)"';
  });
  return { text, replaced };
}

const WHOLE = /(?<![\w.+-])-?\d{16,}(?![\w.])/g;

/** Whole numbers in a text of JSON that JavaScript cannot hold exactly, and so rounds. */
export function roundedNumbers(json: string): string[] {
  if (!/\d{16}/.test(json)) return [];
  const found = json.replaceAll(STRING, '""').match(WHOLE) ?? [];
  return found.filter((digits) => BigInt(digits) !== BigInt(Number(digits)));
}

/** A time that a tool wrote down. */
export interface ForeignTime {
  /** ISO 8601. */
  iso: string;
  /** Whether it named no zone; it is taken as UTC then. */
  naive: boolean;
}

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))? ?(Z|[+-]\d{2}:?\d{2})?$/i;

/** Reads seconds since 1970, or ISO 8601 as Python writes it; `undefined` for anything else. */
export function timeOf(value: unknown): ForeignTime | undefined {
  if (typeof value === "number") return validTime(value * 1000, false);
  const found = typeof value === "string" ? ISO.exec(value) : null;
  if (!found) return undefined;
  const [, day, clock = "00:00", zone] = found;
  return validTime(Date.parse(`${day}T${clock}${zone ?? "Z"}`), zone === undefined);
}

function validTime(ms: number, naive: boolean): ForeignTime | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : { iso: date.toISOString(), naive };
}
