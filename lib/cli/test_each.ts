import { ExitCode } from "../core/errors.ts";
import type { Project } from "../manager/project.ts";
import type { SubmitOptions } from "../manager/submit.ts";
import { testOne } from "../manager/test_one.ts";
import type { CommandPorts } from "./registry.ts";
import { whyText } from "./tell_failure.ts";
import { waiting } from "./waiting.ts";

/** One experiment, and what of it is submitted. */
export type Asked = SubmitOptions & { id: string };

/** Tries one run of each. @returns what is left of those that passed, and the others as JSON. */
export async function testEach(
  ports: CommandPorts,
  project: Project,
  asked: readonly Asked[],
  poll: number | undefined,
): Promise<{ passed: Asked[]; failed: unknown[] }> {
  const passed: Asked[] = [];
  const failed: unknown[] = [];
  for (const one of asked) {
    const trial = await waiting(
      ports,
      one.id,
      (options) => testOne(project, one.id, one, options),
      poll,
    );
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
  return { passed, failed };
}
