import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { describeCode, takeSnapshot, withoutCredentials } from "../../lib/store/snapshot.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";

async function git(folder: string, ...args: string[]): Promise<string> {
  const reply = await denoRunner.run({
    argv: ["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args],
  });
  equal(reply.code, 0, `git ${args.join(" ")}: ${reply.stderr}`);
  return reply.stdout.trim();
}

async function repository(root: string): Promise<string> {
  const folder = join(root, "my code");
  Deno.mkdirSync(join(folder, "src"), { recursive: true });
  await git(folder, "init", "-q", "-b", "main");
  Deno.writeTextFileSync(join(folder, "train.py"), "print('committed')\n");
  Deno.writeTextFileSync(join(folder, "src", "deep.py"), "x = 1\n");
  Deno.writeTextFileSync(join(folder, "run.sh"), "#!/bin/bash\n");
  Deno.chmodSync(join(folder, "run.sh"), 0o755);
  Deno.writeTextFileSync(join(folder, ".gitignore"), "data/\n*.ckpt\n__pycache__/\n");
  await git(folder, "add", ".");
  await git(folder, "commit", "-qm", "first");
  await git(folder, "remote", "add", "origin", "https://alice:s3cret@example.org/lab/code.git");
  return folder;
}

function listing(folder: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) {
      found.push(...listing(join(folder, entry.name)).map((name) => `${entry.name}/${name}`));
    } else found.push(entry.name + (entry.isSymlink ? "@" : ""));
  }
  return found.sort();
}

Deno.test("takeSnapshot() holds exactly the working tree and leaves the repository alone", async (t) => {
  const root = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const code = await repository(root);
    Deno.writeTextFileSync(join(code, "train.py"), "print('changed')\n");
    Deno.writeTextFileSync(join(code, "new file.py"), "new\n");
    Deno.removeSync(join(code, "src", "deep.py"));
    Deno.writeTextFileSync(join(code, "src", "other.py"), "y\n");
    Deno.writeTextFileSync(join(code, ".env"), "TOKEN=abc\n");
    Deno.writeFileSync(join(code, "huge.bin"), new Uint8Array(10_000_001));
    Deno.mkdirSync(join(code, "data"));
    Deno.writeTextFileSync(join(code, "data", "set.csv"), "1\n");
    Deno.writeTextFileSync(join(code, "last.ckpt"), "weights");
    const before = await git(code, "status", "--porcelain");
    const objects = listing(join(code, ".git", "objects"));
    const target = join(root, "snap", "code");
    const { code: record, workdir } = await takeSnapshot(denoRunner, {
      workdir: join(code, "src"),
      target,
      diff: join(root, "snap", "code.diff"),
      project: join(root),
    });
    await t.step("files, links and what is left out", () => {
      deepEqual(listing(target), [
        ".env@",
        ".gitignore",
        "data@",
        "last.ckpt@",
        "new file.py",
        "run.sh",
        "src/other.py",
        "train.py",
      ]);
      equal(Deno.readTextFileSync(join(target, "train.py")), "print('changed')\n");
      equal(Deno.readTextFileSync(join(target, "data", "set.csv")), "1\n");
      equal(Deno.statSync(join(target, "run.sh")).mode! & 0o111, 0o111);
      deepEqual(record.leftOut, [{ path: "huge.bin", bytes: 10_000_001 }]);
      equal(workdir, join(target, "src"));
    });
    await t.step("the record says commit, branch, remote without its password", async () => {
      equal(record.mode, "snapshot");
      equal(record.commit, await git(code, "rev-parse", "HEAD"));
      equal(record.branch, "main");
      equal(record.remote, "https://example.org/lab/code.git");
      equal(record.dirty, true);
      deepEqual(record.untracked, ["new file.py", "src/other.py"]);
    });
    await t.step("the diff rebuilds the snapshot from the commit", async () => {
      const clone = join(root, "clone");
      await git(root, "clone", "-q", code, clone);
      await git(clone, "apply", "--index", join(root, "snap", "code.diff"));
      equal(await git(clone, "write-tree"), record.tree);
    });
    await t.step("the user's repository is as it was", async () => {
      equal(await git(code, "status", "--porcelain"), before);
      deepEqual(listing(join(code, ".git", "objects")), objects);
    });
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("takeSnapshot() of a project inside its repository leaves the project's output out", async () => {
  const root = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const code = await repository(root);
    for (const folder of ["experiments/logs", "generated_scripts/a", ".expflow", "exp_configs"]) {
      Deno.mkdirSync(join(code, folder), { recursive: true });
      Deno.writeTextFileSync(join(code, folder, "file"), "");
    }
    const target = join(code, "generated_scripts", ".preparing-1", "code");
    const { code: record } = await takeSnapshot(denoRunner, {
      workdir: code,
      target,
      diff: join(root, "code.diff"),
      project: code,
    });
    deepEqual(record.untracked, ["exp_configs/file"]);
    deepEqual(record.linked, ["experiments"]);
    ok(!listing(target).some((name) => name.startsWith("generated_scripts")));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("describeCode() says why there is no snapshot", async () => {
  const root = Deno.makeTempDirSync();
  try {
    equal((await describeCode(denoRunner, root)).mode, "in-place");
    await git(root, "init", "-q");
    const { mode, warnings } = await describeCode(denoRunner, root);
    equal(mode, "in-place");
    ok(warnings[0]!.includes("has no commit yet"), warnings[0]);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("withoutCredentials() keeps what is no secret", () => {
  for (
    const [given, expected] of [
      ["https://a:b@example.org/x.git", "https://example.org/x.git"],
      ["https://ghp_abc@example.org/x.git", "https://example.org/x.git"],
      ["git@example.org:lab/x.git", "git@example.org:lab/x.git"],
      ["/srv/git/x@y.git", "/srv/git/x@y.git"],
    ] as const
  ) equal(withoutCredentials(given), expected);
});
