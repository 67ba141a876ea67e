import type { CancelOutcome } from "../submission/cancel.ts";
import type { ExperimentStatus } from "../submission/status.ts";
import type { SubmitOutcome } from "../submission/submit.ts";
import { cancel } from "./cancel.ts";
import { createExperiment, type NewExperiment } from "./experiments.ts";
import { type ExportReport, type ExportRequest, exportResults } from "./export.ts";
import { harvest, type HarvestReport } from "./harvest.ts";
import {
  DEFAULT_HOOKS,
  type HarvestContext,
  type HarvestedMetrics,
  type Hooks,
  type StageContext,
} from "./hooks.ts";
import { openProject, type Project, type ProjectOptions } from "./project.ts";
import { status } from "./status.ts";
import { submit, type SubmitOptions } from "./submit.ts";

/**
 * Decides how experiments train, evaluate and harvest. Subclass it and override `trainScript`,
 * `evalScript` or `harvestResults`; what is not overridden is what the YAML file says.
 *
 * @example
 * ```ts
 * import { ExperimentManager, type StageContext } from "@expflow/cli";
 *
 * class MyManager extends ExperimentManager {
 *   override trainScript(context: StageContext): string {
 *     return "python train.py --out {run.dir}";
 *   }
 * }
 * if (new MyManager().ownStages.join() !== "train") throw new Error("train is not its own");
 * ```
 */
export class ExperimentManager implements Hooks {
  /** Stages this manager has a script of its own for. */
  get ownStages(): string[] {
    const base = ExperimentManager.prototype;
    return [
      ...(this.trainScript === base.trainScript ? [] : ["train"]),
      ...(this.evalScript === base.evalScript ? [] : ["eval"]),
    ];
  }

  /** The bash command that trains, with placeholders such as `{params.lr}` and `{run.dir}`. */
  trainScript(context: StageContext): string {
    return DEFAULT_HOOKS.stageScript(context);
  }

  /** The bash command that evaluates; it runs after `train` succeeded. */
  evalScript(context: StageContext): string {
    return DEFAULT_HOOKS.stageScript(context);
  }

  /** The bash command of any stage: `train` and `eval` go to their own methods. */
  stageScript(context: StageContext): string {
    if (context.stage.name === "train") return this.trainScript(context);
    if (context.stage.name === "eval") return this.evalScript(context);
    return DEFAULT_HOOKS.stageScript(context);
  }

  /** The metrics of a run; `context.read()` gives what `harvest:` declares. */
  harvestResults(context: HarvestContext): HarvestedMetrics | Promise<HarvestedMetrics> {
    return DEFAULT_HOOKS.harvestResults(context);
  }

  /** Opens the project that holds `folder`, with this manager deciding. */
  async open(folder?: string, options: ProjectOptions = {}): Promise<ManagedProject> {
    return new ManagedProject(await openProject(folder, { ...options, hooks: this }));
  }
}

/**
 * A project and the verbs of the command line, as methods.
 *
 * @example
 * ```ts
 * import { ExperimentManager, type HarvestContext, initProject, wait } from "@expflow/cli";
 *
 * class MyManager extends ExperimentManager {
 *   override trainScript() {
 *     return "echo 0.25 > {run.dir}/loss.txt";
 *   }
 *   override harvestResults({ folder }: HarvestContext) {
 *     return { loss: Number(Deno.readTextFileSync(`${folder}/loss.txt`)) };
 *   }
 * }
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const managed = await new MyManager().open(root);
 * managed.new("exp001");
 * await managed.submit("exp001");
 * await wait(managed.project, "exp001");
 * const { records } = await managed.harvest("exp001");
 * if (records[0]?.metrics.loss?.last !== 0.25) throw new Error(JSON.stringify(records));
 * ```
 */
export class ManagedProject {
  /** Its methods work on `project`. */
  constructor(
    /** For the functions of this module, which take a project. */
    readonly project: Project,
  ) {}

  /** Creates an experiment. @returns the path of its file. */
  new(id: string, options: NewExperiment = {}): string {
    return createExperiment(this.project, id, options);
  }

  /** Submits what is not completed or queued. */
  async submit(id: string, options?: SubmitOptions): Promise<SubmitOutcome> {
    return await submit(this.project, id, options);
  }

  /** Where its runs stand. */
  async status(id: string): Promise<ExperimentStatus> {
    return (await status(this.project, { ids: [id] }))[0]!;
  }

  /** Cancels it, or one run of it. */
  async cancel(id: string, run?: number): Promise<CancelOutcome> {
    return await cancel(this.project, id, run);
  }

  /** Reads the results of its runs. */
  async harvest(id: string): Promise<HarvestReport> {
    return await harvest(this.project, id);
  }

  /** Writes harvested results to a file; its extension is the format. */
  export(path: string, options?: ExportRequest): ExportReport {
    return exportResults(this.project, path, options);
  }
}
