/** What a difference to the commit does to one file. */
export interface FileChange {
  path: string;
  added: number;
  removed: number;
  /** Lines of a binary file are not counted. */
  binary: boolean;
}

/** Counts lines by file in the output of `git diff`. */
export function diffSummary(diff: string): FileChange[] {
  const changes: FileChange[] = [];
  let inHunk = false;
  for (const line of diff.split("\n")) {
    const head = /^diff --git (?:"?a\/.*?"? )"?b\/(.*?)"?$/.exec(line);
    if (head) {
      changes.push({ path: head[1]!, added: 0, removed: 0, binary: false });
      inHunk = false;
    }
    const last = changes.at(-1);
    if (!last) continue;
    if (line.startsWith("@@")) inHunk = true;
    else if (line === "GIT binary patch") last.binary = true;
    else if (inHunk && line.startsWith("+")) last.added++;
    else if (inHunk && line.startsWith("-")) last.removed++;
  }
  return changes;
}

/** One line a file: `train.py +3 −1`. */
export function changeText({ path, added, removed, binary }: FileChange): string {
  return binary ? `${path} (binary)` : `${path} +${added} −${removed}`;
}
