import type { Rule } from "../rule.ts";

/** Limits of time. */
export const TIME: readonly Rule[] = [
  {
    id: "timeout",
    class: "timeout",
    title: "its time limit was reached",
    remedy: "ask for more `resources.time`, or go on from checkpoints with `resume: requeue`",
    signs: [
      { states: ["timeout"], certain: true },
      // slurmstepd: error: *** JOB 12 ON cpu01 CANCELLED AT 2026-11-22T04:00:00 DUE TO TIME LIMIT ***
      { log: /\bCANCELLED AT \S+ DUE TO TIME LIMIT\b/, certain: true },
    ],
  },
];
