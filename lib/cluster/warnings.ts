import type { Environment } from "./environment.ts";
import { placeWarnings } from "./place.ts";
import type { StorageUse } from "./probes/quota.ts";

const NEARLY_FULL = 0.9;

/** How much of a place is used, of its fuller kind: bytes or files. */
export function fullest({ used, limit, files, filesLimit }: StorageUse): number {
  const shares = [share(used, limit), share(files, filesLimit)];
  return Math.max(...shares);
}

/** Between 0 and 1, or more where a quota is exceeded; 0 where nothing limits. */
export function share(used: number | undefined, limit: number | undefined): number {
  return used === undefined || !limit ? 0 : used / limit;
}

/** What the user should know or set, one line each. */
export function warningsOf(found: Omit<Environment, "warnings">): string[] {
  const places = found.storage.value ?? [];
  return [
    ...placeWarnings(found),
    ...places.filter((place) => fullest(place) >= NEARLY_FULL).map((place) =>
      `${place.path} is ${Math.floor(fullest(place) * 100)} % full (${place.source})`
    ),
    ...places.filter(({ purged }) => purged).map(({ path, source }) =>
      `${path} is purged: what is not used for a while is removed (${source})`
    ),
  ];
}
