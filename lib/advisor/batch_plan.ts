/** How a global batch comes about. */
export interface BatchPlan {
  /** What was asked for. */
  globalBatch: number;
  /** GPUs over all nodes, with one process each. */
  gpus: number;
  /** Samples of one GPU in one pass; absent where the batch cannot be made. */
  perGpu?: number;
  /** Passes before each optimizer step. */
  accumulation?: number;
  /** Why it cannot be made, and what could. */
  problem?: string;
}

/**
 * Samples per GPU × GPUs × accumulation = global batch, exactly; with as few passes as
 * `maxPerGpu` allows.
 */
export function planBatch(globalBatch: number, gpus: number, maxPerGpu = Infinity): BatchPlan {
  const plan = { globalBatch, gpus };
  if (gpus === 0) return { ...plan, problem: "there is no GPU to spread it over" };
  if (globalBatch % gpus !== 0) {
    const below = Math.floor(globalBatch / gpus) * gpus;
    const near = below > 0 ? `${below} or ${below + gpus}` : `${gpus}`;
    return {
      ...plan,
      problem: `${globalBatch} is no multiple of ${gpus} GPUs: take ${near}, or ` +
        `${nearestDivisors(globalBatch, gpus).join(" or ")} GPUs`,
    };
  }
  const share = globalBatch / gpus;
  const perGpu = largestDivisor(share, maxPerGpu);
  return { ...plan, perGpu, accumulation: share / perGpu };
}

/** The numbers of GPUs next to this one that divide the batch. */
function nearestDivisors(batch: number, gpus: number): number[] {
  const below = largestDivisor(batch, gpus);
  for (let above = gpus + 1; above <= Math.min(batch, gpus * 8); above++) {
    if (batch % above === 0) return [below, above];
  }
  return [below];
}

function largestDivisor(number: number, most: number): number {
  for (let divisor = Math.min(number, Math.floor(most)); divisor > 1; divisor--) {
    if (number % divisor === 0) return divisor;
  }
  return 1;
}
