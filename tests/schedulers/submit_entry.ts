import { localScheduler } from "./local_bench.ts";

const [folder, cwd, script] = Deno.args as [string, string, string];
const scheduler = localScheduler(folder, cwd);
console.log("ready");
while (true) await scheduler.submit({ script, dependencies: [] });
