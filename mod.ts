/**
 * Experiments on a cluster, as easy as git: the typed API, and, when this module is the main one,
 * the command line.
 *
 * ```sh
 * deno run -A jsr:@expflow/cli submit exp001
 * ```
 *
 * @example
 * From an empty folder to a table, on the scheduler of this machine.
 *
 * ```ts
 * import {
 *   createExperiment,
 *   exportResults,
 *   harvest,
 *   initProject,
 *   openProject,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 *
 * createExperiment(project, "exp001", { template: "baseline", sweep: "lr=0.1,0.01 seed=0,1" });
 * await submit(project, "exp001");
 * const { runs } = await wait(project, "exp001");
 * await harvest(project, "exp001");
 * exportResults(project, `${root}/results.md`, { metrics: ["loss"] });
 *
 * const table = Deno.readTextFileSync(`${root}/results.md`);
 * if (runs.length !== 4 || !table.includes("| lr | n | loss ↓ |")) throw new Error(table);
 * ```
 *
 * @module
 */
export type { AgedMap } from "./lib/advisor/access_cache.ts";
export type { AccessMap } from "./lib/advisor/access_map.ts";
export type { SlurmAdvice } from "./lib/advisor/advise.ts";
export type { BatchPlan } from "./lib/advisor/batch_plan.ts";
export type { Rejection } from "./lib/advisor/candidates.ts";
export type { ExpectedCost } from "./lib/advisor/cost.ts";
export type { Hold } from "./lib/advisor/limits.ts";
export type { AdvisedPlace } from "./lib/advisor/places.ts";
export type { Efficiency, Suggestion } from "./lib/advisor/right_size.ts";
export type { ScoreTerm } from "./lib/advisor/score.ts";
export type { TimeHint } from "./lib/advisor/time_hint.ts";
export type { WaitHistory, WaitRange } from "./lib/advisor/waits.ts";
export type { AccessCell } from "./lib/cluster/access.ts";
export type { Capacity } from "./lib/cluster/capacity.ts";
export type { Detected, Maybe } from "./lib/cluster/detected.ts";
export type { Environment, Place } from "./lib/cluster/environment.ts";
export type { Association } from "./lib/cluster/probes/accounts.ts";
export type { Clocks } from "./lib/cluster/probes/clocks.ts";
export type { SlurmConfig } from "./lib/cluster/probes/config.ts";
export type { NodeGroup } from "./lib/cluster/probes/nodes.ts";
export type { Limit, Partition } from "./lib/cluster/probes/partitions.ts";
export type { StorageUse } from "./lib/cluster/probes/quota.ts";
export type { LocalGpu } from "./lib/cluster/probes/tools.ts";
export type { ProjectSettings } from "./lib/config/project.ts";
export { expandSweep } from "./lib/config/sweep.ts";
export { parseSweepLine } from "./lib/config/sweep_line.ts";
export type { Extension } from "./lib/config/sweep_edit.ts";
export type { ExclusionCount, FactorCount } from "./lib/config/sweep_summary.ts";
export type { Exclusion, OnExcluded } from "./lib/config/sweep_walk.ts";
export {
  ConfigError,
  ConflictError,
  ExitCode,
  ExpflowError,
  NotFoundError,
  SchedulerError,
  StorageError,
  UsageError,
} from "./lib/core/errors.ts";
export type { ErrorDetails } from "./lib/core/errors.ts";
export type {
  ArgsStyle,
  CheckpointSpec,
  ContainerSpec,
  EnvironmentSpec,
  Experiment,
  HarvestFile,
  HarvestFormat,
  HarvestSpec,
  LauncherSpec,
  ReproducedRun,
  ResumeMode,
  RunPoint,
  RunSpec,
  Stage,
  StageDependency,
} from "./lib/core/experiment.ts";
export type { GpuCount } from "./lib/core/gres.ts";
export type { RunReference } from "./lib/core/ids.ts";
export type { Params, ParamValue } from "./lib/core/params.ts";
export type { Resources } from "./lib/core/resources.ts";
export type { RetryPolicy, RetryRule } from "./lib/core/retry.ts";
export type { AshaSpec, Sampler, SearchSpec } from "./lib/core/search.ts";
export { RUN_STATES } from "./lib/core/states.ts";
export type { RunState } from "./lib/core/states.ts";
export type { Draws, Sweep, SweepGroup, SweepValues } from "./lib/core/sweep.ts";
export { FAILURE_CLASSES } from "./lib/core/failures.ts";
export type { FailureClass, RetryableClass } from "./lib/core/failures.ts";
export { VERSION } from "./lib/core/version.ts";
export type { Kept, Waste, WasteKind } from "./lib/core/clean_up.ts";
export { adviseResources } from "./lib/manager/advise.ts";
export type { Advice, AdviceOptions, MachineAdvice } from "./lib/manager/advise.ts";
export { adviseWithAi, aiPrompt } from "./lib/manager/ai_advice.ts";
export type { AiAdvice, AiOptions } from "./lib/manager/ai_advice.ts";
export { archive } from "./lib/manager/archive.ts";
export type { ArchiveOptions, ArchiveReport } from "./lib/manager/archive.ts";
export { cancel } from "./lib/manager/cancel.ts";
export { resume } from "./lib/manager/resume.ts";
export type { ResumeOptions } from "./lib/manager/resume.ts";
export { exportCurves, plotLearningCurves } from "./lib/manager/curves.ts";
export type { CurveExport } from "./lib/manager/curves.ts";
export { writeReport } from "./lib/manager/report.ts";
export type { ReportOptions, ReportOutcome } from "./lib/manager/report.ts";
export { diffRuns } from "./lib/manager/diff.ts";
export type { CodeDiff, RunDiff } from "./lib/manager/diff.ts";
export { efficiency } from "./lib/manager/efficiency.ts";
export type { EfficiencyReport, RunUsage } from "./lib/manager/efficiency.ts";
export { detectEnvironment } from "./lib/manager/environment.ts";
export { ExperimentManager, ManagedProject } from "./lib/manager/experiment_manager.ts";
export { createExperiment, loadExperiment } from "./lib/manager/experiments.ts";
export type { LoadedExperiment, NewExperiment } from "./lib/manager/experiments.ts";
export { extendSweep } from "./lib/manager/extend.ts";
export type { ExtendOptions, SweepAddition, SweepExtension } from "./lib/manager/extend.ts";
export { exportResults } from "./lib/manager/export.ts";
export type { ExportReport, ExportRequest } from "./lib/manager/export.ts";
export { harvest, readResults } from "./lib/manager/harvest.ts";
export type { HarvestReport } from "./lib/manager/harvest.ts";
export type { HarvestContext, HarvestedMetrics, Hooks, StageContext } from "./lib/manager/hooks.ts";
export { importFrom } from "./lib/manager/import.ts";
export type {
  ImportedExperimentReport,
  ImportOptions,
  ImportReport,
} from "./lib/manager/import.ts";
export type { ImportProblem } from "./lib/manager/import_problems.ts";
export { initProject } from "./lib/manager/init.ts";
export type { InitAnswers, InitOutcome, InitRequest, InitValue } from "./lib/manager/init.ts";
export { detectAccess } from "./lib/manager/partitions.ts";
export type { AccessOptions } from "./lib/manager/partitions.ts";
export { openProject } from "./lib/manager/project.ts";
export type { Project, ProjectOptions } from "./lib/manager/project.ts";
export { pin, unpin } from "./lib/manager/pins.ts";
export { prune } from "./lib/manager/prune.ts";
export type { PruneOptions, PruneReport } from "./lib/manager/prune.ts";
export { migrateSlurmScript } from "./lib/manager/migrate.ts";
export type { MigratedFile, MigratedScript, ScriptMigration } from "./lib/manager/migrate.ts";
export { syncResults, syncStatus, verifySync } from "./lib/manager/sync.ts";
export type { SyncOptions, SyncOutcome, SyncStatus } from "./lib/manager/sync.ts";
export { restore } from "./lib/manager/restore.ts";
export type { RestoreReport } from "./lib/manager/restore.ts";
export { pump } from "./lib/manager/pump.ts";
export type { PumpOutcome } from "./lib/manager/pump.ts";
export { reproduce } from "./lib/manager/reproduce.ts";
export type { ReproduceOptions, Reproduction } from "./lib/manager/reproduce.ts";
export { retry } from "./lib/manager/retry.ts";
export type { Retried, RetryOptions, RetryReport } from "./lib/manager/retry.ts";
export { renderScript } from "./lib/manager/render.ts";
export { runDetails } from "./lib/manager/run_details.ts";
export type { RunDetails, StageDetails } from "./lib/manager/run_details.ts";
export { compareRuns, queryResults } from "./lib/manager/results.ts";
export type { ResultsQuery } from "./lib/manager/results.ts";
export { resourceStatus } from "./lib/manager/resources.ts";
export type {
  MachineResources,
  ResourceStatus,
  ResourceStatusOptions,
} from "./lib/manager/resources.ts";
export { boostItems, holdItems, releaseItems } from "./lib/manager/queue_control.ts";
export type { QueueChange, Released } from "./lib/manager/queue_control.ts";
export type { ItemQuery, ItemState, QueueItem } from "./lib/manager/queue_items.ts";
export { killItems } from "./lib/manager/queue_kill.ts";
export type { KillOptions, KillReport, Unanswered } from "./lib/manager/queue_kill.ts";
export { listQueue } from "./lib/manager/queue_list.ts";
export { queueStatus } from "./lib/manager/queue_status.ts";
export type { QueueStatus, WorkerStatus } from "./lib/manager/queue_status.ts";
export type { Eta, Outlook, Throughput } from "./lib/submission/outlook.ts";
export { searchStatus } from "./lib/manager/search.ts";
export type { SearchStatus } from "./lib/manager/search.ts";
export { searchReport } from "./lib/manager/search_report.ts";
export type { ReportedTrial, SearchReport } from "./lib/manager/search_report.ts";
export { runSearch } from "./lib/manager/search_run.ts";
export type { SearchOptions } from "./lib/manager/search_driver.ts";
export type { Best } from "./lib/search/best.ts";
export type { Driver } from "./lib/search/holder.ts";
export type { Started, Told } from "./lib/search/journal.ts";
export type { Coordinates } from "./lib/search/space.ts";
export { status } from "./lib/manager/status.ts";
export type { StatusQuery } from "./lib/manager/status.ts";
export { previewSubmit, submit, wait } from "./lib/manager/submit.ts";
export type { SubmitOptions, WaitOptions } from "./lib/manager/submit.ts";
export { testOne } from "./lib/manager/test_one.ts";
export type { Trial } from "./lib/manager/test_one.ts";
export { previewSweep } from "./lib/manager/sweep.ts";
export type { PreviewRun, SweepPreview } from "./lib/manager/sweep.ts";
export { diagnose, why } from "./lib/manager/why.ts";
export type { DiagnosisReport, WhyReport } from "./lib/manager/why.ts";
export { verifyReproduction } from "./lib/manager/verify.ts";
export type { Verification, VerifyOptions } from "./lib/manager/verify.ts";
export { loadTemplate } from "./lib/manager/templates.ts";
export type { LoadedTemplate } from "./lib/manager/templates.ts";
export { type DesignPlotOptions, plotDesign } from "./lib/notebook/design_plot.ts";
export { type Broadcast, LiveDisplay, show } from "./lib/notebook/show.ts";
export { pictureView, tableView, type View } from "./lib/notebook/view.ts";
export { progressView, watchRuns, type WatchRunsOptions } from "./lib/notebook/watch_runs.ts";
export type { AggregateOptions } from "./lib/results/aggregate.ts";
export type { Aggregated } from "./lib/results/aggregation.ts";
export type { ComparedMetric, Comparison } from "./lib/results/comparison.ts";
export type { Change } from "./lib/results/config_diff.ts";
export { formatTable } from "./lib/results/export/tables.ts";
export type { TableFormat } from "./lib/results/export/tables.ts";
export { groupStatistics } from "./lib/results/group_statistics.ts";
export type { GroupStatistics, StatisticsOptions } from "./lib/results/group_statistics.ts";
export type { NumberText } from "./lib/results/numbers.ts";
export { parameterImportance } from "./lib/results/parameter_importance.ts";
export type { ImportanceOptions, ParameterImportance } from "./lib/results/parameter_importance.ts";
export type { PivotOptions } from "./lib/results/pivot.ts";
export type { CellSummary } from "./lib/results/pivot_table.ts";
export type { Found, Query } from "./lib/results/query.ts";
export { resultsTable } from "./lib/results/results_table.ts";
export type {
  ResultsCell,
  ResultsTable,
  ResultsTableOptions,
} from "./lib/results/results_table.ts";
export type { CellTest } from "./lib/results/significance.ts";
export type { Description } from "./lib/results/statistics/describe.ts";
export type { BootstrapMethod, Interval } from "./lib/results/statistics/intervals.ts";
export type { PairedTest, TestResult } from "./lib/results/statistics/paired_test.ts";
export type { Cell, Column, Table } from "./lib/results/table_model.ts";
export type { BandKind } from "./lib/results/plots/curve_bands.ts";
export { plotBars } from "./lib/results/plots/bars.ts";
export type { BarPlotOptions } from "./lib/results/plots/bars_data.ts";
export type { PictureOptions } from "./lib/results/plots/figure.ts";
export { plotGpuHours } from "./lib/results/plots/gpu_hours.ts";
export type { DeviceHoursOptions } from "./lib/results/plots/hours_data.ts";
export type { Device } from "./lib/results/device_hours.ts";
export { plotHeatmap } from "./lib/results/plots/heatmap.ts";
export type { HeatmapOptions } from "./lib/results/plots/heatmap_data.ts";
export { plotImportance } from "./lib/results/plots/importance.ts";
export type { ImportancePlotOptions } from "./lib/results/plots/importance.ts";
export type { LeftOut } from "./lib/results/plots/left_out.ts";
export { plotParallel } from "./lib/results/plots/parallel.ts";
export type { ParallelOptions } from "./lib/results/plots/parallel_data.ts";
export { plotPareto } from "./lib/results/plots/pareto.ts";
export type { ParetoOptions } from "./lib/results/plots/pareto.ts";
export { plotScatter } from "./lib/results/plots/scatter.ts";
export type { ScatterOptions } from "./lib/results/plots/scatter_data.ts";
export { svgToPng } from "./lib/results/plots/png.ts";
export type { PngOptions } from "./lib/results/plots/png.ts";
export type { ColumnNames, ExportOptions } from "./lib/results/export/exporter.ts";
export type { Harvest } from "./lib/results/harvest.ts";
export type { CurvePlotOptions } from "./lib/results/plots/curves.ts";
export type {
  Artifact,
  Direction,
  ImportedFrom,
  MetricScalar,
  MetricValue,
  ResultRecord,
} from "./lib/results/records.ts";
export type { VerifiedMetric } from "./lib/results/verification.ts";
export type { Use } from "./lib/results/summary.ts";
export { SCHEDULER_STATES } from "./lib/schedulers/scheduler.ts";
export type {
  DependencyType,
  JobFilter,
  JobReport,
  JobRequest,
  JobScope,
  JobTarget,
  Scheduler,
  SchedulerLimits,
  SchedulerState,
  StartEstimate,
  SubmitLimit,
  TaskReport,
  Topology,
  WantedTasks,
} from "./lib/schedulers/scheduler.ts";
export type { JobUsage } from "./lib/schedulers/slurm/usage.ts";
export { quote } from "./lib/script/quote.ts";
export type { Fate, LineReport } from "./lib/migration/model.ts";
export type { PassReport } from "./lib/sync/pass.ts";
export type { SyncStanding } from "./lib/sync/status.ts";
export { DestinationError } from "./lib/sync/transport.ts";
export type { DestinationCheck } from "./lib/sync/verify.ts";
export type { SyncTarget } from "./lib/config/sync_block.ts";
export type { ArchiveFacts } from "./lib/store/archive_record.ts";
export type { Pins } from "./lib/store/pins.ts";
export type { CodeRecord } from "./lib/store/code_record.ts";
export type { Layout } from "./lib/store/layout.ts";
export type {
  ChunkDependency,
  Plan,
  PlannedChunk,
  PlannedPack,
  RetryRecord,
} from "./lib/store/plan.ts";
export type {
  ReproducibilityChange,
  ReproducibilityRecord,
} from "./lib/store/reproducibility_record.ts";
export type { CancelOutcome } from "./lib/submission/cancel.ts";
export type { SubmissionContext, SubmittedTo } from "./lib/submission/context.ts";
export type { Denial } from "./lib/core/denials.ts";
export type { StageDenial, StageStatus } from "./lib/submission/fold.ts";
export type { CommonFactor, FailureGroup } from "./lib/submission/diagnosis/group.ts";
export type { Diagnosis, Evidence } from "./lib/submission/diagnosis/rule.ts";
export type { DiagnosedRun } from "./lib/submission/diagnosis/run.ts";
export type { Retry } from "./lib/submission/retry/lineage.ts";
export type { NotRetried } from "./lib/submission/retry/decide.ts";
export type { Loss } from "./lib/submission/losses.ts";
export type { CostBound, StageCost } from "./lib/submission/cost.ts";
export type { Selected, StageWork, Wait } from "./lib/submission/select.ts";
export type { ExperimentStatus, RunStatus } from "./lib/submission/status.ts";
export type { SubmitOutcome, SubmitPreview } from "./lib/submission/submit.ts";
export type { Continued, Waiting } from "./lib/submission/top_up.ts";
export type { Clock } from "./lib/system/clock.ts";
export type { Command, Reply, Runner } from "./lib/system/runner.ts";

import type { ExperimentManager } from "./lib/manager/experiment_manager.ts";

/**
 * Makes a command line of a manager: `deno run -A my_manager.ts new|submit|harvest|export …` works
 * as `expflow` does, with the manager deciding. Does nothing when its module is imported.
 *
 * @example
 * ```ts
 * import { ExperimentManager, runManagerCli } from "@expflow/cli";
 *
 * class MyManager extends ExperimentManager {}
 * const code = await runManagerCli(MyManager, { args: ["--version"] });
 * if (code !== 0) throw new Error(`exit code ${code}`);
 * ```
 *
 * @returns the exit code, for `Deno.exit`.
 */
export async function runManagerCli(
  manager: new () => ExperimentManager,
  options: { args?: readonly string[] } = {},
): Promise<number> {
  const { runCli } = await import("./lib/cli/entry.ts");
  return await runCli(options.args ?? Deno.args, new manager());
}

if (import.meta.main) {
  const { runCli } = await import("./lib/cli/entry.ts");
  Deno.exit(await runCli(Deno.args));
}
