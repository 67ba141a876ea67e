/**
 * One thing asked of a file system. The protocol of the queue is made of these, so that tests can
 * answer them late, wrongly lost, or in any order with those of others.
 */
export type Step =
  /** Names in a folder, `undefined` without one. The answer may be old on a network file system. */
  | { do: "list"; path: string }
  /** Whether it was renamed. `false`: ENOENT, of whatever kind; it may have been renamed all the same. */
  | { do: "rename"; from: string; to: string }
  /** Creates an empty file; `taken` when there is one, `absent` without the folder. */
  | { do: "create"; path: string }
  /** Makes a folder and those above it. */
  | { do: "makeFolder"; path: string }
  /** Removes an empty folder. @returns whether it was empty and there. */
  | { do: "removeFolder"; path: string }
  /** Removes a file, if it is there. */
  | { do: "remove"; path: string }
  /** Whether anything is there. */
  | { do: "exists"; path: string };

/** What a {@linkcode Step} is answered with. */
export type Answer = string[] | undefined | boolean | "made" | "taken" | "absent";

/** A part of the protocol: yields steps, gets their answers, and comes to a result. */
export type Steps<T> = Generator<Step, T, Answer>;

/** Names in a folder. */
export function* list(path: string): Steps<string[] | undefined> {
  return (yield { do: "list", path }) as string[] | undefined;
}

/** Creates an empty file. */
export function* create(path: string): Steps<"made" | "taken" | "absent"> {
  return (yield { do: "create", path }) as "made" | "taken" | "absent";
}

/** Makes a folder and those above it. */
export function* makeFolder(path: string): Steps<void> {
  yield { do: "makeFolder", path };
}

/** Removes an empty folder. */
export function* removeFolder(path: string): Steps<boolean> {
  return (yield { do: "removeFolder", path }) as boolean;
}

/** Removes a file. */
export function* remove(path: string): Steps<void> {
  yield { do: "remove", path };
}

/** Whether anything is there. */
export function* exists(path: string): Steps<boolean> {
  return (yield { do: "exists", path }) as boolean;
}

/**
 * Renames to a name that nobody else makes, and nobody from anything else. So a target that is there
 * afterwards means that it was done, even where the answer says that the source is gone: a network
 * file system repeats what it got no answer to.
 *
 * @returns whether it was done by us; `false` when the source is gone, or the target's folder.
 */
export function* move(from: string, to: string): Steps<boolean> {
  if ((yield { do: "rename", from, to }) as boolean) return true;
  return yield* exists(to);
}
