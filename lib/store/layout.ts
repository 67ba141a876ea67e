import { join } from "node:path";

/** Name of the file that makes a folder a project. */
export const PROJECT_FILE = ".hpc_config.yaml";

/** Where everything of a project is. Nothing but this file knows the names. */
export class Layout {
  constructor(readonly root: string) {}

  get config(): string {
    return join(this.root, PROJECT_FILE);
  }
  get experiments(): string {
    return join(this.root, "experiment_configs");
  }
  get templates(): string {
    return join(this.root, "experiment_templates");
  }
  get submissions(): string {
    return join(this.root, "generated_scripts");
  }
  get results(): string {
    return join(this.root, "experiments", "results");
  }
  get checkpoints(): string {
    return join(this.root, "experiments", "checkpoints");
  }
  get cache(): string {
    return join(this.root, "experiments", "cache");
  }
  get logs(): string {
    return join(this.root, "experiments", "logs");
  }
  /** What the tool keeps for itself. */
  get own(): string {
    return join(this.root, ".expflow");
  }
  get schemas(): string {
    return join(this.own, "schema");
  }

  experiment(id: string): string {
    return join(this.experiments, `${id}.yaml`);
  }
  template(name: string): string {
    return join(this.templates, `${name}.yaml`);
  }
  submission(id: string, submission: string): string {
    return join(this.submissions, id, submission);
  }
  state(id: string, submission: string): string {
    return join(this.root, "experiments", "state", id, submission);
  }
  runs(id: string): string {
    return join(this.root, "experiments", "runs", id);
  }
  run(id: string, index: number): string {
    return join(this.runs(id), String(index));
  }
  submissionLogs(id: string, submission: string): string {
    return join(this.logs, id, submission);
  }
  result(id: string): string {
    return join(this.results, `${id}.jsonl`);
  }
  localScheduler(host: string): string {
    return join(this.own, "local", host);
  }

  /** The folders `init` makes: the layout users of the original know. */
  get seed(): string[] {
    return [
      this.experiments,
      this.templates,
      this.submissions,
      this.logs,
      this.checkpoints,
      this.cache,
    ];
  }
}
