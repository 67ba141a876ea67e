import { deepEqual } from "node:assert/strict";
import { wrong } from "../doctor.ts";
import { cluster, labIsUp, LabUser } from "../lab.ts";

Deno.test({
  name: "doctor: slurmdbd and slurmctld that do not answer",
  ignore: !labIsUp,
}, async () => {
  await using alice = await LabUser.login("alice");
  await cluster("stop", "slurmdbd");
  try {
    deepEqual(await wrong(alice), ["accounting"]);
  } finally {
    await cluster("start", "slurmdbd");
  }
  await cluster("stop", "slurmctld");
  try {
    deepEqual(await wrong(alice), ["controller"]);
  } finally {
    await cluster("start", "slurmctld");
  }
});
