import { join } from "node:path";

/** A job as dr_exp's documentation has it; parts may be left out or be something else. */
export type Job = Record<string, unknown>;

/**
 * A folder of dr_exp, generated: the form is that of its documentation (jobs/<uuid>.json,
 * storage/run_<id>/metrics.jsonl), none of it was captured from a running one.
 */
export class DrExpFolder implements Disposable {
  readonly root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "expflow-dr-exp-" }));

  constructor() {
    for (const name of ["jobs", "storage", "sync_queue", "logs", "control"]) {
      Deno.mkdirSync(join(this.root, name));
    }
  }

  /** Adds a job; a text is written as it is. @returns its id. */
  job(id: string, job: Job | string = {}): string {
    const text = typeof job === "string"
      ? job
      : JSON.stringify({ ...standard(id), ...job }, null, 2);
    Deno.writeTextFileSync(join(this.root, "jobs", `${id}.json`), text);
    return id;
  }

  /** Writes `metrics.jsonl` of a run. */
  metrics(id: string, rows: readonly object[]): void {
    const folder = join(this.root, "storage", `run_${id}`);
    Deno.mkdirSync(folder, { recursive: true });
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    Deno.writeTextFileSync(join(folder, "metrics.jsonl"), text);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

function standard(id: string): Job {
  return {
    id,
    experiment: "resnet",
    config: { lr: 0.1 },
    priority: 500,
    tags: [],
    status: "queued",
    created_at: "2024-05-01T10:00:00+00:00",
    started_at: null,
    completed_at: null,
    attempts: 0,
    worker_id: null,
    last_heartbeat: null,
    error: null,
    final_metrics: null,
  };
}

/** Five jobs: two completed, a failed, a running and a queued one. */
export function fillSweep(folder: DrExpFolder): void {
  const ran = {
    started_at: "2024-05-01T11:00:00+00:00",
    completed_at: "2024-05-01T11:30:00+00:00",
    attempts: 1,
    worker_id: "gpu01-3",
  };
  const config = (lr: number) => ({ lr, model: "r18", optim: { wd: 0 } });
  folder.job("a0", {
    ...ran,
    config: config(0.1),
    status: "completed",
    final_metrics: { acc: 0.91 },
  });
  folder.metrics("a0", [{ epoch: 1, acc: 0.8, loss: 2 }, { epoch: 2, acc: 0.91, loss: 1 }]);
  folder.job("a1", {
    ...ran,
    config: config(0.01),
    status: "completed",
    final_metrics: { acc: 0.93 },
  });
  folder.metrics("a1", [{ epoch: 1, acc: 0.95, loss: 2 }, { epoch: 2, acc: 0.93, loss: 0.5 }]);
  folder.job("a2", {
    ...ran,
    config: config(1),
    status: "failed",
    attempts: 3,
    error: "Traceback\nRuntimeError: CUDA out of memory",
  });
  folder.job("a3", { ...ran, completed_at: null, config: config(0.5), status: "running" });
  folder.job("a4", { config: config(0.2), status: "queued" });
}
