import { deepEqual, rejects } from "node:assert/strict";
import { ahead } from "../../lib/system/ahead.ts";
import type { Command, Runner } from "../../lib/system/runner.ts";

const squeue: Command = { argv: ["squeue", "--me"], env: { A: "1" }, timeoutMs: 5 };

Deno.test("ahead() runs a command at once, and gives its reply to the first who wants it", async () => {
  const ran: string[] = [];
  const runner: Runner = {
    run: ({ argv }) => {
      ran.push(argv.join(" "));
      return Promise.resolve({ code: 0, stdout: `${ran.length}`, stderr: "", timedOut: false });
    },
    detach: () => 7,
  };
  const { run, detach } = ahead(runner, squeue);
  deepEqual(ran, ["squeue --me"]);
  const others = [{ ...squeue, env: {} }, { ...squeue, argv: ["squeue"] as [string] }];
  for (const other of others) await run(other);
  deepEqual((await run(structuredClone(squeue))).stdout, "1");
  deepEqual((await run(squeue)).stdout, "4");
  deepEqual(detach({ ...squeue, output: "/dev/null" }), 7);
});

Deno.test("ahead() leaves an error to whoever wants the reply", async () => {
  const runner: Runner = { run: () => Promise.reject(new Error("no")), detach: () => 0 };
  await rejects(ahead(runner, squeue).run(squeue), /no/);
});
