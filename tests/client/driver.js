/** Calls the client as told: a line of JSON in, a line of JSON out. */
import { createInterface } from "node:readline";
import process from "node:process";

const expflow = await import(new URL("expflow.ts", import.meta.url).href);

const save = (which, text, kind = "file") =>
  expflow.saveCheckpoint(which, async (path) => {
    if (kind === "folder") await Deno.mkdir(path);
    if (kind === "fault") throw new TypeError("of the program");
    await Deno.writeTextFile(kind === "folder" ? `${path}/weights` : path, text);
  }).then(() => null);

const odd = () => {
  const circle = {};
  circle.self = circle;
  expflow.log(1, { a: 0.5, b: 2n, c: [1, 2], d: () => 1, circle, e: 1 });
  expflow.log(1, { f: 10n ** 400n, g: undefined, h: new Date(0), j: Symbol() });
  expflow.log("one", "two");
  expflow.log(null);
  expflow.log(2, { i: true });
};

const verbs = {
  log: expflow.log,
  params: expflow.params,
  stop: expflow.shouldStop,
  path: expflow.checkpointPath,
  save,
  latest: expflow.latestCheckpoint,
  artifact: expflow.saveArtifact,
  odd,
};
const numbers = new Map(["NaN", "Infinity", "-Infinity"].map((name) => [`#${name}`, Number(name)]));
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...given] = JSON.parse(line, (_, value) => numbers.get(value) ?? value);
  let answer;
  try {
    answer = { is: await verbs[verb](...given) ?? null };
  } catch (error) {
    answer = { raised: String(error) };
  }
  console.log(`> ${JSON.stringify(answer)}`);
}
