/** What trees are grown on: columns of numbers, and the number to predict, by row. */
export interface Training {
  columns: readonly Float64Array[];
  target: Float64Array;
}

/** A regression tree: what goes left has at most `threshold` in the column. */
export type Tree = { value: number } | {
  column: number;
  threshold: number;
  low: Tree;
  high: Tree;
};

const SMALLEST_LEAF = 2;
const DEEPEST = 16;

/** Grows a tree on some rows; one that is there twice counts twice. */
export function growTree(
  training: Training,
  rows: readonly number[],
  depth = 0,
): Tree {
  const split = depth < DEEPEST ? bestSplit(training, rows) : undefined;
  if (!split) {
    return { value: rows.reduce((sum, row) => sum + training.target[row]!, 0) / rows.length };
  }
  const { column, threshold } = split;
  const values = training.columns[column]!;
  const grow = (side: number[]) => growTree(training, side, depth + 1);
  return {
    column,
    threshold,
    low: grow(rows.filter((row) => values[row]! <= threshold)),
    high: grow(rows.filter((row) => values[row]! > threshold)),
  };
}

/** What a tree predicts, given the value of a column. */
export function predict(tree: Tree, valueOf: (column: number) => number): number {
  let node = tree;
  while ("column" in node) node = valueOf(node.column) <= node.threshold ? node.low : node.high;
  return node.value;
}

interface Split {
  column: number;
  threshold: number;
  gain: number;
}

function bestSplit(
  training: Training,
  rows: readonly number[],
): Split | undefined {
  if (rows.length < 2 * SMALLEST_LEAF) return undefined;
  let best: Split | undefined;
  for (const column of training.columns.keys()) {
    const split = splitOf(training, rows, column);
    if (split && split.gain > (best?.gain ?? 0)) best = split;
  }
  return best;
}

/** The place in one column where the sums of squares to both sides are the least. */
function splitOf({ columns, target }: Training, rows: readonly number[], column: number) {
  const values = columns[column]!;
  const sorted = [...rows].sort((a, b) => values[a]! - values[b]!);
  const total = rows.reduce((sum, row) => sum + target[row]!, 0);
  const whole = total ** 2 / rows.length;
  let best: Split | undefined;
  let low = 0;
  for (let count = 1; count <= rows.length - SMALLEST_LEAF; count++) {
    const [here, next] = [values[sorted[count - 1]!]!, values[sorted[count]!]!];
    low += target[sorted[count - 1]!]!;
    if (count < SMALLEST_LEAF || here === next) continue;
    const gain = low ** 2 / count + (total - low) ** 2 / (rows.length - count) - whole;
    if (gain > (best?.gain ?? 0)) best = { column, threshold: (here + next) / 2, gain };
  }
  return best;
}
