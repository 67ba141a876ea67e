import assert from "node:assert/strict";
import { BROKEN } from "./broken.ts";
import { explore, type Explored, type Fault, FAULTS, Violation } from "./explorer.ts";
import { SCENARIOS } from "./scenarios.ts";
import { PROTOCOL, type QueueWorld } from "./world.ts";

/** Faults in one course with two participants, and with three. */
const [WITH_TWO, WITH_THREE] = Deno.env.get("EXPFLOW_MODEL") === "large" ? [2, 1] : [1, 0];

function tryAll(begin: () => QueueWorld, more: { faults?: number } = {}): Explored {
  const { participants, exact } = begin();
  const faults = more.faults ?? (participants.length > 2 ? WITH_THREE : WITH_TWO);
  const kinds: readonly Fault[] = exact ? FAULTS.filter((kind) => kind !== "old") : FAULTS;
  return certainly(() => explore({ begin, faults, kinds }));
}

/** Workers step aside at random; here they never do. */
function certainly<T>(action: () => T): T {
  const { random } = Math;
  Math.random = () => 0;
  try {
    return action();
  } finally {
    Math.random = random;
  }
}

Deno.test("the queue's protocol holds in every order of steps", async (t) => {
  const all: Explored = { courses: 0, situations: 0 };
  for (const [name, make] of Object.entries(SCENARIOS)) {
    await t.step(name, () => {
      const { courses, situations } = tryAll(() => make(PROTOCOL));
      all.courses += courses;
      all.situations += situations;
    });
  }
  assert(all.courses > 50_000, `only ${all.courses} courses were tried`);
  console.log(`${all.courses} courses of events, ${all.situations} situations`);
});

Deno.test("a protocol with a defect does not hold", async (t) => {
  for (const { what, shownBy, protocol, faults } of BROKEN) {
    await t.step(`one that ${what}`, () => {
      assert.throws(() => tryAll(() => SCENARIOS[shownBy]!(protocol), { faults }), Violation);
    });
  }
});
