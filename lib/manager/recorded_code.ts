import type { Plan } from "../store/plan.ts";
import { codeLosses, findCode } from "../store/restore.ts";
import { recordedCodeOf } from "../submission/recorded.ts";
import type { Project } from "./project.ts";

/** What there is of the code. @throws {NotFoundError} where there is nothing of it. */
export async function codeOf(
  { layout, context }: Project,
  plan: Plan,
): Promise<{ restored: string[]; losses: string[] }> {
  const { mode, commit, dirty } = plan.code;
  if (mode !== "snapshot") {
    const why = mode === "off" ? "snapshot: off" : "it was not in a git repository";
    return { restored: [], losses: [`it was not kept (${why}): what is there now is run`] };
  }
  const wanted = recordedCodeOf(layout, plan);
  const source = await findCode(context.runner, wanted);
  const short = commit?.slice(0, 12);
  const restored = {
    "commit": `commit ${short}${dirty ? " with the changes that were recorded" : ""}`,
    "kept": `the files that were kept of commit ${short}, which is gone`,
    "commit alone": `commit ${short}`,
  }[source.from];
  return { restored: [`code: ${restored}`], losses: codeLosses(wanted, source) };
}
