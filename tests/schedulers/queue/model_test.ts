import { explore } from "./explorer.ts";
import { SCENARIOS } from "./scenarios.ts";
import { PROTOCOL } from "./world.ts";

const faults = Number(Deno.env.get("EXPFLOW_MODEL_FAULTS") ?? 1);

const only = Deno.env.get("ONLY");
Math.random = () => 0;
Deno.test("every order", async (t) => {
  for (const [name, make] of Object.entries(SCENARIOS)) {
    if (only && !name.includes(only)) continue;
    await t.step(name, () => {
      const began = performance.now();
      const { courses, situations } = explore({ begin: () => make(PROTOCOL), faults });
      console.log(name, courses, situations, Math.round(performance.now() - began));
    });
  }
});
