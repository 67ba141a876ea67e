import { equal, rejects } from "node:assert/strict";
import { untilAborted } from "../../lib/system/abortable.ts";

Deno.test("untilAborted() gives the value, or ends with the signal's reason", async (t) => {
  await t.step("the value", async () => {
    equal(await untilAborted(Promise.resolve(1), new AbortController().signal), 1);
    equal(await untilAborted(Promise.resolve(1)), 1);
  });
  await t.step("a signal that is given while it waits", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(new Promise<void>(() => {}), controller.signal);
    controller.abort(new Error("stop"));
    await rejects(waiting, /stop/);
  });
  await t.step("a signal that was given before; what fails afterwards is nobody's", async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    await rejects(untilAborted(promise, AbortSignal.abort(new Error("stop"))), /stop/);
    reject(new Error("late"));
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
});
