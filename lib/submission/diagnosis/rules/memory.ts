import type { Rule } from "../rule.ts";

/** Main memory. A kill by the kernel leaves no words of the program's own. */
export const MEMORY: readonly Rule[] = [
  {
    id: "host-oom",
    class: "host_oom",
    title: "it needed more main memory than it asked for",
    remedy: "ask for more `resources.mem`, or load less at once (fewer data-loader workers)",
    signs: [
      { states: ["out_of_memory"], certain: true },
      // slurmstepd, cgroup: Detected 1 oom-kill event(s) in StepId=12.batch. Some of your processes …
      { log: /\bDetected \d+ oom[-_]kill events?\b/i, certain: true },
      // 22.05: … in StepId=12.batch cgroup. Some of your processes may have been killed by the cgroup
      { log: /killed by the cgroup out-of-memory handler/, certain: true },
      // OverMemoryKill, jobacct_gather: Exceeded job memory limit; Job 12 exceeded memory limit (1 > 2)
      { log: /\bExceeded (?:job|step) memory limit\b/i, certain: true },
      { log: /\b(?:Job|Step|StepId=)\s?\S+ exceeded memory limit \(/i, certain: true },
      // NumPy: numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array
      { log: /\bUnable to allocate [\d.]+ [KMGTP]iB for an array\b/, certain: true },
      // CPython, C++, PyTorch's allocator for main memory, fork(2)
      { log: /^MemoryError\b/, certain: true },
      { log: /\bstd::bad_alloc\b/, certain: true },
      { log: /DefaultCPUAllocator: (?:can't|not enough) .*memory/, certain: true },
      { log: /\bCannot allocate memory\b/, not: /warn/i },
      { log: /DataLoader worker \(pid.*\) is killed by signal: Killed/ },
      { exitCodes: [137] },
    ],
  },
  {
    id: "shared-memory",
    class: "host_oom",
    title: "shared memory (/dev/shm) is too small for its data loaders",
    remedy:
      "fewer data-loader workers, a larger `resources.mem`, or more shared memory for a container",
    signs: [
      {
        log:
          /out of shared memory\. Please (?:try to )?(?:raise|increase) (?:your|the) shared memory limit/i,
        certain: true,
      },
      { log: /DataLoader worker \(pid.*\) is killed by signal: Bus error/, certain: true },
    ],
  },
];
