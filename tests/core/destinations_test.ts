import { deepEqual, throws } from "node:assert/strict";
import { parseDestination } from "../../lib/core/destinations.ts";
import { UsageError } from "../../lib/core/errors.ts";

Deno.test("parseDestination() reads folders, hosts and buckets", async (t) => {
  const cases: [string, object][] = [
    ["/archive/me", { kind: "folder", path: "/archive/me" }],
    ["../backup", { kind: "folder", path: "../backup" }],
    ["/with:colon/x", { kind: "folder", path: "/with:colon/x" }],
    ["./with:colon", { kind: "folder", path: "./with:colon" }],
    ["me@host.example.org:/data/x y", {
      kind: "ssh",
      host: "me@host.example.org",
      path: "/data/x y",
    }],
    ["archive:results", { kind: "ssh", host: "archive", path: "results" }],
    ["s3://bucket", { kind: "s3", bucket: "bucket", prefix: "" }],
    ["s3://my.bucket-1/a/b c/", { kind: "s3", bucket: "my.bucket-1", prefix: "a/b c" }],
  ];
  for (const [text, expected] of cases) {
    await t.step(text, () => deepEqual(parseDestination(text), expected));
  }
});

Deno.test("parseDestination() refuses what could be an option, or is nothing it knows", async (t) => {
  const cases = [
    ...["", "-x", "-oProxyCommand=touch x:/y", "me@-x:/y", "-x@host:/y", "~/backup", "host:~/x"],
    ...[
      "host:",
      "host::module",
      "a b:/x",
      "a;b:/x",
      "$(x):/y",
      "a\nb",
      "host:/a\0b",
      "host:/a\u001bb",
    ],
    ...["gs://bucket/x", "https://host/x", "rsync://host/x", "s3://", "s3://B", "s3://bucket/../x"],
    ...["s3://bucket//x", "s3://-bucket", "@host:/x", ":/x"],
  ];
  for (const text of cases) {
    await t.step(JSON.stringify(text), () => {
      throws(() => parseDestination(text), UsageError);
    });
  }
});
