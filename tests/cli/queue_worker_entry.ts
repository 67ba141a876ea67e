import { workOn } from "./queue_workers.ts";

// A worker until it is killed: `queue_worker_entry.ts QUEUE`.
await workOn(Deno.args[0]!, {});
