import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, Sandbox } from "./harness.ts";

const LOADED = "the command line is loaded";

/** Serves the sources as a plain web server would; modules of the command line tell when they run. */
function serve(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = join(ROOT, decodeURIComponent(pathname));
    const tell = pathname.startsWith("/lib/cli/") ? `\nconsole.error("${LOADED}");\n` : "";
    if (!path.startsWith(`${ROOT}/`)) return new Response("no", { status: 404 });
    try {
      const type = path.endsWith(".ts") ? "application/typescript" : "application/json";
      const text = await Deno.readTextFile(path) + tell;
      return new Response(text, { headers: { "content-type": type } });
    } catch {
      return new Response("not found", { status: 404 });
    }
  });
}

/** A folder whose own configuration would break everything that believed in it. */
function hostileFolder(box: Sandbox): string {
  const folder = join(box.root, "hostile");
  Deno.mkdirSync(folder);
  const names = Object.keys(JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))).imports);
  const config = {
    imports: Object.fromEntries(names.map((name) => [name, "./evil.ts"])),
    lock: "./deno.lock",
    nodeModulesDir: "auto",
    compilerOptions: { strict: false },
  };
  Deno.writeTextFileSync(join(folder, "deno.json"), JSON.stringify(config));
  Deno.writeTextFileSync(join(folder, "package.json"), '{"dependencies": {"zod": "3.0.0"}}');
  Deno.writeTextFileSync(join(folder, "evil.ts"), 'throw new Error("evil");');
  return folder;
}

async function deno(box: Sandbox, cwd: string, args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    clearEnv: true,
    env: box.env,
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("one entry from a plain URL is the command line and the API, in a hostile folder", async (t) => {
  await using box = new Sandbox();
  await using server = serve();
  const base = `http://127.0.0.1:${server.addr.port}`;
  const cwd = hostileFolder(box);
  const before = names(cwd);
  const map = `--import-map=${base}/deno.json`;
  const expflow = (...args: string[]) =>
    deno(box, cwd, ["run", "-A", "--no-check", map, `${base}/mod.ts`, ...args]);
  await t.step("as the main module it is the command line", async () => {
    const help = await expflow("--help");
    match(help.out, /^Usage: expflow/);
    ok(help.err.includes(LOADED));
    equal((await expflow("init", "remote")).code, 0);
    const project = join(box.scratch, "remote");
    for (const args of [["new", "exp001"], ["submit", "exp001", "--wait"], ["harvest", "exp001"]]) {
      const ended = await expflow("-C", project, ...args);
      equal(ended.code, 0, ended.err);
    }
  });
  await t.step("imported it is the API, and the command line is not loaded", async () => {
    const script = join(box.root, "analysis.ts");
    Deno.writeTextFileSync(
      script,
      `import { harvest, openProject } from "${base}/mod.ts";
       const project = await openProject(${JSON.stringify(join(box.scratch, "remote"))});
       const { records } = await harvest(project, "exp001");
       console.log(records[0].metrics.loss.last);`,
    );
    const { out, err } = await deno(box, cwd, ["run", "-A", "--no-check", map, script]);
    equal(out, "0.666\n", err);
    ok(!err.includes(LOADED));
  });
  await t.step("the folder is left as it was", () => deepEqual(names(cwd), before));
});

Deno.test("one bundled file is enough", async () => {
  await using box = new Sandbox();
  const bundle = join(box.root, "expflow.js");
  const made = await deno(box, ROOT, ["bundle", "--quiet", "-o", bundle, "mod.ts"]);
  equal(made.code, 0, made.err);
  const cwd = hostileFolder(box);
  const before = names(cwd);
  const ended = await deno(box, cwd, ["run", "-A", bundle, "quickstart", "../qs"]);
  equal(ended.code, 0, ended.err);
  match(ended.out, /softmax.*0\.8556/);
  match(Deno.readTextFileSync(join(box.root, "qs/project/learning_curves.svg")), /^<svg/);
  deepEqual(names(cwd), before);
  await deno(box, cwd, ["run", "-A", bundle, "-C", join(box.root, "qs/project"), "local", "stop"]);
});
