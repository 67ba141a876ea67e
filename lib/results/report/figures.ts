import { UsageError } from "../../core/errors.ts";
import { escapeHtml } from "../export/html.ts";
import { plotBars } from "../plots/bars.ts";
import { plotGpuHours } from "../plots/gpu_hours.ts";
import { plotHeatmap } from "../plots/heatmap.ts";
import { plotImportance } from "../plots/importance.ts";
import { plotParallel } from "../plots/parallel.ts";
import type { ResultRecord } from "../records.ts";
import { lineList } from "./page.ts";
import type { ReportScope } from "./subset.ts";

/** A picture that a report tries to draw. */
export interface WantedFigure {
  title: string;
  draw: () => Promise<string>;
}

/** Sets of parameters whose learning curves are shown: the best. */
export const MOST_CURVES = 6;

/** The pictures that suit what differs between the runs. */
export function usualFigures(
  records: readonly ResultRecord[],
  { metric: { name: metric }, factors, records: shown, sets }: ReportScope,
): WantedFigure[] {
  const best = sets.shown < sets.all ? `, ${sets.shown} of ${sets.all} sets of parameters` : "";
  const several = factors.length >= 2;
  return [
    {
      title: `${metric} by parameters${best}`,
      draw: () => plotBars(shown, { metric, x: factors }),
    },
    ...(several
      ? [
        { title: `${metric} over two parameters`, draw: () => plotHeatmap(records, { metric }) },
        { title: `Each run to ${metric}`, draw: () => plotParallel(records, { metric }) },
        {
          title: `What ${metric} depends on`,
          draw: () => plotImportance(records, { metric }),
        },
      ]
      : []),
    { title: "GPU-hours by state", draw: () => plotGpuHours(records) },
  ];
}

/** Draws what can be drawn, and says of the rest why not. */
export async function figuresHtml(wanted: readonly WantedFigure[]): Promise<string> {
  const drawn: string[] = [];
  const refused: string[] = [];
  for (const { title, draw } of wanted) {
    try {
      const svg = await draw();
      drawn.push(
        `<figure aria-label="${escapeHtml(title)}"><h3>${escapeHtml(title)}</h3>${svg}</figure>`,
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      refused.push(`${title}: ${error.message}`);
    }
  }
  const notes = refused.length > 0 ? `<div class="notes">Not drawn:${lineList(refused)}</div>` : "";
  return drawn.join("\n") + notes;
}
