import { equal } from "node:assert/strict";
import type { Finding } from "../../lib/cluster/checks/finding.ts";
import type { LabUser } from "./lab.ts";

/** Names of the checks that `doctor` finds wrong for a user. */
export async function wrong(user: LabUser): Promise<string[]> {
  const { code, out } = await user.run(["doctor", "--json"]);
  const findings: Finding[] = JSON.parse(out).findings;
  const bad = findings.filter(({ state }) => state === "wrong").map(({ check }) => check);
  equal(code, bad.length === 0 ? 0 : 1);
  return bad;
}
