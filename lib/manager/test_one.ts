import { waitAndContinue } from "./keep_going.ts";
import type { Project } from "./project.ts";
import { previewSubmit, submit, type SubmitOptions, type WaitOptions } from "./submit.ts";
import { why, type WhyReport } from "./why.ts";

/** How one run went that was tried before the others. */
export interface Trial {
  /** Why it did not complete with all that is required; `undefined` where nothing was to be run. */
  tested?: WhyReport;
  /** Whether the others may follow. */
  passed: boolean;
  /** Number of runs that have not been submitted. */
  left: number;
  /** What is to be submitted now. */
  rest: SubmitOptions;
}

/**
 * Submits the first of the runs, and waits until it has ended: it passes when it completed and left
 * what `harvest:` requires. The others are not submitted.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, submit, testOne } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { command: "exit 3", args: "none", sweep: "lr=0.1,0.01" });
 * const { passed, left, rest } = await testOne(project, "exp001");
 * if (passed) await submit(project, "exp001", rest);
 * if (passed || left !== 1) throw new Error("the other run must not follow a failure");
 * ```
 */
export async function testOne(
  project: Project,
  id: string,
  options: SubmitOptions = {},
  waiting: WaitOptions = {},
): Promise<Trial> {
  const { selected } = await previewSubmit(project, id, options);
  const first = selected.runs[0]?.index;
  if (first === undefined) return { passed: true, left: 0, rest: options };
  await submit(project, id, { ...options, runs: [first], limit: 1 });
  await waitAndContinue(project, id, { ...waiting, runs: [first] });
  const tested = await why(project, id, first);
  const { limit, except = [] } = options;
  return {
    tested,
    passed: tested.state === "completed" && !tested.failure,
    left: selected.runs.length - 1,
    rest: {
      ...options,
      except: [...except, first],
      limit: limit === undefined ? undefined : limit - 1,
    },
  };
}
