/** GPUs of one type, of a node or of a request. */
export interface GpuCount {
  /** In Slurm's words: `a100`, or a slice of one, `a100_3g.20gb`; absent where no type is given. */
  type?: string;
  /** How many. */
  count: number;
}

const SUFFIX: Record<string, number> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * The GPUs in a list of generic resources, as sinfo and scontrol print it: `gpu:a100:4(S:0-1)`,
 * `gpu:4`, `gpu`, `gres/gpu:a100=4`, `gpu:1g.5gb:7`. Other resources, `(null)` and `N/A` are left
 * aside.
 */
export function parseGpus(text: string): GpuCount[] {
  const entries = text.replaceAll(/\([^)]*\)/g, "").split(",").map((entry) => entry.trim());
  return entries.flatMap((entry) => {
    const [, rest] = /^(?:gres[/:])?gpu(?=[:=]|$)(.*)$/i.exec(entry) ?? [];
    if (rest === undefined) return [];
    const words = rest.split(/[:=]/).filter((word) => word !== "" && word !== "no_consume");
    const last = /^(\d+)([kmg]?)$/i.exec(words.at(-1) ?? "");
    const count = last ? Number(last[1]) * SUFFIX[last[2]!.toLowerCase()]! : 1;
    const type = (last ? words.slice(0, -1) : words).join(":");
    return [type === "" ? { count } : { type, count }];
  });
}
