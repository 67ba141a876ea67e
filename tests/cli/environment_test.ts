import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "./harness.ts";

Deno.test("info without Slurm: what is here, and nothing about Slurm", async () => {
  await using box = new Sandbox();
  const { out, err } = await box.ok(["info"]);
  deepEqual(out.match(/^\S.*$/gm), ["Here", "This machine", "Tools", "Storage", "Slurm"]);
  match(out, new RegExp(`scratch +${box.scratch} +\\$SCRATCH`));
  match(out, /version +none +there is no sbatch/);
  const found = JSON.parse((await box.ok(["info", "--json"])).out);
  deepEqual(found.slurm, { source: "there is no sbatch" });
  equal(err, "");
});

Deno.test("doctor without Slurm: nothing is wrong, unless the project asks for it", async () => {
  await using box = new Sandbox();
  match((await box.ok(["doctor"])).out, /^ok +sbatch +there is no Slurm here/);
  const project = await box.project();
  await box.ok(["config", "set", "scheduler", "slurm"], { cwd: project });
  const { code, out } = await box.run(["doctor"], { cwd: project });
  equal(code, 1);
  match(out, /^wrong +sbatch .*the project asks for Slurm\n +hint: /);
});

Deno.test("partitions and doctor --probe without Slurm end with one line and a hint", async () => {
  await using box = new Sandbox();
  const map = await box.run(["partitions"]);
  deepEqual([map.code, map.out], [6, ""]);
  match(map.err, /^error: Cannot map the partitions: there is no scontrol\nhint: .+\n$/);
  const probe = await box.run(["doctor", "--probe"]);
  equal(probe.code, 2);
  match(probe.err, /error: Cannot probe --export: there is no sbatch\nhint: .+\n$/);
});

Deno.test("a quota command that hangs costs its timeout, and nothing is left of it", async () => {
  await using box = new Sandbox();
  const folder = join(box.root, "bin");
  Deno.mkdirSync(folder);
  const pids = join(box.root, "pids");
  const script = `#!/bin/bash\nsleep 600 &\necho $$ $! >${pids}\nwait\n`;
  Deno.writeTextFileSync(join(folder, "myquota"), script, { mode: 0o755 });
  const timed = async () => {
    const begun = performance.now();
    const { storage } = JSON.parse((await box.ok(["info", "--json"])).out);
    return { storage, took: performance.now() - begun };
  };
  const floors = [(await timed()).took];
  const path = box.env.PATH;
  box.env.PATH = `${folder}:${path}`;
  const { storage, took } = await timed();
  box.env.PATH = path!;
  floors.push((await timed()).took);
  equal(storage.value[0].source, "df");
  const most = 5000 + 3 * Math.max(...floors);
  equal(took > 5000 && took < most, true, `${took} ms; without it ${floors} ms`);
  for (const pid of Deno.readTextFileSync(pids).trim().split(" ")) {
    equal(await isRunning(pid), false, pid);
  }
});

async function isRunning(pid: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout));
}
