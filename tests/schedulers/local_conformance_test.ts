import { conformance } from "./conformance.ts";
import { openLocal } from "./local_bench.ts";

conformance("LocalScheduler", () => openLocal());
