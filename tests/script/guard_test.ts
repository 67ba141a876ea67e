import assert from "node:assert/strict";
import { exists } from "../../lib/system/files.ts";
import { inLabs, type Lab, withLab } from "./harness.ts";

function evaluate(lab: Lab, type: "afterok" | "afterany" = "afterok") {
  const events = lab.at("earlier", "events");
  const script = lab.write({
    stage: "eval",
    command: "touch ran",
    after: [{ stage: "train", type, events }],
  });
  return { script, events };
}

Deno.test("a stage runs only when the one before it succeeded", async (t) => {
  const cases: [name: string, markers: string[], runs: boolean][] = [
    ["success", ["0.train.1.start.0.9", "0.train.1.end.0.9"], true],
    ["success of the last attempt", ["0.train.9.end.1.9", "0.train.10.end.0.9"], true],
    ["failure", ["0.train.1.end.1.9"], false],
    ["failure of the last attempt", ["0.train.1.end.0.9", "0.train.2.end.1.9"], false],
    ["a last attempt that has not ended", ["0.train.1.end.0.9", "0.train.2.start.0.9"], false],
    ["stopped", ["0.train.1.stop.143.9"], false],
    ["skipped", ["0.train.1.skip.77.9"], false],
    ["nothing", [], false],
    ["success of another run", ["10.train.1.end.0.9", "00.train.1.end.0.9"], false],
    ["success of another stage", ["0.train2.1.end.0.9", "0.trai.1.end.0.9"], false],
    ["code 0 in another place", ["0.train.1.end.10.0", "0.train.0.end.0.9"], false],
  ];
  await inLabs(
    t,
    cases.map(([name, markers, runs]) => [name, async (lab) => {
      const { script, events } = evaluate(lab);
      Deno.mkdirSync(events, { recursive: true });
      for (const marker of markers) Deno.writeTextFileSync(`${events}/${marker}`, "");
      const { code, stderr } = await lab.run(script);
      assert.equal(exists(lab.at("work", "ran")), runs);
      assert.equal(code, runs ? 0 : 77);
      if (runs) return;
      assert.equal(stderr, "expflow: Stage train of run 0 did not succeed: eval is skipped\n");
      assert.deepEqual(lab.events(), ["0.eval.1.skip.77", "0.eval.1.start.0"]);
    }]),
  );
});

Deno.test("a stage after any end does not look", () =>
  withLab(async (lab) => {
    const { script } = evaluate(lab, "afterany");
    assert.equal((await lab.run(script)).code, 0);
    assert.ok(exists(lab.at("work", "ran")));
  }));

Deno.test("a marker that comes late is waited for", () =>
  withLab(async (lab) => {
    const { script, events } = evaluate(lab);
    Deno.mkdirSync(events, { recursive: true });
    const running = lab.run(script);
    await new Promise((resolve) => setTimeout(resolve, 300));
    Deno.writeTextFileSync(`${events}/0.train.1.end.0.9`, "");
    assert.equal((await running).code, 0);
  }));
