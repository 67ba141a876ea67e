import { ENDINGS, failureSeen } from "../tests/slurm/failure_seen.ts";
import { labIsUp, LabUser, startWithoutAccounting, withoutAccounting } from "../tests/slurm/lab.ts";
import type { Measurement } from "./measure.ts";

/** From the end of a program that fails until `status` says so, when it is asked all the time. */
export async function failures(): Promise<Measurement[]> {
  if (!labIsUp) return [];
  await using _cluster = await startWithoutAccounting();
  const found: Measurement[] = [];
  for (const [kind, env] of Object.entries({ with: {}, without: withoutAccounting })) {
    await using alice = await LabUser.login("alice", env);
    const cwd = await alice.project();
    for (const [id, ending] of Object.entries(ENDINGS)) {
      const { seconds, call } = await failureSeen(alice, cwd, id, ending);
      found.push({
        what: `an end by ${id} is seen, ${kind} accounting`,
        ours: seconds * 1000,
        floor: call * 1000 + 2000,
        floorIs: "one status and 2 s",
        limit: 1,
      });
    }
  }
  return found;
}
