/**
 * Dimensions from the second: the primitive polynomial as bits, then the first direction numbers.
 * S. Joe and F. Y. Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM
 * J. Sci. Comput. 30 (2008), table new-joe-kuo-6.21201; the same numbers are in SciPy's `qmc.Sobol`.
 */
// deno-fmt-ignore
const TABLE: readonly (readonly [number, ...number[]])[] = [
  [3, 1],
  [7, 1, 3],
  [11, 1, 3, 1],
  [13, 1, 1, 1],
  [19, 1, 1, 3, 3],
  [25, 1, 3, 5, 13],
  [37, 1, 1, 5, 5, 17],
  [41, 1, 1, 5, 5, 5],
  [47, 1, 1, 7, 11, 19],
  [55, 1, 1, 5, 1, 1],
  [59, 1, 1, 1, 3, 11],
  [61, 1, 3, 5, 5, 31],
  [67, 1, 3, 3, 9, 7, 49],
  [91, 1, 1, 1, 15, 21, 21],
  [97, 1, 3, 1, 13, 27, 49],
  [103, 1, 1, 1, 15, 7, 5],
  [109, 1, 3, 1, 15, 13, 25],
  [115, 1, 1, 5, 5, 19, 61],
  [131, 1, 3, 7, 11, 23, 15, 103],
  [137, 1, 3, 7, 13, 13, 15, 69],
  [143, 1, 1, 3, 13, 7, 35, 63],
  [145, 1, 3, 5, 9, 1, 25, 53],
  [157, 1, 3, 1, 13, 9, 35, 107],
  [167, 1, 3, 1, 5, 27, 61, 31],
  [171, 1, 1, 5, 11, 19, 41, 61],
  [185, 1, 3, 5, 3, 3, 13, 69],
  [191, 1, 1, 7, 13, 1, 19, 1],
  [193, 1, 3, 7, 5, 13, 19, 59],
  [203, 1, 1, 3, 9, 25, 29, 41],
  [211, 1, 3, 5, 13, 23, 1, 55],
  [213, 1, 3, 7, 3, 13, 59, 17],
  [229, 1, 3, 1, 3, 5, 53, 69],
  [239, 1, 1, 5, 5, 23, 33, 13],
  [241, 1, 1, 7, 7, 1, 61, 123],
  [247, 1, 1, 7, 9, 13, 61, 49],
  [253, 1, 3, 3, 5, 3, 55, 33],
  [285, 1, 3, 1, 15, 31, 13, 49, 245],
  [299, 1, 3, 5, 15, 31, 59, 63, 97],
  [301, 1, 3, 1, 11, 11, 11, 77, 249],
];

const BITS = 32;

/** Number of parameters that one Sobol sequence can have. */
export const SOBOL_DIMENSIONS: number = TABLE.length + 1;

/**
 * One coordinate of a Sobol sequence, from 0 (included) to 1 (excluded), in the order of the Gray
 * code.
 *
 * @param dimension from 0, below {@linkcode SOBOL_DIMENSIONS}.
 * @param shift 32 bits that move the sequence and keep how even it is; 0 is the plain one.
 */
export function sobol(dimension: number, shift = 0): (index: number) => number {
  const directions = directionsOf(dimension);
  return (index) => {
    let point = shift;
    for (let bit = 0, code = index ^ (index >>> 1); code !== 0; bit++, code >>>= 1) {
      if (code & 1) point ^= directions[bit]!;
    }
    return (point >>> 0) / 2 ** BITS;
  };
}

function directionsOf(dimension: number): number[] {
  if (dimension === 0) return Array.from({ length: BITS }, (_, bit) => 1 << (BITS - 1 - bit));
  const [polynomial, ...first] = TABLE[dimension - 1]!;
  const degree = first.length;
  const directions = first.map((number, bit) => number << (BITS - 1 - bit));
  for (let bit = degree; bit < BITS; bit++) {
    let next = directions[bit - degree]! ^ (directions[bit - degree]! >>> degree);
    for (let back = 1; back < degree; back++) {
      if ((polynomial >> (degree - back)) & 1) next ^= directions[bit - back]!;
    }
    directions.push(next);
  }
  return directions;
}
