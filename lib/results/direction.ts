import type { Direction } from "./records.ts";

const LOWER_IS_BETTER = new Set(
  ("loss error err errors nll ce bce mse rmse mae mape smape rmsle perplexity ppl bpc bpd wer cer " +
    "fid kid lpips eer ece brier regret distance divergence kl time seconds secs sec ms latency " +
    "duration elapsed runtime memory mem flops params norm cost risk violations misses").split(" "),
);

/**
 * Whether lower or higher is better, guessed from the words in the name: `val_loss`, `test.RMSE`
 * and `trainLoss` are `min`; a name without such a word is `max`.
 */
export function guessDirection(metric: string): Direction {
  const words = metric.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z]+/);
  return words.some((word) => LOWER_IS_BETTER.has(word)) ? "min" : "max";
}

/** The direction that was declared for a metric, or else the guess. */
export function directionOf(metric: string, declared: Record<string, Direction>): Direction {
  return Object.hasOwn(declared, metric) ? declared[metric]! : guessDirection(metric);
}
