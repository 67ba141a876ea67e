import { conformance } from "./conformance.ts";
import { openQueueBench } from "./queue_bench.ts";

conformance("QueueScheduler with its workers", () => openQueueBench());
