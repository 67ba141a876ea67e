import { join } from "node:path";
import type { HarvestFile, HarvestSpec } from "../../lib/core/experiment.ts";
import type { ParamValue } from "../../lib/core/params.ts";
import type { MetricScalar, ResultRecord } from "../../lib/results/records.ts";

/** Runs `body` with a folder that holds `files`, and removes it afterwards. */
export async function withFolder(
  files: Record<string, string | Uint8Array>,
  body: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "expflow-results-" });
  try {
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      Deno.writeFileSync(join(folder, name), bytes);
    }
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A harvest specification: default files unless told. */
export function spec(
  files: Partial<HarvestFile>[] = [],
  direction: HarvestSpec["direction"] = {},
): HarvestSpec {
  return {
    files: files.map((file) => ({
      path: "result.json",
      format: "json",
      patterns: {},
      metrics: [],
      required: false,
      ...file,
    })),
    direction,
  };
}

/** A record of a completed run. */
export function record(
  params: Record<string, ParamValue>,
  metrics: Record<string, MetricScalar>,
  more: Partial<ResultRecord> = {},
): ResultRecord {
  const seed = typeof params.seed === "number" ? { seed: params.seed } : {};
  return {
    experiment: "exp001",
    run: 0,
    state: "completed",
    ...seed,
    params,
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, last]) => [
        name,
        { last, source: "result.json", direction: name.includes("loss") ? "min" : "max" },
      ]),
    ),
    jobs: {},
    sources: ["result.json"],
    problems: [],
    ...more,
  };
}
