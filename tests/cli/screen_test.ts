import { equal } from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { CliContext } from "../../lib/cli/context.ts";
import { watchOnScreen } from "../../lib/cli/screen.ts";

Deno.test("a screen that is watched for long keeps nothing of earlier looks", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const seen: WeakRef<object>[] = [];
  const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  const context = { out() {}, rows: 24, clock: { now: () => 0, sleep: soon } };
  let kept = -1;
  await watchOnScreen(context as unknown as CliContext, 1, async () => {
    const look = { text: "a look", last: seen.length === 40 };
    if (look.last) {
      await soon();
      collectGarbage();
      kept = seen.slice(0, -5).filter((one) => one.deref()).length;
    }
    seen.push(new WeakRef(look));
    return look;
  });
  equal(kept, 0);
});
