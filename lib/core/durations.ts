import { UsageError } from "./errors.ts";

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/**
 * Reads a time limit into seconds: every form of sbatch (`90` minutes, `MM:SS`, `HH:MM:SS`, `D-HH`,
 * `D-HH:MM`, `D-HH:MM:SS`, `UNLIMITED` → `Infinity`) and the short one (`1d12h`, `90m`, `2h`, `45s`).
 *
 * @throws {UsageError} on anything else.
 */
export function parseDuration(text: string | number): number {
  const given = String(text).trim();
  if (/^(unlimited|infinite|-1)$/i.test(given)) return Infinity;
  if (/^\d+$/.test(given)) return Number(given) * 60;
  const short = /^(?:\d+(?:\.\d+)?[smhdw])+$/i;
  if (short.test(given)) {
    let seconds = 0;
    for (const [, count, unit] of given.matchAll(/(\d+(?:\.\d+)?)([smhdw])/gi)) {
      seconds += Number(count) * UNITS[unit!.toLowerCase()]!;
    }
    return Math.round(seconds);
  }
  const days = /^(\d+)-(\d+)(?::(\d+))?(?::(\d+))?$/.exec(given);
  if (days) {
    const [d = 0, h = 0, m = 0, s = 0] = days.slice(1).map((part) => Number(part ?? 0));
    return d * 86400 + h * 3600 + m * 60 + s;
  }
  const clock = /^(\d+):(\d+)(?::(\d+))?$/.exec(given);
  if (clock) {
    const [a = 0, b = 0] = [Number(clock[1]), Number(clock[2])];
    return clock[3] === undefined ? a * 60 + b : a * 3600 + b * 60 + Number(clock[3]);
  }
  throw new UsageError(`Cannot read ${JSON.stringify(text)} as a time`, {
    hint: "write minutes (90), HH:MM:SS, D-HH:MM:SS, or 2h, 90m, 1d12h",
  });
}

/** Writes seconds as sbatch does: `HH:MM:SS`, `D-HH:MM:SS` from a day on, or `UNLIMITED`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "UNLIMITED";
  const whole = Math.max(0, Math.round(seconds));
  const days = Math.floor(whole / 86400);
  const clock = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => String(part).padStart(2, "0")).join(":");
  return days > 0 ? `${days}-${clock}` : clock;
}
