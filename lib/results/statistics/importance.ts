import { sampleVariance } from "simple-statistics";
import { meanOf } from "./describe.ts";
import { type Draw, seededDraw, shuffled } from "./random.ts";
import { growTree, predict, type Training, type Tree } from "./tree.ts";

/** One input of the forest: a number needs one column, a choice one for each of its values. */
export interface Feature {
  name: string;
  columns: Float64Array[];
}

/** How much a forest needs each feature. */
export interface Importance {
  /**
   * Share of the variance of what trees have not seen that the forest explains: near 1 it describes
   * the data, near or below 0 it does not, and importances say nothing.
   */
  r2: number;
  /**
   * By how much the mean squared error on what a tree has not seen rises when the feature is
   * permuted, as a share of the variance. 0: not needed; chance makes it negative too.
   */
  importance: Map<string, number>;
}

const TREES = 100;

/**
 * Permutation importance on a random forest (Breiman 2001; every split may use every feature, as in
 * scikit-learn's for regression), on the rows that each tree was not grown on. Rows of one group (replicates) are left out together. The same seed gives the same numbers;
 * `undefined` where nothing varies or there are fewer than 4 groups.
 */
export function permutationImportance(
  features: readonly Feature[],
  target: Float64Array,
  seed = 0,
): Importance | undefined {
  if (features.length === 0 || target.length < 4) return undefined;
  const spread = sampleVariance([...target]);
  if (!(spread > 0)) return undefined;
  const draw = seededDraw(seed);
  const training: Training = { columns: features.flatMap(({ columns }) => columns), target };
  const predictions = Array.from(target, () => [] as number[]);
  const rises = features.map(() => [] as number[]);
  for (let tree = 0; tree < TREES; tree++) {
    const { inside, outside } = bag(target.length, draw);
    if (outside.length < 2) continue; // nothing to permute
    const grown = growTree(training, inside);
    const plain = outside.map((row) => predict(grown, (column) => training.columns[column]![row]!));
    outside.forEach((row, at) => predictions[row]!.push(plain[at]!));
    const error = squaredError(plain, outside, target);
    for (const [at, feature] of features.entries()) {
      const guesses = permuted(grown, training, feature, outside, draw);
      rises[at]!.push(squaredError(guesses, outside, target) - error);
    }
  }
  return {
    r2: explained(predictions, target, spread),
    importance: new Map(features.map(({ name }, at) => [name, meanOf(rises[at]!) / spread])),
  };
}

/** Rows drawn with replacement, and those that were not. */
function bag(rows: number, draw: Draw) {
  const inside = Array.from({ length: rows }, () => draw(rows));
  const drawn = new Set(inside);
  return {
    inside,
    outside: Array.from({ length: rows }, (_, row) => row).filter((row) => !drawn.has(row)),
  };
}

/** Predictions when the columns of one feature come from another row, the same for all of them. */
function permuted(
  tree: Tree,
  { columns }: Training,
  feature: Feature,
  rows: readonly number[],
  draw: Draw,
): number[] {
  const own = new Set(feature.columns);
  const order = shuffled(rows.length, draw);
  return rows.map((row, at) =>
    predict(tree, (column) => {
      const values = columns[column]!;
      return values[own.has(values) ? rows[order[at]!]! : row]!;
    })
  );
}

function squaredError(guesses: readonly number[], rows: readonly number[], target: Float64Array) {
  return meanOf(guesses.map((guess, at) => (guess - target[rows[at]!]!) ** 2));
}

function explained(predictions: number[][], target: Float64Array, spread: number): number {
  const errors = predictions.flatMap((guesses, row) =>
    guesses.length === 0 ? [] : [(meanOf(guesses) - target[row]!) ** 2]
  );
  return 1 - meanOf(errors) / spread;
}
