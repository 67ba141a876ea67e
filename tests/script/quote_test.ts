import assert from "node:assert/strict";
import { UsageError } from "../../lib/core/errors.ts";
import { quote, quotePath } from "../../lib/script/quote.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { BASH } from "./harness.ts";
import { hostileTexts, SEED } from "./hostile.ts";

Deno.test("quote() writes one readable word", async (t) => {
  const cases: [text: string, quoted: string][] = [
    ["", "''"],
    ["resnet-18_a.b/c:d=e@f%g+h,i", "resnet-18_a.b/c:d=e@f%g+h,i"],
    ["-1e-7", "-1e-7"],
    ["a b", "'a b'"],
    ["it's", String.raw`'it'\''s'`],
    ["~", "'~'"],
    ["$(id)", "'$(id)'"],
    ["back\\", "'back\\'"],
    ["naïve 世", "'naïve 世'"],
    ["two\nlines\t'x' \\", String.raw`$'two\nlines\t\'x\' \\'`],
    ["\r\x01\x7f", String.raw`$'\r\x01\x7f'`],
    ["\x01é\u2028", String.raw`$'\x01\xc3\xa9\xe2\x80\xa8'`],
    ["😀\n", String.raw`$'\xf0\x9f\x98\x80\n'`],
  ];
  for (const [text, quoted] of cases) {
    await t.step(JSON.stringify(text), () => assert.equal(quote(text), quoted));
  }
});

Deno.test("quote() is one line, which bash reads back byte for byte", async (t) => {
  const texts = hostileTexts(20_000, SEED);
  const words = texts.map(quote);
  // deno-lint-ignore no-control-regex
  for (const word of words) assert.doesNotMatch(word, /[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
  const script = `LC_ALL=$1; printf '%s\\0' \\\n${words.join(" \\\n")}`;
  for (const locale of ["C", "C.UTF-8"]) {
    await t.step(locale, async () => {
      const argv: [string, ...string[]] = [BASH, "-s", locale];
      const { code, stdout } = await denoRunner.run({ argv, stdin: script });
      assert.equal(code, 0);
      const back = stdout.split("\0");
      for (const [i, text] of texts.entries()) assert.equal(back[i], text, `seed ${SEED}`);
    });
  }
});

Deno.test("quote() refuses what no argument can hold", async (t) => {
  for (const text of ["a\0b", "\ud800", "\udc00x"]) {
    await t.step(JSON.stringify(text), () => assert.throws(() => quote(text), UsageError));
  }
});

Deno.test("quotePath() leaves the home folder to bash", () => {
  assert.equal(quotePath("~/a b"), "~/'a b'");
  assert.equal(quotePath("~/"), "~/");
  assert.equal(quotePath("/a/~"), "'/a/~'");
  assert.equal(quotePath("~other/x"), "'~other/x'");
  assert.throws(() => quotePath("$SCRATCH/x"), UsageError);
});
