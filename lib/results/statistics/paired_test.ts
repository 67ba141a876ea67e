import { sampleStandardDeviation } from "simple-statistics";
import { meanOf } from "./describe.ts";
import { studentCdf } from "./distributions.ts";
import { signFlip } from "./sign_flip.ts";
import { signedRank } from "./wilcoxon.ts";

/** Tests of whether two samples differ, from the same seeds. */
export const PAIRED_TESTS: readonly PairedTest[] = ["wilcoxon", "t", "permutation"];

/** One of {@linkcode PAIRED_TESTS}. */
export type PairedTest = "wilcoxon" | "t" | "permutation";

/** Outcome of a test on pairs. */
export interface TestResult {
  /** Which one. */
  test: PairedTest;
  /** Pairs. */
  n: number;
  /** Mean of the differences; absent without pairs. */
  difference?: number;
  /** The smaller rank sum, t, or the mean difference; absent when nothing can be said. */
  statistic?: number;
  /** Two-sided and not corrected; absent when nothing can be said. */
  p?: number;
  /** How `p` was found. */
  method: string;
  /** Cohen's d of the differences (d_z): their mean over their std; absent when that is 0. */
  cohensD?: number;
  /** Matched-pairs rank-biserial correlation, −1 to 1; absent when no pair differs. */
  rankBiserial?: number;
}

/** Tests whether differences of pairs are about 0; below 2 pairs nothing can be said. */
export function pairedTest(
  test: PairedTest,
  differences: readonly number[],
  seed = 0,
): TestResult {
  const n = differences.length;
  if (n === 0) return { test, n, method: "none" };
  const difference = meanOf(differences);
  if (n === 1) return { test, n, difference, method: "none" };
  return {
    test,
    n,
    difference,
    ...TESTS[test](differences, seed),
    ...effectSizes(differences),
  };
}

type Outcome = Pick<TestResult, "statistic" | "p" | "method">;

const TESTS: Record<PairedTest, (differences: readonly number[], seed: number) => Outcome> = {
  wilcoxon(differences) {
    const { above, below, p, method } = signedRank(differences);
    return { statistic: Math.min(above, below), p, method };
  },
  t: pairedT,
  permutation(differences, seed) {
    const { mean, p, method } = signFlip(differences, seed);
    return { statistic: mean, p, method };
  },
};

/** No difference at all says p = 1; the same difference in every pair has no spread to test. */
function pairedT(differences: readonly number[]): Outcome {
  const method = "Student's t";
  const spread = sampleStandardDeviation(differences as number[]);
  const middle = meanOf(differences);
  if (spread === 0) return middle === 0 ? { statistic: 0, p: 1, method } : { method: "none" };
  const t = middle / (spread / Math.sqrt(differences.length));
  return { statistic: t, p: 2 * studentCdf(-Math.abs(t), differences.length - 1), method };
}

function effectSizes(
  differences: readonly number[],
): Pick<TestResult, "cohensD" | "rankBiserial"> {
  const spread = sampleStandardDeviation(differences as number[]);
  const { above, below, n } = signedRank(differences);
  return {
    ...(spread === 0 ? {} : { cohensD: meanOf(differences) / spread }),
    ...(n === 0 ? {} : { rankBiserial: (above - below) / (above + below) }),
  };
}
