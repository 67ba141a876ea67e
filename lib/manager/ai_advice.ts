import { clusterPrompt, machinePrompt } from "../advisor/ai_prompt.ts";
import { type Mask, maskOf, NO_MASK } from "../advisor/mask.ts";
import { ProviderError } from "../integrations/advice_provider.ts";
import { adviceProvider } from "../integrations/providers.ts";
import type { Advice } from "./advise.ts";
import type { Project } from "./project.ts";

/** How an AI is asked. */
export interface AiOptions {
  /** Its `ai:` settings name provider and model. */
  project?: Project;
  /** Send the real names of accounts, user and experiment. */
  unmasked?: boolean;
  /** Where variables come from; those of this process unless told. */
  env?: (name: string) => string | undefined;
  /** How long it may take, in milliseconds. */
  timeoutMs?: number;
}

/** What an AI said of advice, or why it said nothing. */
export interface AiAdvice {
  /** Who was asked: `gemini`. */
  provider: string;
  /** Which of its models. */
  model: string;
  /** What it wrote, with the real names; absent where it gave no advice. */
  text?: string;
  /** It was not done when it reached its longest answer. */
  cut?: true;
  /** Why there is no text. */
  failure?: { message: string; hint?: string };
}

/**
 * What an AI is told of a piece of advice: measured numbers, partitions and types of GPUs; accounts,
 * user and experiment only where `unmasked` is set.
 *
 * @example
 * ```ts
 * import { adviseResources, aiPrompt } from "@expflow/cli";
 *
 * const advice = await adviseResources({ gpus: 4, globalBatch: 256 });
 * if (!aiPrompt(advice).includes('"globalBatch": 256')) throw new Error("no batch");
 * ```
 */
export function aiPrompt(advice: Advice, { unmasked = false }: AiOptions = {}): string {
  return promptFor(advice, maskFor(advice, unmasked));
}

/**
 * Lets an AI write about advice that was measured. What it writes is its own: it is no measurement.
 * Where it cannot be asked the advice stands without it, and `failure` says why.
 *
 * @throws {ConfigError} when the project names a provider that there is not.
 *
 * @example
 * ```ts
 * import { adviseResources, adviseWithAi } from "@expflow/cli";
 *
 * const advice = await adviseResources({ gpus: 4 });
 * const { text, failure } = await adviseWithAi(advice, { env: () => undefined });
 * if (text !== undefined || !failure?.message.includes("GEMINI_API_KEY")) throw new Error(text);
 * ```
 */
export async function adviseWithAi(advice: Advice, options: AiOptions = {}): Promise<AiAdvice> {
  const { project, unmasked = false, env = (name) => Deno.env.get(name), timeoutMs } = options;
  const provider = adviceProvider({ ...project?.settings.ai, env, timeoutMs });
  const mask = maskFor(advice, unmasked);
  const asked = { provider: provider.name, model: provider.model };
  try {
    const { text, cut } = await provider.advise(promptFor(advice, mask));
    return { ...asked, text: mask.show(text), ...cut ? { cut } : {} };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { message, hint } = error;
    return { ...asked, failure: { message, ...hint === undefined ? {} : { hint } } };
  }
}

function promptFor(advice: Advice, mask: Mask): string {
  if (advice.kind === "slurm") return clusterPrompt(advice, mask);
  const { machine: { cpus, memory, gpus }, lacks, batch } = advice;
  const models = gpus.value?.map(({ name }) => name) ?? (gpus.unknown ? null : []);
  return machinePrompt({ cpus, memory, gpus: models, lacks: lacks.map(mask.hide) }, batch);
}

function maskFor(advice: Advice, unmasked: boolean): Mask {
  if (unmasked || advice.kind !== "slurm") return NO_MASK;
  const { accounts, user } = advice;
  return maskOf({ account: accounts, user: [user] });
}
