import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, Sandbox, writeExperiment } from "./harness.ts";
import { hasTmux, Terminal } from "./terminal.ts";

const SLEEPERS = "command: sleep 600\nargs: none\nsnapshot: off\nsweep: { grid: { x: [1, 2] } }\n";
const HOME = "\x1b[H";
const USUAL = { alternate: false, cursor: true, wrap: true };

Deno.test({
  name: "status --watch draws over itself, and leaves a terminal as it was",
  ignore: !hasTmux,
  fn: async (t) => {
    await using box = new Sandbox();
    const cwd = await box.project();
    writeExperiment(cwd, "exp", SLEEPERS);
    await box.ok(["submit", "exp"], { cwd });
    await using terminal = await Terminal.open(box.root, box.env, cwd);
    const written = () => Deno.readTextFileSync(terminal.written);
    const pidFile = join(box.root, "pid");
    const watch = [Deno.execPath(), "run", "-A", "--no-check", join(ROOT, "cli.ts")].join(" ") +
      " status exp --watch";
    const ways: [name: string, end: () => unknown, code: number][] = [
      ["Ctrl-C", () => terminal.press("C-c"), 130],
      ["SIGTERM", () => Deno.kill(Number(Deno.readTextFileSync(pidFile)), "SIGTERM"), 143],
    ];
    for (const [name, end, code] of ways) {
      await t.step(name, async (t) => {
        const before = written().length;
        const own = () => written().slice(before);
        const frames = () => own().split(HOME).length - 1;
        await terminal.type(
          `clear; echo this was here; sh -c 'echo $$ >${pidFile}; exec ${watch}'; echo code $?`,
        );
        await terminal.until("three frames", () => frames() >= 3);
        deepEqual(await terminal.modes(), { alternate: true, cursor: false, wrap: false });
        match(await terminal.screen(), /^exp: 2 (running|pending)/);
        const shown = own().slice(own().indexOf("\x1b[?1049h"));
        for (const clear of ["\x1b[2J", "\x1b[3J", "\x1bc"]) {
          ok(!shown.includes(clear), JSON.stringify(shown));
        }
        await t.step("a terminal of another size has a frame at once", async () => {
          const drawn = frames();
          await terminal.resize(60, 4);
          await terminal.until("another frame", () => frames() > drawn);
          await terminal.until("cut lines", async () => /more lines/.test(await terminal.screen()));
          await terminal.resize(100, 30);
        });
        await end();
        await terminal.until("end", async () => (await terminal.screen()).includes(`code ${code}`));
        deepEqual(await terminal.modes(), USUAL);
        match(await terminal.screen(), /^this was here$/m);
        equal(own().split("\x1b[?1049l").length - 1, 1, "the screen is left once");
      });
    }
  },
});
