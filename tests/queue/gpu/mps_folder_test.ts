import { deepEqual, equal, ok } from "node:assert/strict";
import {
  folderName,
  parseFolderName,
  standing,
  thisProcess,
} from "../../../lib/queue/gpu/mps_folder.ts";
import { fileSystemOf, mpsBases } from "../../../lib/queue/gpu/mps_root.ts";

Deno.test("the name of a folder says whose it is, and is short", () => {
  const owner = thisProcess()!;
  deepEqual(parseFolderName(folderName(owner, 3)), owner);
  const longest = { ...owner, pid: 4_194_304, start: "99999999999", space: "4294967295" };
  deepEqual(parseFolderName(folderName(longest, 99)), longest);
  ok(folderName(longest, 99).length <= "1zzzz-1zzzzzzzz-1234-12345678-1zzzzzz-99".length);
  for (const name of ["", "other", "a-b-c-d-e", "nvidia-mps"]) {
    equal(parseFolderName(name), undefined);
  }
});

Deno.test("standing() calls an owner gone only where that is known", () => {
  const here = thisProcess()!;
  equal(standing(here, here), "runs");
  equal(standing({ ...here, start: "1" }, here), "gone", "a later process with its number");
  equal(standing({ ...here, boot: "00000000" }, here), "gone");
  equal(standing({ ...here, space: "1" }, here), "unknown");
  equal(standing({ ...here, machine: "zzzz", boot: "00000000" }, here), "unknown");
});

Deno.test("daemons get folders of this node only", () => {
  const mounts =
    "overlay / overlay rw 0 0\nsrv:/x /scratch nfs4 rw 0 0\ntmpfs /scratch/local tmpfs rw 0 0\n";
  equal(fileSystemOf(mounts, "/tmp"), "overlay");
  equal(fileSystemOf(mounts, "/scratch/alice"), "nfs4");
  equal(fileSystemOf(mounts, "/scratch/local/1"), "tmpfs");
  equal(fileSystemOf(mounts, "/scratchpad"), "overlay");
  equal(fileSystemOf("", "/tmp"), "");
  deepEqual(mpsBases({ TMPDIR: "/tmp" }), ["/tmp"]);
  deepEqual(mpsBases({ TMPDIR: "relative" }), ["/tmp"]);
  deepEqual(mpsBases({ TMPDIR: "/var/tmp" }), ["/tmp", "/var/tmp"]);
});
