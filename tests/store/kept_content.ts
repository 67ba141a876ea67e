import type { KeptListing } from "../../lib/store/listed.ts";
import type { Opening } from "../../lib/store/opening.ts";

const LENGTH = 6_000_000;
const EXPERIMENTS = 4000;

/** An opening of which every part says who wrote it; writing it takes a while. */
export function largeOpening(mark: string): Opening {
  const settings = {
    project: mark,
    scheduler: "local",
    local: {},
    slurm: {},
    ai: {},
    sync: {},
  } as const;
  return { text: `${mark}\n`.repeat(LENGTH / (mark.length + 1)), settings, queued: false };
}

/** A listing of which every entry says who wrote it. */
export function largeListing(mark: string): Map<string, KeptListing> {
  const listing = { submissions: ["001"], description: mark, tags: [], counts: { completed: 1 } };
  return new Map(Array.from({ length: EXPERIMENTS }, (_, at) => [`e${at}`, listing]));
}
