import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { keepListed, readListed } from "../../lib/store/listed.ts";
import { keepOpening, readOpening } from "../../lib/store/opening.ts";
import { largeListing, largeOpening } from "./kept_content.ts";

const ROUNDS = 12;
const AT_ONCE = 2;
const KILL_WITHIN_MS = 60;

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function writer(own: string, seed: string): Deno.ChildProcess {
  const entry = join(import.meta.dirname!, "kept_writer_entry.ts");
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", entry, own, seed],
    stdin: "null",
  }).spawn();
}

/** Reads both, and checks that each is one writer's, whole. @returns whether there was anything. */
function readBoth(own: string): boolean {
  const opening = readOpening({ own });
  const mark = opening?.settings.project;
  if (mark !== undefined) ok(opening!.text === largeOpening(mark).text, "two writers in one file");
  const listed = readListed({ own }, "basis");
  const first = listed.get("e0")?.description;
  if (first !== undefined) deepEqual(listed, largeListing(first));
  return mark !== undefined && first !== undefined;
}

Deno.test(`what is kept is whole, whoever of ${ROUNDS * AT_ONCE} writers is killed when`, async () => {
  const own = Deno.makeTempDirSync({ prefix: "expflow-kept-" });
  const names = () => Array.from(Deno.readDirSync(own), ({ name }) => name);
  const marks = new Set<string>();
  let torn = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const writers = Array.from({ length: AT_ONCE }, (_, at) => writer(own, `${round}x${at}`));
      try {
        for (const end = Date.now() + 30_000; Date.now() < end;) {
          await later(10);
          const mark = readOpening({ own })?.settings.project;
          if (mark?.startsWith(`${round}x`)) break;
        }
        for (const victim of writers) {
          await later(Math.random() * KILL_WITHIN_MS);
          // every other round at any time, else as soon as something is seen to be written
          const end = Date.now() + (round % 2 === 0 ? 0 : 2000);
          while (Date.now() < end && !names().some((name) => name.endsWith(".tmp")));
          victim.kill("SIGKILL");
        }
      } finally {
        await Promise.all(writers.map((one) => one.status));
      }
      equal(readBoth(own), true, `round ${round}`);
      marks.add(readOpening({ own })!.settings.project!);
      torn += names().filter((name) => name.endsWith(".tmp")).length;
      keepOpening({ own }, readOpening({ own })!);
      keepListed({ own }, "basis", readListed({ own }, "basis"));
      deepEqual(names().sort(), ["listed.json", "opening.json"]);
    }
    equal(marks.size, ROUNDS);
    ok(torn > 0, "no kill hit a writer in the middle of a file");
  } finally {
    Deno.removeSync(own, { recursive: true });
  }
});
