import type { Rule } from "../rule.ts";
import { CUDA } from "./cuda.ts";
import { DATA } from "./data.ts";
import { MEMORY } from "./memory.ts";
import { NETWORK } from "./network.ts";
import { NODES } from "./nodes.ts";
import { NUMERICS } from "./numerics.ts";
import { SOFTWARE } from "./software.ts";
import { STORAGE } from "./storage.ts";
import { TIME } from "./time.ts";

/**
 * Every rule. Of two that hold, the earlier counts: what the scheduler did comes before what the
 * program says of it, and what often follows from something else, such as NCCL's errors, is last.
 */
export const RULES: readonly Rule[] = [
  ...NODES,
  ...TIME,
  ...MEMORY,
  ...CUDA,
  ...STORAGE,
  ...SOFTWARE,
  ...NUMERICS,
  ...DATA,
  ...NETWORK,
];
