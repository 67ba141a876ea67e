/** Which code a submission runs. */
export interface CodeRecord {
  /**
   * `snapshot`: jobs run the checkout in the submission's folder. `in-place`: outside git, they run
   * whatever is there when they start. `off`: the user asked for that.
   */
  mode: "snapshot" | "in-place" | "off";
  /** Top of the repository. */
  repository?: string;
  /** Full hash of `HEAD` when it was submitted; absent outside git. */
  commit?: string;
  /** Absent when `HEAD` was detached. */
  branch?: string;
  /** Without user name, password or token. */
  remote?: string;
  /** Whether tracked files differed from the commit, or untracked ones were there. */
  dirty?: boolean;
  /** Git's hash of exactly the files that run. */
  tree?: string;
  /** Untracked files that are part of the snapshot. */
  untracked?: string[];
  /** Untracked files left out for their size, with it in bytes. */
  leftOut?: { path: string; bytes: number }[];
  /** Ignored top-level entries, secrets and submodules that are links to the original. */
  linked?: string[];
  /** What a reader of the results must know of the code, one line each. */
  warnings: string[];
}
