import { expandSweep } from "../lib/config/sweep.ts";
import { alternate, type Measurement } from "./measure.ts";

const ROUNDS = 5;

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** A million combinations with a condition, against nested loops that make the same objects. */
export async function sweep(): Promise<Measurement[]> {
  const values = range(100);
  const params = { epochs: 10, model: "r18" };
  let ours = 0;
  let bare = 0;
  let kept: unknown;
  const times = await alternate(
    ROUNDS,
    () => {
      const grid = { a: values, b: values, c: values };
      ours = 0;
      for (const _ of expandSweep({ grid, where: "a + b * 2 <= c * 10" }, params)) ours++;
      return Promise.resolve();
    },
    () => {
      bare = 0;
      for (const a of values) {
        for (const b of values) {
          for (const c of values) {
            const point = { params: { ...params, a, b, c } };
            if (point.params.a + point.params.b * 2 > point.params.c * 10) continue;
            kept = point;
            bare++;
          }
        }
      }
      return Promise.resolve();
    },
  );
  if (ours !== bare || kept === undefined) {
    throw new Error(`${ours} points, and ${bare} by nested loops`);
  }
  return [{
    what: "1,000,000 points with a `where`",
    ...times,
    floorIs: "nested loops",
    limit: 30,
  }];
}
