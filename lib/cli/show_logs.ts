import { NotFoundError, UsageError } from "../core/errors.ts";
import { parseRunReference } from "../core/ids.ts";
import { isEnded } from "../core/states.ts";
import { didYouMean } from "../core/suggest.ts";
import { type LogFiles, logFiles } from "../manager/logs.ts";
import type { Project } from "../manager/project.ts";
import { status } from "../manager/status.ts";
import { refuseArchived } from "../store/archive_record.ts";
import type { RunStatus } from "../submission/status.ts";
import { exists } from "../system/files.ts";
import { LogReader } from "./log_reader.ts";
import { openForCommand } from "./open.ts";
import type { CommandPorts } from "./registry.ts";

const FOLLOW_MS = 300;

/** What part of the output is wanted. */
export interface LogOptions {
  follow?: boolean;
  lines?: string;
  err?: boolean;
  type?: string;
}

/** Prints the output of one run, stage by stage, and follows it when asked. */
export async function showLogs(
  ports: CommandPorts,
  text: string,
  options: LogOptions,
): Promise<void> {
  const project = await openForCommand(ports);
  const { experiment: id, run: index } = parseRunReference(text);
  refuseArchived(project.layout, id, "show the output of");
  const run = await onlyRun(project, id, index);
  const files = wantedFiles(project, id, run, options);
  const readers = files.map(({ stage, stdout, stderr }) => ({
    stage,
    reader: new LogReader(options.err ? stderr : stdout),
  }));
  const lines = options.lines === undefined ? undefined : lineCount(options.lines);
  const started = readers.filter(({ reader }) => exists(reader.path));
  if (started.length === 0 && !options.follow) {
    throw new NotFoundError(`Cannot show the output of ${id}/${run.index}: it has none yet`, {
      hint: `it is ${run.state}; \`expflow tail ${id}/${run.index}\` waits for it`,
    });
  }
  const { context } = ports;
  for (const { stage, reader } of started) {
    if (started.length > 1) context.err(`==> ${stage}: ${reader.path}\n`);
    reader.read(context.out, lines);
  }
  while (options.follow) {
    const ended = isEnded((await onlyRun(project, id, run.index)).state);
    for (const { reader } of readers) reader.read(context.out);
    if (ended) return;
    await context.clock.sleep(FOLLOW_MS);
  }
}

async function onlyRun(project: Project, id: string, index?: number): Promise<RunStatus> {
  const [found] = await status(project, { ids: [id], run: index });
  if (found!.runs.length === 1) return found!.runs[0]!;
  if (found!.runs.length === 0) {
    throw new NotFoundError(`Cannot show the output of ${id}: it was never submitted`, {
      hint: `\`expflow submit ${id}\``,
    });
  }
  throw new UsageError(`Cannot choose one of the ${found!.runs.length} runs of ${id}`, {
    hint: `name it, as in ${id}/${found!.runs[0]!.index}`,
  });
}

function wantedFiles(
  project: Project,
  id: string,
  run: RunStatus,
  { type }: LogOptions,
): LogFiles[] {
  const files = logFiles(project, id, run);
  if (type === undefined) return files;
  const wanted = files.filter(({ stage }) => stage === type);
  if (wanted.length > 0) return wanted;
  throw new NotFoundError(`Cannot find stage ${JSON.stringify(type)} of ${id}/${run.index}`, {
    hint: didYouMean(type, files.map(({ stage }) => stage)),
  });
}

function lineCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read ${JSON.stringify(text)} as a number of lines`, {
    hint: "as in -n 50",
  });
}
