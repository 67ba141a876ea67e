import { equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { ConflictError } from "../../lib/core/errors.ts";
import { currentDriver, type Driver, Holder } from "../../lib/search/holder.ts";
import { startOfProcess } from "../../lib/system/processes.ts";

const here = (pid: number, host = "here"): Driver => ({
  host,
  pid,
  start: startOfProcess(pid),
  since: 1_795_000_000,
});

function inFolder(name: string, test: (folder: string) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await test(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

inFolder("a second driver is told who has the search, until it is given back", (folder) => {
  const first = Holder.take("tune", folder, here(Deno.pid));
  throws(
    () => Holder.take("tune", folder, here(Deno.pid)),
    (error: Error) =>
      error instanceof ConflictError && error.message.includes(`process ${Deno.pid} on here`),
  );
  equal(currentDriver(folder, "here")?.pid, Deno.pid);
  first.release();
  equal(currentDriver(folder, "here"), undefined);
  const second = Holder.take("tune", folder, here(Deno.pid));
  ok(second.isOurs() && !first.isOurs());
});

inFolder(
  "a driver that is gone has no right, nor has another process with its number",
  async (folder) => {
    const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
    Holder.take("tune", folder, here(child.pid));
    throws(() => Holder.take("tune", folder, here(Deno.pid)), ConflictError);
    child.kill("SIGKILL");
    await child.status;
    ok(Holder.take("tune", folder, here(Deno.pid)).isOurs());
    const recycled = { ...here(Deno.pid), start: "1" };
    Deno.removeSync(folder, { recursive: true });
    Holder.take("tune", folder, recycled);
    ok(Holder.take("tune", folder, here(Deno.pid)).isOurs());
  },
);

inFolder("a driver that ended, and nobody waited for, is gone", async (folder) => {
  const script = "sleep 0 & echo $!; exec sleep 60";
  const parent = new Deno.Command("bash", { args: ["-c", script], stdout: "piped" }).spawn();
  const reader = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const zombie = parseInt((await reader.read()).value!, 10);
  const fields = () => Deno.readTextFileSync(`/proc/${zombie}/stat`).split(") ")[1]!.split(" ");
  while (fields()[0] !== "Z") await new Promise((resolve) => setTimeout(resolve, 5));
  Holder.take("tune", folder, { ...here(zombie), start: fields()[19]! });
  ok(Holder.take("tune", folder, here(Deno.pid)).isOurs());
  parent.kill("SIGKILL");
  await reader.cancel();
  await parent.status;
});

inFolder("a driver on another host is believed, unless its turn is taken over", (folder) => {
  const there = Holder.take("tune", folder, here(1, "there"));
  throws(
    () => Holder.take("tune", folder, here(Deno.pid)),
    (error: ConflictError) => error.hint!.includes("--take-over"),
  );
  const taken = Holder.take("tune", folder, here(Deno.pid), true);
  ok(taken.isOurs() && !there.isOurs());
});

inFolder("of many processes that begin at once, one drives", async (folder) => {
  const source = `
    import { Holder } from ${
    JSON.stringify(new URL("../../lib/search/holder.ts", import.meta.url))
  };
    import { startOfProcess } from ${
    JSON.stringify(new URL("../../lib/system/processes.ts", import.meta.url))
  };
    const self = { host: "here", pid: Deno.pid, start: startOfProcess(Deno.pid), since: 1 };
    try {
      Holder.take("tune", ${JSON.stringify(folder)}, self);
      console.log("drives");
    } catch (error) {
      console.log(error.name);
    }
    await Deno.stdin.read(new Uint8Array(1));
  `;
  const script = join(folder, "take.ts");
  Deno.writeTextFileSync(script, source);
  const children = Array.from({ length: 4 }, () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script],
      stdin: "piped",
      stdout: "piped",
    }).spawn());
  const said: string[] = [];
  for (const child of children) {
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    said.push((await reader.read()).value!.trim());
    await reader.cancel();
  }
  for (const child of children) {
    await child.stdin.close();
    await child.status;
  }
  equal(said.filter((word) => word === "drives").length, 1, said.join());
  equal(said.filter((word) => word === "ConflictError").length, 3, said.join());
});
