import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { CLIENTS } from "../../lib/client/clients.gen.ts";
import { withFolder } from "../results/support.ts";
import { PYTHONS } from "./pythons.ts";

/** What a program does that has habits of its own about signals, and what it prints. */
const PROGRAMS: Record<string, { program: string; prints: string }> = {
  "its own handler is called as well, whenever it was set": {
    program: `
import expflow, os, signal
heard = []
signal.signal(signal.SIGUSR1, lambda number, frame: heard.append("first"))
expflow.should_stop()
os.kill(os.getpid(), signal.SIGUSR1)
print(expflow.should_stop(), heard)
signal.signal(signal.SIGTERM, lambda number, frame: heard.append("late"))
expflow._stopping = False
expflow.should_stop()
os.kill(os.getpid(), signal.SIGTERM)
print(expflow.should_stop(), heard)
`,
    prints: "True ['first']\nTrue ['first', 'late']\n",
  },
  "where the warning is INT, it interrupts nothing": {
    program: `
import os, signal
os.environ["EXPFLOW_WARNING"] = "INT"
import expflow
expflow.should_stop()
os.kill(os.getpid(), signal.SIGINT)
print(expflow.should_stop())
`,
    prints: "True\n",
  },
  "what it ignores stays ignored": {
    program: `
import expflow, os, signal
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
expflow.should_stop()
os.kill(os.getpid(), signal.SIGUSR1)
print(expflow.should_stop(), signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN)
`,
    prints: "False True\n",
  },
  "asked in a thread first, it listens when the main thread asks": {
    program: `
import expflow, os, signal, threading
thread = threading.Thread(target=lambda: print(expflow.should_stop()))
thread.start()
thread.join()
print(signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL)
expflow.should_stop()
os.kill(os.getpid(), signal.SIGUSR1)
threading.Thread(target=lambda: print(expflow.should_stop())).start()
`,
    prints: "False\nTrue\nTrue\n",
  },
  "a child that is told to end as soon as it is forked does": {
    program: `
import expflow, multiprocessing, signal, time
context = multiprocessing.get_context("fork")
expflow.should_stop()
codes = set()
for _ in range(10):
    child = context.Process(target=time.sleep, args=(60,))
    child.start()
    child.terminate()
    child.join(5)
    codes.add(child.exitcode)
    child.kill()
print(codes, signal.pthread_sigmask(signal.SIG_BLOCK, []))
`,
    prints: "{-15} set()\n",
  },
  "children that it forks end when told to, and log by themselves": {
    program: `
import expflow, multiprocessing, os, signal, time
context = multiprocessing.get_context("fork")
def child(step):
    expflow.log(step, child=True)
    time.sleep(60 if step == 1 else 0)
expflow.should_stop()
expflow.log(0, child=False)
first = context.Process(target=child, args=(1,))
second = context.Process(target=child, args=(2,))
first.start()
second.start()
second.join()
first.terminate()
first.join(10)
print(first.exitcode, second.exitcode)
`,
    prints: "-15 0\n",
  },
};

for (const { version, program: python } of PYTHONS) {
  Deno.test(`Python ${version}: should_stop() respects what a program does with signals`, async (t) => {
    for (const [name, { program, prints }] of Object.entries(PROGRAMS)) {
      await t.step(
        name,
        () =>
          withFolder({ "expflow.py": CLIENTS.python.text, "train.py": program }, async (at) => {
            const { code, stdout, stderr } = await new Deno.Command(python, {
              args: ["-B", join(at, "train.py")],
              env: { EXPFLOW_RUN_DIR: at },
            }).output();
            const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
            deepEqual([code, out, err], [0, prints, ""]);
          }),
      );
    }
  });
}

Deno.test("the client compiles in every Python that is here", async () => {
  for (const { version, program } of PYTHONS) {
    await withFolder({ "expflow.py": CLIENTS.python.text }, async (at) => {
      const args = ["-W", "error", "-m", "py_compile", join(at, "expflow.py")];
      const { code, stderr } = await new Deno.Command(program, { args }).output();
      equal(code, 0, `${version}: ${new TextDecoder().decode(stderr)}`);
    });
  }
});
