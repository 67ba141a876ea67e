import { stripVTControlCharacters } from "node:util";
import type { AiAdvice } from "../manager/ai_advice.ts";
import { oneLine } from "../results/text_width.ts";
import type { CliContext } from "./context.ts";

/** Says what an AI wrote, marked as such; that it wrote nothing is talk, never advice. */
export function tellAi(
  context: CliContext,
  { provider, model, text, cut, failure }: AiAdvice,
): void {
  if (text === undefined) {
    context.err(`warning: no AI advice: ${failure?.message}\n`);
    if (failure?.hint) context.err(`hint: ${failure.hint}\n`);
    return;
  }
  const lines = stripVTControlCharacters(text).split(/\r?\n/)
    .map((line) => `  ${oneLine(line.replaceAll("\t", "  "))}`.trimEnd());
  const end = cut ? "\n  … it was cut at its longest answer" : "";
  context.out(
    `\nAI output (${provider}, ${model}; not measured, may be wrong):\n${lines.join("\n")}${end}\n`,
  );
}
