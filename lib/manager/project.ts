import { hostname } from "node:os";
import { GENERIC } from "../cluster/site/generic.ts";
import type { ProjectSettings } from "../config/project.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { requireProject } from "../store/find.ts";
import type { Layout } from "../store/layout.ts";
import type { SubmissionContext } from "../submission/context.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import { denoRunner } from "../system/deno_runner.ts";
import type { Runner } from "../system/runner.ts";
import { DEFAULT_HOOKS, type Hooks } from "./hooks.ts";
import { openSettings } from "./open_settings.ts";
import { openSchedulers } from "./schedulers.ts";
import { exportFor } from "./site.ts";

/** An open project: where it is, what it says, and what its verbs work with. */
export interface Project {
  /** Where its files are. */
  layout: Layout;
  /** What `.hpc_config.yaml` said when it was opened. */
  settings: ProjectSettings;
  /** Profile of the site that jobs are written for, and whether the caller asked for it. */
  site: { name: string; asked: boolean };
  /** The scheduler that the caller asked for, in the place of the project's. */
  to?: string;
  /** Scheduler, programs and clock that submissions use. */
  context: SubmissionContext;
  /** The manager that decides on scripts and metrics. */
  hooks: Hooks;
}

/** What a program may put in the place of the usual. */
export interface ProjectOptions {
  /** A manager's decisions. */
  hooks?: Hooks;
  /** Name of a site profile, in the place of the project's. */
  site?: string;
  /** Where new submissions go, in the place of the project's: `queue`, `local`, `slurm`. */
  to?: string;
  /** One of your own; what `.hpc_config.yaml` says unless told. */
  scheduler?: Scheduler;
  /** How programs such as git are run; for tests. */
  runner?: Runner;
  /** Where time comes from; for tests. */
  clock?: Clock;
}

/**
 * Opens the project that holds `folder` (the working directory unless told).
 *
 * @throws {NotFoundError} when there is none, {ConfigError} when its file is wrong or newer.
 *
 * @example
 * ```ts
 * import { initProject, openProject } from "@expflow/cli";
 *
 * const { root } = await initProject({ name: "demo", parent: Deno.makeTempDirSync() });
 * const { layout, settings } = await openProject(`${root}/experiments/logs`);
 * if (layout.root !== root || settings.project !== "demo") throw new Error(layout.root);
 * ```
 */
export async function openProject(
  folder = ".",
  options: ProjectOptions = {},
): Promise<Project> {
  const layout = requireProject(folder);
  const settings = await openSettings(layout);
  const { runner = denoRunner, clock = systemClock, hooks = DEFAULT_HOOKS } = options;
  const site = { name: options.site ?? settings.site ?? GENERIC, asked: !!options.site };
  const exported = () => exportFor(settings, layout.root, site.name);
  const schedulers = options.scheduler
    ? { current: options.scheduler, of: () => options.scheduler }
    : openSchedulers({ layout, settings, runner, clock, exported, host: hostname() }, options.to);
  const user = settings.user ?? Deno.env.get("USER") ?? "unknown";
  const context: SubmissionContext = {
    layout,
    scheduler: schedulers.current,
    schedulerOf: schedulers.of,
    runner,
    clock,
    user,
    scratch: settings.scratch,
    host: hostname(),
  };
  return { layout, settings, site, context, hooks, ...options.to ? { to: options.to } : {} };
}
