import { equal } from "node:assert/strict";
import { join } from "node:path";
import { initProject, openProject, type Project, syncResults } from "../mod.ts";
import { denoRunner } from "../lib/system/deno_runner.ts";
import { alternate, type Measurement } from "./measure.ts";

const RUNS = 1000;
const FILES = 10;
const SMALL = '{"loss": 0.123456}\n'.repeat(100);

/** 10,000 small files to another folder, and a pass with nothing new. */
export async function syncing(): Promise<Measurement[]> {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-bench-" });
  try {
    const project = await projectWithFiles(parent);
    const [from, there, floor] = [
      join(project.layout.root, "experiments", "runs"),
      join(parent, "there"),
      join(parent, "floor"),
    ];
    const copy = async () => {
      Deno.mkdirSync(floor, { recursive: true });
      const { code } = await denoRunner.run({ argv: ["cp", "-r", `${from}/.`, floor] });
      equal(code, 0);
    };
    const first = await alternate(
      1,
      async () => {
        const [outcome] = await syncResults(project);
        equal(outcome?.pass?.sent, RUNS * FILES);
        Deno.renameSync(there, `${there}.${crypto.randomUUID()}`);
      },
      async () => {
        await copy();
        Deno.renameSync(floor, `${floor}.${crypto.randomUUID()}`);
      },
    );
    await syncResults(project);
    const again = await alternate(
      5,
      async () => equal((await syncResults(project))[0]?.pass?.sent, 0),
      () => Promise.resolve(equal(listed(from), RUNS * FILES)),
    );
    return [
      {
        what: `sync: ${RUNS * FILES} small files, flushed and read back`,
        ...first,
        floorIs: "`cp -r`",
        limit: 12,
      },
      { what: "sync: nothing new in them", ...again, floorIs: "a listing and stat", limit: 6 },
    ];
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
}

async function projectWithFiles(parent: string): Promise<Project> {
  const { root } = await initProject({ name: "sent", parent, cwd: parent });
  const settings = `sync: {backup: {to: ${join(parent, "there")}}}\n`;
  Deno.writeTextFileSync(join(root, ".hpc_config.yaml"), settings, { append: true });
  for (let run = 0; run < RUNS; run++) {
    const folder = join(root, "experiments", "runs", "e", String(run));
    Deno.mkdirSync(folder, { recursive: true });
    for (let at = 0; at < FILES; at++) {
      const path = join(folder, `file${at}.json`);
      Deno.writeTextFileSync(path, SMALL);
      Deno.utimeSync(path, 1e9, 1e9);
    }
  }
  return await openProject(root);
}

/** The plainest look at every file. */
function listed(folder: string): number {
  let count = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) count += listed(path);
    else if (Deno.lstatSync(path).isFile) count++;
  }
  return count;
}
