import { relative } from "node:path";
import { check } from "../../config/explain.ts";
import {
  errorAt,
  formatOrigin,
  mapFromValue,
  type MapNode,
  type Origin,
  provenance,
  toValue,
  withEntries,
} from "../../config/located.ts";
import { overlayMaps } from "../../config/overlay.ts";
import { parseYamlMap } from "../../config/yaml.ts";
import { NotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/ids.ts";
import { didYouMean } from "../../core/suggest.ts";
import { namesIn, readIfThere } from "../../system/files.ts";
import { PROFILES } from "../profiles.gen.ts";
import type { NamedProfile } from "./identify.ts";
import { profileSchema, type SiteProfile } from "./profile.ts";

/** A profile with where it is. */
export interface FoundProfile extends NamedProfile {
  /** The user's file, or `shipped`. */
  origin: string;
}

/** A profile's text as a tree, with the place it was found at: the lower the stronger. */
interface Draft {
  tree: MapNode;
  level: number;
  origin: string;
}

/** Profiles in the user's folders, the first strongest, before those that are shipped. */
export class ProfileFinder {
  /** @param folders with `<name>.yaml` each; they need not exist. */
  constructor(readonly folders: readonly string[]) {}

  /** Every name there is, sorted. */
  names(): string[] {
    const own = this.folders.flatMap((folder) =>
      namesIn(folder).filter((file) => file.endsWith(".yaml"))
        .map((file) => file.slice(0, -".yaml".length)).filter(isId)
    );
    return [...new Set([...own, ...Object.keys(PROFILES)])].sort();
  }

  /**
   * A profile with everything that it extends.
   *
   * @throws {NotFoundError} when there is none, {ConfigError} when its file is wrong.
   */
  find(name: string): FoundProfile {
    const draft = this.#read(name, 0);
    if (!draft) throw this.#missing(name);
    const tree = this.#resolve(name, draft, []);
    const { sources, ...profile } = check(profileSchema, tree) as SiteProfile;
    return {
      name,
      profile: { ...profile, sources: { ...sources, ...ownSources(tree) } },
      origin: draft.origin,
    };
  }

  #missing(name: string): NotFoundError {
    return new NotFoundError(`Cannot find the site profile ${JSON.stringify(name)}`, {
      hint: `${didYouMean(name, this.names())}; \`expflow sites\` lists them`,
    });
  }

  #read(name: string, from: number): Draft | undefined {
    for (const [level, folder] of this.folders.entries()) {
      if (level < from || !isId(name)) continue;
      const file = `${folder}/${name}.yaml`;
      const text = readIfThere(file);
      if (text !== undefined) return { tree: parseYamlMap(text, shown(file)), level, origin: file };
    }
    if (!Object.hasOwn(PROFILES, name)) return undefined;
    const tree = mapFromValue(PROFILES[name]!, { source: shippedAs(name) });
    return { tree, level: this.folders.length, origin: "shipped" };
  }

  /** A file that extends its own name means the next weaker one. */
  #resolve(name: string, { tree, level }: Draft, seen: readonly string[]): MapNode {
    const base = tree.entries.get("extends")?.value;
    const own = withEntries(tree, Array.from(tree.entries).filter(([key]) => key !== "extends"));
    if (!base) return own;
    const above = String(toValue(base));
    const key = `${level}/${name}`;
    if (seen.includes(key)) {
      const hint = "a profile may not extend itself: take one extends: out";
      throw errorAt(base.at, `Cannot use the site profile ${name}: it extends itself`, hint);
    }
    const below = this.#read(above, above === name ? level + 1 : 0);
    if (!below) {
      const hint = didYouMean(above, this.names());
      throw errorAt(base.at, `Cannot extend ${above}: there is no such site profile`, hint);
    }
    return overlayMaps(this.#resolve(above, below, [...seen, key]), own);
  }
}

const SHIPPED = "expflow:profiles/";

function shippedAs(name: string): string {
  return `${SHIPPED}${name}.yaml`;
}

/** What a user wrote has its own line as its source. */
function ownSources(tree: MapNode): Record<string, string> {
  const own = provenance(tree).filter(({ origin }) => !isShipped(origin));
  return Object.fromEntries(own.map(({ path, origin }) => [path, `S: ${formatOrigin(origin)}`]));
}

function isShipped({ source }: Origin): boolean {
  return source.startsWith(SHIPPED);
}

function shown(file: string): string {
  const near = relative(Deno.cwd(), file);
  return near.startsWith("..") ? file : near;
}
