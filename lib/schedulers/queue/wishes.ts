import { parseWish, type QueueLayout, type Wish } from "./places.ts";
import { list, type Steps } from "./steps.ts";

/** What users ask for now. */
export function* currentWishes({ wishes }: Pick<QueueLayout, "wishes">): Steps<Wish[]> {
  const names = (yield* list(wishes)) ?? [];
  return names.map(parseWish).filter((wish) => wish !== undefined);
}
