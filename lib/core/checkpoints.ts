/** A file or folder that may be a checkpoint. */
export interface CheckpointFile {
  /** Absolute. */
  path: string;
  /** Last part of the path. */
  name: string;
  /** A folder counts as one checkpoint (`checkpoint-500/`). */
  folder: boolean;
  /** No bytes, or for a folder no files: half-written. */
  empty: boolean;
  /** Of the last change; any unit, the same for all. */
  changed: number;
}

/** What the name of a checkpoint says: -1 where it says nothing. */
export interface CheckpointRank {
  epoch: number;
  /** Step, iteration, or where the name has no word for it, its last whole number. */
  step: number;
}

// As bash knows them too (lib/script/checkpoint.ts): extended regular expressions.
/** Expressions for names in lower case. */
export const CHECKPOINT_NAMES = {
  file: "\\.(pt|pth|ckpt|safetensors)$",
  folder: "(checkpoint|ckpt|epoch|step|iter).*[0-9]",
  unfinished: "^(\\.|tmp[-_.])|(~|\\.(tmp|temp|part|partial|incomplete|lock))$",
  epoch: "epochs?[=_. -]?([0-9]{1,15})($|[^0-9])",
  step: "(steps?|iter|iterations?)[=_. -]?([0-9]{1,15})($|[^0-9])",
  decimal: "^(.*[^0-9])?[0-9]+\\.[0-9]+([^0-9].*)?$",
  number: "^(.*[^0-9])?([0-9]{1,15})[^0-9]*$",
} as const;

function matcher(source: string): RegExp {
  return new RegExp(source, "is");
}

const FILE = matcher(CHECKPOINT_NAMES.file);
const FOLDER = matcher(CHECKPOINT_NAMES.folder);
const UNFINISHED = matcher(CHECKPOINT_NAMES.unfinished);
const EPOCH = matcher(CHECKPOINT_NAMES.epoch);
const STEP = matcher(CHECKPOINT_NAMES.step);
const DECIMAL = matcher(CHECKPOINT_NAMES.decimal);
const NUMBER = matcher(CHECKPOINT_NAMES.number);

/** `epoch=12-step=3000.ckpt` → epoch 12, step 3000; `model_12.pth` → step 12. */
export function checkpointRank(name: string): CheckpointRank {
  const epoch = Number(EPOCH.exec(name)?.[1] ?? -1);
  const step = Number(STEP.exec(name)?.[2] ?? -1);
  if (epoch >= 0 || step >= 0) return { epoch, step };
  let rest = name.replace(FILE, "");
  for (let found = DECIMAL.exec(rest); found; found = DECIMAL.exec(rest)) {
    rest = `${found[1] ?? ""}_${found[2] ?? ""}`;
  }
  return { epoch, step: Number(NUMBER.exec(rest)?.[2] ?? -1) };
}

/**
 * Those that are whole checkpoints, the newest first: by epoch, then by step, else by the time of
 * the last change. Temporary and empty ones are none.
 *
 * @param anyName whether the user said which names are checkpoints; else the known extensions are
 * (.pt, .pth, .ckpt, .safetensors), and numbered folders.
 */
export function sortCheckpoints(
  files: readonly CheckpointFile[],
  anyName: boolean,
): CheckpointFile[] {
  const whole = files.filter(({ name, folder, empty }) =>
    !empty && !UNFINISHED.test(name) &&
    (anyName || FILE.test(name) || (folder && FOLDER.test(name)))
  );
  const ranked = whole.map((file) => ({ file, rank: checkpointRank(file.name) }));
  return ranked.sort((a, b) =>
    b.rank.epoch - a.rank.epoch || b.rank.step - a.rank.step || b.file.changed - a.file.changed ||
    (a.file.path < b.file.path ? 1 : a.file.path > b.file.path ? -1 : 0)
  ).map(({ file }) => file);
}
