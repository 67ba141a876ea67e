import type { Question } from "../ask.ts";
import { readList, tableRows } from "../slurm_rows.ts";

/** What one user may charge: an account on a cluster, perhaps in one partition only. */
export interface Association {
  /** Name of the cluster, of which a federation has several. */
  cluster: string;
  /** What jobs are charged to. */
  account: string;
  /** Where it holds; everywhere if absent. */
  partition?: string;
  /** The QOS that its jobs may ask for. */
  qos: string[];
  /** That of jobs which ask for none. */
  defaultQos?: string;
  /** Whether jobs that name no account are charged to it. */
  isDefault: boolean;
}

const FIELDS = ["Cluster", "Account", "Partition", "QOS", "DefaultQOS", "DefaultAccount"];

/** The accounts of a user, on all clusters of a federation. An empty answer means: none. */
export function accountsQuestion(user: string): Question<Association[]> {
  const format = `format=${FIELDS.join()}`;
  return {
    argv: ["sacctmgr", "--noheader", "--parsable2", "show", "user", user, "withassoc", format],
    name: `sacctmgr show user ${user} withassoc`,
    parse: parseAccounts,
  };
}

/** Reads `testcluster|astro||normal,limited|normal|astro` lines. */
export function parseAccounts(stdout: string): Association[] | undefined {
  const rows = tableRows(stdout, FIELDS.length);
  return rows?.filter(([, account]) => account !== "").map((row) => {
    const [cluster, account, partition, qos, defaultQos, preset] = row as [string, ...string[]];
    return {
      cluster,
      account: account!,
      partition: partition || undefined,
      qos: readList(qos),
      defaultQos: defaultQos || undefined,
      isDefault: account === preset,
    };
  });
}
