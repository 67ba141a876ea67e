import { ExitCode, InterruptedError } from "../core/errors.ts";
import type { Project } from "../manager/project.ts";
import type { SubmitOptions, WaitOptions } from "../manager/submit.ts";
import { testOne } from "../manager/test_one.ts";
import type { CommandPorts } from "./registry.ts";
import { whyText } from "./tell_failure.ts";
import { waiting } from "./waiting.ts";

/** One experiment, and what of it is submitted. */
export type Asked = SubmitOptions & { id: string };

/** What came of trying one run of each experiment. */
export interface Tested {
  /** What is left of those that passed. */
  passed: Asked[];
  /** Those that did not, as JSON. */
  failed: unknown[];
  /** Why others could not be tried. */
  errors: unknown[];
}

/** Tries one run of each; what is wrong with one experiment does not keep the others. */
export async function testEach(
  ports: CommandPorts,
  project: Project,
  asked: readonly Asked[],
  poll: number | undefined,
): Promise<Tested> {
  const [passed, failed, errors]: [Asked[], unknown[], unknown[]] = [[], [], []];
  for (const one of asked) {
    const act = (options: WaitOptions) => testOne(project, one.id, one, options);
    const trial = await waiting(ports, one.id, act, poll).catch((error) => {
      if (error instanceof InterruptedError) throw error;
      errors.push(error);
    });
    if (!trial) continue;
    const { tested, left } = trial;
    if (!trial.passed) {
      ports.context.err(
        `error: Not submitted: ${left} other runs of ${one.id}, as this one failed\n`,
      );
      ports.context.err(whyText(tested!));
      ports.exitWith(ExitCode.failed);
      failed.push({ id: one.id, tested, left });
      continue;
    }
    if (tested) ports.context.err(`tested: run ${tested.run} of ${one.id} completed\n`);
    passed.push({ ...trial.rest, id: one.id });
  }
  return { passed, failed, errors };
}
