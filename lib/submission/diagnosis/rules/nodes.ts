import type { Rule } from "../rule.ts";

// Texts of Slurm: https://slurm.schedmd.com/job_reason_codes.html, slurmd/slurmstepd's req.c and mgr.c.

/** What the node or the scheduler did to a job. */
export const NODES: readonly Rule[] = [
  {
    id: "cancelled",
    class: "cancelled",
    title: "it was cancelled",
    remedy: "`expflow submit` runs it again",
    signs: [{ states: ["cancelled"], certain: true }],
  },
  {
    id: "refused",
    class: "refused",
    title: "the scheduler refused it",
    remedy: "mend what its words say, then `expflow submit`",
    signs: [{ states: ["refused"], certain: true }],
  },
  {
    id: "skipped",
    class: "skipped",
    title: "a stage before it did not succeed",
    remedy: "look at the stage before it",
    signs: [{ states: ["skipped"], certain: true }],
  },
  {
    id: "not-begun",
    class: "not_begun",
    title: "its job carried several runs, and ended before its turn",
    remedy: "`expflow submit` runs it; fewer `runs_per_job`, or a longer `time` of one run",
    signs: [{ states: ["not_begun"], certain: true }],
  },
  {
    id: "preempted",
    class: "preempted",
    title: "it was ended for another job (preemption)",
    remedy: "`resume: requeue` with checkpoints goes on by itself; a QOS that is not preempted",
    signs: [
      { states: ["preempted"], certain: true },
      { log: /\bCANCELLED AT \S+ DUE TO PREEMPTION\b/, certain: true },
    ],
  },
  {
    id: "node-fail",
    class: "node_fail",
    title: "its node failed",
    remedy: "run it again; `retry: {node_fail: {times: 2, exclude_node: true}}` keeps off the node",
    signs: [
      { states: ["node_fail"], certain: true },
      { log: /\bCANCELLED AT \S+ DUE TO NODE FAILURE\b/, certain: true },
      { reason: /^(?:NodeDown|NodeFail|BootFail|launch failed requeued held)/i, certain: true },
    ],
  },
  {
    id: "lost",
    class: "lost",
    title: "nobody knows what became of its job",
    remedy: "`sacct` may know later; `expflow submit` runs it again",
    signs: [{ states: ["lost"], certain: true }],
  },
];
