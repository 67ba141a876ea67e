import { join } from "node:path";
import { detectEnvironment } from "../lib/cluster/detect.ts";
import { machinePorts } from "../lib/cluster/ports.ts";
import { denoRunner } from "../lib/system/deno_runner.ts";
import type { Runner } from "../lib/system/runner.ts";
import { type Measurement, median, timed } from "./measure.ts";

const ROUNDS = 7;
const NODES = 10_000;

/** How long it takes to know the cluster. */
export async function cluster(root: string): Promise<Measurement[]> {
  return [await info(), await resources(root)];
}

/** All probes at once, against the one of them that takes longest. */
async function info(): Promise<Measurement> {
  const ours: number[] = [];
  const slowest: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    const runner: Runner = {
      ...denoRunner,
      run: async (command) => {
        const start = performance.now();
        const reply = await denoRunner.run(command);
        times.push(performance.now() - start);
        return reply;
      },
    };
    ours.push(await timed(async () => void await detectEnvironment(machinePorts(runner))));
    slowest.push(Math.max(...times));
  }
  return {
    what: "`expflow info`, its probes",
    ours: median(ours),
    floor: median(slowest),
    floorIs: "its slowest probe",
    limit: 1.5,
  };
}

/** The whole command, with an `sinfo` that tells of 10,000 nodes in three partitions. */
async function resources(root: string): Promise<Measurement> {
  const folder = Deno.makeTempDirSync();
  try {
    const answer = join(folder, "answer");
    Deno.writeTextFileSync(answer, nodes());
    const fake = `#!/bin/sh\nexec cat ${answer}\n`;
    Deno.writeTextFileSync(join(folder, "sinfo"), fake, { mode: 0o755 });
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(root, "cli.ts"), "resources", "--status"],
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    });
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      times.push(
        await timed(async () => {
          const { code, stdout } = await command.output();
          const told = new TextDecoder().decode(stdout);
          if (code !== 0 || !told.includes(String(NODES))) throw new Error(`resources: ${told}`);
        }),
      );
    }
    return {
      what: "`expflow resources --status`, 10,000 nodes",
      ours: median(times),
      floor: 1000,
      floorIs: "what is wanted",
      limit: 1,
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function nodes(): string {
  const row = (i: number, partition: string) =>
    `n${i}|${partition}|mixed|${i % 32}/${32 - i % 32}/0/32|512000|${i}|gpu:a100:4(S:0-1)|` +
    `gpu:a100:${i % 5}(IDX:0-3)|rome,ib,f${i % 50}|\n`;
  return Array.from(
    { length: NODES },
    (_, i) => ["a", "b", "c"].map((partition) => row(i, partition)).join(""),
  ).join("");
}
