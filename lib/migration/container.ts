/** A container at the start of a command, and the words behind it. */
export interface ReadContainer {
  container: Record<string, unknown>;
  words: string[];
}

/**
 * Reads `singularity exec …` or `apptainer exec …`. Nothing where its options say what the keys of
 * `environment.container` cannot.
 */
export function readContainer(
  words: readonly string[],
  resources: Record<string, unknown>,
): ReadContainer | undefined {
  const [runtime = "", verb, ...rest] = words;
  if (!/^(?:singularity|apptainer)$/.test(runtime) || verb !== "exec") return undefined;
  const overlays: string[] = [];
  const binds: string[] = [];
  let nv = false;
  while (rest[0]?.startsWith("-")) {
    const [, name = "", attached] = /^(--?[a-z]+)(?:=(.*))?$/is.exec(rest.shift()!) ?? [];
    if (name === "--nv") nv = true;
    else if (name === "--bind" || name === "-B") {
      binds.push(...(attached ?? rest.shift() ?? "").split(","));
    } else if (name === "--overlay" || name === "-o") {
      overlays.push(overlay(attached ?? rest.shift() ?? ""));
    } else return undefined;
  }
  const image = rest.shift();
  if (image === undefined || rest.length === 0) return undefined;
  const asked = Number(resources.gpus ?? 0) > 0;
  return {
    container: {
      image,
      runtime,
      ...overlays.length > 0 ? { overlays } : {},
      ...binds.length > 0 ? { binds } : {},
      ...nv === asked ? {} : { nv },
    },
    words: rest,
  };
}

/** One without `:ro` was writable; expflow would take an .ext3 for read-only. */
function overlay(path: string): string {
  return path.endsWith(".ext3") ? `${path}:rw` : path;
}
