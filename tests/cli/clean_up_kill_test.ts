import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { readArchive } from "../../lib/store/archive_file.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";
import {
  type Call,
  canTrace,
  changesIn,
  killedAt,
  kindOf,
  litterIn,
  sample,
  traced,
} from "./strace.ts";
import { copyProject, experimentFolders, listing } from "./trees.ts";

/** Kill points, over all commands; `EXPFLOW_KILL_POINTS=all` tries each. */
const POINTS = 52;

const EXPERIMENT = `command: |
  echo $EXPFLOW_ATTEMPT >> {run.dir}/trace
  for n in 1 2 3; do mkdir {run.dir}/checkpoint-$n; echo $n > {run.dir}/checkpoint-$n/model; done
  ln -s checkpoint-2 {run.dir}/middle
  echo '{"loss": 1}' > {run.dir}/result.json
  chmod 640 {run.dir}/result.json
args: none
checkpoint: .
harvest: result.json
sweep: { grid: { x: [1, 2] } }
`;

/** A command that is killed, and what must hold after it was run again. */
interface Victim {
  name: string;
  args: string[];
  /** The project that it is run in: a copy of this. */
  base: string;
  /** Right after the kill. */
  afterKill?: (cwd: string) => Promise<void>;
  /** Runs it again, and looks. */
  again: (cwd: string) => Promise<void>;
}

async function trace(box: Sandbox, cwd: string, args: string[], log: string, at?: Call) {
  return await box.spawn(args, { cwd, before: traced(log, at) }).output();
}

/** Archives that have their final name. */
function archivesIn(project: string): string[] {
  const folder = join(project, "experiments", "archived");
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name))
      .filter((path) => path.endsWith(".tar.zst"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What may not stay when all is done. */
function remains(project: string): string[] {
  const own = join(project, ".expflow", "turns");
  const archived = join(project, "experiments", "archived");
  const names = [own, archived].flatMap((folder) => {
    try {
      return [...Deno.readDirSync(folder)].map(({ name }) => name);
    } catch {
      return [];
    }
  });
  return [
    ...litterIn(project),
    ...names.filter((name) => /^\.|\.part$|^(clean|archive|harvest|table)\./.test(name)),
    ...listing(project, experimentFolders(project, "exp")).filter((line) =>
      line.includes(".pruned")
    ),
  ];
}

async function victims(box: Sandbox): Promise<Victim[]> {
  const whole = await box.project("whole");
  writeExperiment(whole, "exp", EXPERIMENT);
  await box.ok(["submit", "exp", "--wait"], { cwd: whole });
  await box.ok(["submit", "exp", "--force", "--wait"], { cwd: whole });
  await box.ok(["local", "stop"], { cwd: whole });
  const folders = (cwd: string) => experimentFolders(cwd, "exp");
  const original = listing(whole, folders(whole));
  const pruned = join(box.scratch, "pruned");
  copyProject(whole, pruned);
  await box.ok(["prune", "--yes"], { cwd: pruned });
  const left = listing(pruned, folders(pruned), false);
  ok(left.length < original.length - 10, "nothing to prune");
  const archived = join(box.scratch, "archived");
  copyProject(whole, archived);
  await box.ok(["archive", "exp", "--json"], { cwd: archived });
  deepEqual(listing(archived, folders(archived)), []);
  const completed = async (cwd: string) => {
    const { runs } = await statusOf(box, cwd, "exp");
    deepEqual(runs.map(({ state }: { state: string }) => state), ["completed", "completed"]);
  };
  const wholeArchives = async (cwd: string) => {
    await completed(cwd);
    for (const path of archivesIn(cwd)) {
      equal((await readArchive(path)).entries.length, original.length);
    }
  };
  const back = (cwd: string) => deepEqual(listing(cwd, folders(cwd)), original);
  return [
    {
      name: "prune",
      args: ["prune", "--yes"],
      base: whole,
      afterKill: completed,
      again: async (cwd) => {
        await box.ok(["prune", "--yes"], { cwd });
        deepEqual(listing(cwd, folders(cwd), false), left);
      },
    },
    {
      name: "archive",
      args: ["archive", "exp"],
      base: whole,
      afterKill: wholeArchives,
      again: async (cwd) => {
        await box.ok(["archive", "exp"], { cwd });
        deepEqual(listing(cwd, folders(cwd)), []);
        equal(archivesIn(cwd).length, 1);
        deepEqual(remains(cwd), []);
        await box.ok(["archive", "--restore", "exp"], { cwd });
        back(cwd);
      },
    },
    {
      name: "restore",
      args: ["archive", "--restore", "exp"],
      base: archived,
      afterKill: wholeArchives,
      again: async (cwd) => {
        const { code, err } = await box.run(["archive", "--restore", "exp"], { cwd });
        ok(code === 0 || /it is not archived/.test(err), err);
        back(cwd);
      },
    },
  ];
}

Deno.test({
  name: "SIGKILL at each call of prune, archive and restore that changes something: nothing lost",
  ignore: !canTrace,
  async fn(t) {
    await using box = new Sandbox();
    const log = join(box.root, "strace");
    const all: { victim: Victim; call: Call }[] = [];
    for (const victim of await victims(box)) {
      const cwd = join(box.scratch, `first-${victim.name}`);
      copyProject(victim.base, cwd);
      equal((await trace(box, cwd, victim.args, log)).code, 0, victim.name);
      const calls = changesIn(log, cwd);
      ok(calls.length > 20, `${victim.name}: ${calls.length} calls`);
      all.push(...calls.map((call) => ({ victim, call })));
      Deno.removeSync(cwd, { recursive: true });
    }
    const tried = sample(all, POINTS);
    let killed = 0;
    let exactly = 0;
    for (const [at, { victim, call }] of tried.entries()) {
      await t.step(`${victim.name}, ${call.name} ${call.nth}: ${kindOf(call.line)}`, async () => {
        const cwd = join(box.scratch, `p${at}`);
        copyProject(victim.base, cwd);
        await trace(box, cwd, victim.args, log, call);
        const line = killedAt(log);
        if (line !== undefined) killed++;
        if (line !== undefined && kindOf(line) === kindOf(call.line)) exactly++;
        await victim.afterKill?.(cwd);
        await victim.again(cwd);
        deepEqual(remains(cwd), []);
        Deno.removeSync(cwd, { recursive: true });
      });
    }
    const told = `${all.length} calls; of ${tried.length} tried, killed at ${killed}, ` +
      `${exactly} of them the very same call`;
    console.log(told);
    ok(killed >= 0.8 * tried.length && exactly >= 0.5 * tried.length, told);
  },
});
