import { isEnded, type RunState } from "../core/states.ts";
import type { Project } from "../manager/project.ts";
import { wait, type WaitOptions } from "../manager/submit.ts";
import { escapeHtml } from "../results/export/html.ts";
import type { ExperimentStatus } from "../submission/status.ts";
import { LiveDisplay } from "./show.ts";
import { View } from "./view.ts";

/** Told apart by colour-blind readers, too; every other state is one that needs a person. */
const COLORS: Partial<Record<RunState, string>> = {
  completed: "#009E73",
  running: "#56B4E9",
  pending: "#BBBBBB",
  planned: "#DDDDDD",
  unknown: "#E69F00",
};
const PROBLEM = "#D55E00";
const CHARACTERS = 24;

/**
 * Where runs stand, as a bar with a part for each state.
 *
 * @example
 * ```ts
 * import { progressView } from "@expflow/cli";
 *
 * const { text, html } = progressView({ completed: 3, running: 1 });
 * if (text !== "[##################......] 3/4  3 completed, 1 running") throw new Error(text);
 * if (!html.includes("width:75%")) throw new Error(html);
 * ```
 */
export function progressView(counts: Partial<Record<RunState, number>>): View {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([state, count]) => ({ state: state as RunState, count }));
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const ended = parts.reduce((sum, { state, count }) => sum + (isEnded(state) ? count : 0), 0);
  const told = parts.map(({ state, count }) => `${count} ${state.replaceAll("_", " ")}`)
    .join(", ") || "no runs";
  const filled = total === 0 ? 0 : Math.floor(CHARACTERS * ended / total);
  const bar = `[${"#".repeat(filled)}${".".repeat(CHARACTERS - filled)}]`;
  const colored = parts.map(({ state, count }) =>
    `<div style="width:${100 * count / total}%;background:${COLORS[state] ?? PROBLEM}"></div>`
  );
  return new View(
    `${bar} ${ended}/${total}  ${told}`,
    `<div style="display:flex;width:24em;height:0.8em;border:1px solid #888">${
      colored.join("")
    }</div><div>${ended} of ${total} ended: ${escapeHtml(told)}</div>`,
  );
}

/** How runs are watched. */
export interface WatchRunsOptions extends Omit<WaitOptions, "onProgress"> {
  /** Where the progress is shown; a new output of the cell unless told. */
  display?: LiveDisplay;
}

/**
 * Waits until every run of an experiment has ended; in a notebook, with a bar that moves in place.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, submit, watchRuns } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * const { runs } = await watchRuns(project, "exp001");
 * if (!runs.every(({ state }) => state === "completed")) throw new Error("not completed");
 * ```
 */
export async function watchRuns(
  project: Project,
  id: string,
  { display = new LiveDisplay(), ...options }: WatchRunsOptions = {},
): Promise<ExperimentStatus> {
  let shown: Promise<void> = Promise.resolve();
  const status = await wait(project, id, {
    ...options,
    onProgress: (counts) => {
      shown = shown.then(() => display.show(progressView(counts)));
    },
  });
  await shown;
  return status;
}
