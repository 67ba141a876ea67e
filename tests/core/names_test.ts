import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../lib/core/errors.ts";
import { fingerprint } from "../../lib/core/fingerprint.ts";
import { checkId, isId, isStageName, parseRunReference } from "../../lib/core/ids.ts";
import { type Marker, markerName, parseMarker } from "../../lib/core/markers.ts";
import { flattenParams, paramAt } from "../../lib/core/params.ts";
import { didYouMean } from "../../lib/core/suggest.ts";

Deno.test("isId() takes what is safe as a file name and as a job name", () => {
  for (const id of ["exp001", "a", "0", "A.b_c-d", "x".repeat(100)]) equal(isId(id), true, id);
  for (
    const id of [
      "",
      ".a",
      "-a",
      "_a",
      "a/b",
      "a..b",
      "..",
      "a.",
      "a b",
      "a\n",
      "é",
      "x".repeat(101),
    ]
  ) {
    equal(isId(id), false, id);
    throws(() => checkId(id, "an id"), UsageError);
  }
});

Deno.test("isStageName() takes no dots, which separate the parts of a marker", () => {
  for (const name of ["train", "eval", "stage-2", "a_b"]) equal(isStageName(name), true, name);
  for (const name of ["", "2nd", "a.b", "a/b", "a b", "x".repeat(33)]) {
    equal(isStageName(name), false);
  }
});

Deno.test("parseRunReference() reads ID and ID/run", () => {
  deepEqual(parseRunReference("exp1"), { experiment: "exp1" });
  deepEqual(parseRunReference("exp1/12"), { experiment: "exp1", run: 12 });
  for (const text of ["", "a/b", "a/1/2", "../a", "a/-1", "a/1.5", "a/"]) {
    throws(() => parseRunReference(text), UsageError, text);
  }
});

const markers = fc.record<Marker>({
  run: fc.nat(),
  stage: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/),
  attempt: fc.integer({ min: 1, max: 99 }),
  event: fc.constantFrom("start", "end", "stop", "skip", "mismatch"),
  code: fc.integer({ min: 0, max: 255 }),
  epoch: fc.nat(),
});

Deno.test("parseMarker() reads what markerName() wrote, and nothing else", () => {
  fc.assert(fc.property(markers, (marker) => deepEqual(parseMarker(markerName(marker)), marker)));
  for (
    const name of ["", "1.train", "x.train.1.end.0.1", "1.tr.ain.1.end.0.1", "1.train.1.went.0.1"]
  ) {
    equal(parseMarker(name), undefined, name);
  }
});

Deno.test("fingerprint() does not depend on the order of keys, and does on everything else", () => {
  equal(fingerprint({ a: 1, b: { c: 2, d: 3 } }), fingerprint({ b: { d: 3, c: 2 }, a: 1 }));
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    equal(
      fingerprint(a) === fingerprint(b),
      JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)),
    );
  }));
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ["array", ...value.map(sorted)];
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)]);
  return ["object", ...entries.sort(([a], [b]) => (a as string) < (b as string) ? -1 : 1)];
}

Deno.test("paramAt() finds what flattenParams() lists", () => {
  const params = { lr: 0.1, optim: { name: "sgd", betas: [0.9, 0.99] }, "a.b": 1, empty: {} };
  deepEqual(flattenParams(params), [
    ["lr", 0.1],
    ["optim.name", "sgd"],
    ["optim.betas", [0.9, 0.99]],
    ["a.b", 1],
    ["empty", {}],
  ]);
  for (const [key, value] of flattenParams(params)) deepEqual(paramAt(params, key), value);
  equal(paramAt(params, "optim.nosuch"), undefined);
  equal(paramAt(params, "toString"), undefined);
});

Deno.test("didYouMean() suggests what is near, and lists what there is otherwise", () => {
  equal(didYouMean("trian", ["train", "eval"]), 'did you mean "train"?');
  equal(didYouMean("xyz", ["train", "eval"]), "known: train, eval");
  equal(didYouMean("x", []), "there are none");
});
