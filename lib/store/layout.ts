import { join } from "node:path";

/** Name of the file that makes a folder a project. */
export const PROJECT_FILE = ".hpc_config.yaml";

/** Where everything of a project is. Nothing but this file knows the names. */
export class Layout {
  /** The layout of the project in the folder `root`, which need not exist. */
  constructor(
    /** The project's folder; every other path is inside. */
    readonly root: string,
  ) {}

  /** `.hpc_config.yaml`, which makes the folder a project. */
  get config(): string {
    return join(this.root, PROJECT_FILE);
  }
  /** Holds one `<id>.yaml` for each experiment. */
  get experiments(): string {
    return join(this.root, "experiment_configs");
  }
  /** Holds one `<name>.yaml` for each template; they hide shipped ones of the same name. */
  get templates(): string {
    return join(this.root, "experiment_templates");
  }
  /** Holds `<id>/<submission>/`: the scripts and plans, immutable. */
  get submissions(): string {
    return join(this.root, "generated_scripts");
  }
  /** Holds what was harvested. */
  get results(): string {
    return join(this.root, "experiments", "results");
  }
  /** Holds what tells of archived experiments, and archives unless another folder is given. */
  get archives(): string {
    return join(this.root, "experiments", "archived");
  }
  /** For the user's programs; expflow only makes it. */
  get checkpoints(): string {
    return join(this.root, "experiments", "checkpoints");
  }
  /** For the user's programs; expflow only makes it. */
  get cache(): string {
    return join(this.root, "experiments", "cache");
  }
  /** Holds the output of jobs, by experiment and submission. */
  get logs(): string {
    return join(this.root, "experiments", "logs");
  }
  /** What the tool keeps for itself. */
  get own(): string {
    return join(this.root, ".expflow");
  }
  /** What was asked of the cluster, with its age; may be deleted. */
  get answers(): string {
    return join(this.own, "answers");
  }
  /** JSON Schemas that editors check the YAML files against; `init` writes them. */
  get schemas(): string {
    return join(this.own, "schema");
  }

  /** The file of an experiment. */
  experiment(id: string): string {
    return join(this.experiments, `${id}.yaml`);
  }
  /** The file of a template of this project. */
  template(name: string): string {
    return join(this.templates, `${name}.yaml`);
  }
  /** Folder of one submission (`001`, `002`, …): plan, runs, scripts and code. */
  submission(id: string, submission: string): string {
    return join(this.submissions, id, submission);
  }
  /** What became of a submission: its journal, and the markers that its jobs leave. */
  state(id: string, submission: string): string {
    return join(this.states(id), submission);
  }
  /** Holds the folders of the runs of an experiment. */
  runs(id: string): string {
    return join(this.root, "experiments", "runs", id);
  }
  /** Folder of one run, made by its job: the place for everything its program writes. */
  run(id: string, index: number): string {
    return join(this.runs(id), String(index));
  }
  /** Holds `.out` and `.err` of each stage and run of a submission. */
  submissionLogs(id: string, submission: string): string {
    return join(this.logs, id, submission);
  }
  /** State folders of all submissions of an experiment. */
  states(id: string): string {
    return join(this.root, "experiments", "state", id);
  }
  /** One empty file for each pin of an experiment: `all`, or the index of a run. */
  pins(id: string): string {
    return join(this.root, "experiments", "pins", id);
  }
  /** Where an archived experiment is, and how it stood; while it is there, the experiment is archived. */
  archiveRecord(id: string): string {
    return join(this.archives, `${id}.json`);
  }
  /** Name of the archive that is being written, so that what a killed process left is found. */
  packing(id: string): string {
    return join(this.archives, `.packing.${id}`);
  }
  /** Where an archive is unpacked; with `.part` at its end until it is whole. */
  unpacked(id: string): string {
    return join(this.archives, `.unpacked.${id}`);
  }
  /** Everything that an archive of an experiment takes. */
  archived(id: string): string[] {
    return [join(this.submissions, id), join(this.logs, id), this.runs(id), this.states(id)];
  }
  /** Harvested records of an experiment, one JSON object a line; `harvest` writes it. */
  result(id: string): string {
    return join(this.results, `${id}.jsonl`);
  }
  /** The harvested records of every experiment as one table; made of them anew, may be deleted. */
  get resultTable(): string {
    return join(this.results, "results.parquet");
  }
  /** Holds what `import` took over from other tools. */
  get imported(): string {
    return join(this.root, "experiments", "imported");
  }
  /** Where an imported experiment is from. */
  importSource(id: string): string {
    return join(this.imported, `${id}.json`);
  }
  /** Its runs there, one JSON object a line. */
  importedRuns(id: string): string {
    return join(this.imported, `${id}.jsonl`);
  }
  /** How every metric of an experiment developed; `harvest --curves` writes it. */
  curves(id: string): string {
    return join(this.results, `${id}.curves.parquet`);
  }
  /** What the last harvest of an experiment saw, so that the next reads only what changed. */
  harvested(id: string): string {
    return join(this.own, "harvested", `${id}.json`);
  }
  /** What a search suggested and was told, and who drives it; `search run` writes it. */
  search(id: string): string {
    return join(this.root, "experiments", "search", id);
  }
  /** What a sync knows of its destination; may be deleted. */
  synced(name: string): string {
    return join(this.own, "sync", name);
  }
  /** State of the embedded scheduler, for each host its own. */
  localScheduler(host: string): string {
    return join(this.own, "local", host);
  }

  /** The queue that workers take runs from. */
  get queue(): string {
    return join(this.own, "queue");
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
