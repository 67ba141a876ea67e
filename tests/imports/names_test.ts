import { equal, notEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { isId } from "../../lib/core/ids.ts";
import { idFor } from "../../lib/imports/names.ts";

const HOSTILE = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("a", ".", "/", "\\", "\n", "\0", " ", "-", "é", "🜁", "~") }),
  fc.constantFrom("", ".", "..", "../x", "/etc/passwd", "a/../../b", "con", "-rf", "x\ny", "x."),
  fc.string({ minLength: 90, maxLength: 300 }),
);

Deno.test("idFor() makes a valid id of any name, the same each time", () => {
  fc.assert(fc.property(HOSTILE, fc.constantFrom("", "old-", "../"), (name, prefix) => {
    const id = idFor(name, prefix);
    ok(isId(id), JSON.stringify(id));
    equal(idFor(name, prefix), id);
    if (isId(prefix + name)) equal(id, prefix + name);
  }));
});

Deno.test("idFor() gives two names two ids", () => {
  fc.assert(fc.property(HOSTILE, HOSTILE, (one, other) => {
    if (one !== other) notEqual(idFor(one), idFor(other));
  }));
});

Deno.test("idFor() keeps a name of 60 characters, and what can be read of others", () => {
  const long = `resnet50_imagenet_${"x".repeat(42)}`;
  equal(idFor(long), long);
  ok(idFor("ResNet 50 / CIFAR").startsWith("ResNet-50-CIFAR-"));
});
