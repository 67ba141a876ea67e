import { drExp } from "./dr_exp.ts";
import type { ForeignFormat } from "./foreign.ts";

/** Every tool that can be imported from, in the order of the help. */
export const FOREIGN_FORMATS: readonly ForeignFormat[] = [drExp];
