import type { Facts } from "../../../lib/submission/diagnosis/rule.ts";

/** The end of a log, or facts, by which a rule knows a failure; `source`: where it is from. */
export interface Case {
  rule: string;
  source: string;
  log?: string;
  facts?: Partial<Facts>;
  certainty?: "certain" | "likely";
}

/** Texts as the programs named write them; real_test.ts makes those anew that can be made here. */
export const CASES: readonly Case[] = [
  { rule: "cancelled", source: "state", facts: { state: "cancelled" } },
  { rule: "refused", source: "state", facts: { state: "refused" } },
  { rule: "skipped", source: "state", facts: { state: "skipped" } },
  { rule: "not-begun", source: "state", facts: { state: "not_begun" } },
  { rule: "lost", source: "state", facts: { state: "lost" } },
  { rule: "preempted", source: "state", facts: { state: "preempted" } },
  {
    rule: "preempted",
    source: "slurmstepd, src/slurmd/slurmstepd/req.c",
    log:
      "slurmstepd: error: *** JOB 21 ON cpu02 CANCELLED AT 2026-11-22T01:02:03 DUE TO PREEMPTION ***\n",
  },
  { rule: "node-fail", source: "state", facts: { state: "node_fail" } },
  {
    rule: "node-fail",
    source: "slurmstepd, req.c",
    log:
      "slurmstepd: error: *** JOB 21 ON cpu02 CANCELLED AT 2026-11-22T01:02:03 DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS ***\n",
  },
  { rule: "timeout", source: "state", facts: { state: "timeout" } },
  {
    rule: "timeout",
    source: "slurmstepd, req.c",
    log:
      "slurmstepd: error: *** JOB 12 ON cpu01 CANCELLED AT 2026-11-22T04:00:00 DUE TO TIME LIMIT ***\n",
    facts: { exitCode: 143 },
  },
  { rule: "host-oom", source: "state", facts: { state: "out_of_memory" } },
  {
    rule: "host-oom",
    source: "slurmstepd 23.11, cgroup",
    log:
      "slurmstepd: error: Detected 1 oom_kill event in StepId=12.batch. Some of the step tasks have been OOM Killed.\n",
  },
  {
    rule: "host-oom",
    source: "slurmstepd 22.05, cgroup",
    log:
      "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=12.batch. Some of your processes may have been killed by the cgroup out-of-memory handler.\n",
    facts: { exitCode: 137 },
  },
  {
    rule: "host-oom",
    source: "slurmstepd with OverMemoryKill, common_jag.c",
    log:
      "slurmstepd: error: StepId=12.batch exceeded memory limit (524288000 > 104857600), being killed\nslurmstepd: error: Exceeded job memory limit\n",
    facts: { exitCode: 0, signal: 9, reason: "signal 9" },
  },
  {
    rule: "host-oom",
    source: "Slurm before 20.11",
    log: "slurmstepd: error: Job 12 exceeded memory limit (10240 > 8192), being killed\n",
  },
  {
    rule: "host-oom",
    source: "NumPy 2, _core/_exceptions.py",
    log:
      "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,) and data type float64\n",
  },
  { rule: "host-oom", source: "CPython", log: "Traceback (most recent call last):\nMemoryError\n" },
  {
    rule: "host-oom",
    source: "libstdc++",
    log:
      "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
    facts: { exitCode: 134 },
  },
  {
    rule: "host-oom",
    source: "PyTorch, c10/core/impl/alloc_cpu.cpp",
    log:
      "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 400000000000 bytes. Error code 12 (Cannot allocate memory)\n",
  },
  {
    rule: "host-oom",
    source: "SIGKILL without a word",
    facts: { exitCode: 137 },
    certainty: "likely",
  },
  {
    rule: "shared-memory",
    source: "PyTorch, torch/utils/data/_utils/signal_handling.py",
    log:
      "RuntimeError: DataLoader worker (pid 42) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.\n",
  },
  {
    rule: "gpu-hardware",
    source: "cudaGetErrorString, by PyTorch",
    log: "torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered\n",
  },
  {
    rule: "gpu-hardware",
    source: "NVIDIA, XID Errors",
    log: "NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, name=python, GPU has fallen off the bus.\n",
  },
  {
    rule: "cuda-oom",
    source: "PyTorch 2.5, CUDACachingAllocator.cpp",
    log:
      "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 47.54 GiB of which 1.20 GiB is free.\n",
  },
  {
    rule: "cuda-oom",
    source: "PyTorch 1.13",
    log:
      "RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.80 GiB total capacity)\n",
  },
  {
    rule: "cuda-oom",
    source: "PyTorch 2.0 under torchrun",
    log: "[rank3]: torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB\n",
  },
  {
    rule: "cuda-oom",
    source: "JAX, XLA",
    log:
      "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes.\n",
  },
  {
    rule: "cuda-oom",
    source: "TensorFlow 2",
    log:
      "tensorflow.python.framework.errors_impl.ResourceExhaustedError: {{function_node x}} OOM when allocating tensor with shape[1024,4096]\n",
  },
  {
    rule: "cuda-assert",
    source: "PyTorch",
    log: "RuntimeError: CUDA error: device-side assert triggered\n",
  },
  {
    rule: "cuda-illegal-access",
    source: "PyTorch",
    log: "RuntimeError: CUDA error: an illegal memory access was encountered\n",
  },
  { rule: "no-gpu", source: "PyTorch", log: "RuntimeError: No CUDA GPUs are available\n" },
  {
    rule: "cuda-version",
    source: "PyTorch",
    log: "RuntimeError: CUDA error: no kernel image is available for execution on the device\n",
  },
  {
    rule: "nccl",
    source: "PyTorch, ProcessGroupNCCL.cpp",
    log:
      "[rank0]:[E ProcessGroupNCCL.cpp:616] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=3, OpType=ALLREDUCE, Timeout(ms)=1800000) ran for 1800004 milliseconds before timing out.\n",
  },
  {
    rule: "nccl",
    source: "PyTorch, NCCLUtils.hpp",
    log:
      "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1970, unhandled system error, NCCL version 2.20.5\nncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.\n",
  },
  {
    rule: "rendezvous",
    source: "PyTorch, TCPStore",
    log:
      "torch.distributed.DistStoreError: Timed out after 901 seconds waiting for clients. 1/2 clients joined.\n",
  },
  {
    rule: "rendezvous",
    source: "PyTorch, c10d/socket.cpp",
    log:
      "[W socket.cpp:426] The server socket has failed to listen on any local network address. port: 29500\n",
  },
  {
    rule: "no-internet",
    source: "requests",
    log:
      "requests.exceptions.ConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution\n",
  },
  {
    rule: "python-import",
    source: "CPython 3.11",
    log:
      "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\nModuleNotFoundError: No module named 'nosuch'\n",
  },
  {
    rule: "python-import",
    source: "CPython -m",
    log: "/usr/bin/python3: No module named nosuch\n",
    certainty: "likely",
  },
  {
    rule: "shared-library",
    source: "ld.so",
    log:
      "./train: error while loading shared libraries: libcudart.so.12: cannot open shared object file: No such file or directory\n",
    facts: { exitCode: 127 },
  },
  {
    rule: "environment-module",
    source: "Lmod",
    log: 'Lmod has detected the following error:  The following module(s) are unknown: "cuda/99"\n',
  },
  {
    rule: "container-image",
    source: "Apptainer 1.3",
    log:
      "FATAL:   could not open image /scratch/me/x.sif: failed to retrieve path for /scratch/me/x.sif: lstat /scratch/me/x.sif: no such file or directory\n",
    facts: { exitCode: 255 },
  },
  {
    rule: "missing-script",
    source: "CPython",
    log: "python3: can't open file '/tmp/train.py': [Errno 2] No such file or directory\n",
    facts: { exitCode: 2 },
  },
  {
    rule: "command-not-found",
    source: "bash 5.2",
    log: "/tmp/slurmd/job00012/slurm_script: line 93: pyhton3: command not found\n",
    facts: { exitCode: 127 },
  },
  { rule: "command-not-found", source: "exit code", facts: { exitCode: 127 }, certainty: "likely" },
  {
    rule: "not-executable",
    source: "bash 5.2",
    log: "bash: line 1: /tmp: Is a directory\n",
    facts: { exitCode: 126 },
  },
  {
    rule: "not-executable",
    source: "another machine's program, bash 5.2",
    log: "bash: ./a.out: cannot execute binary file: Exec format error\n",
    facts: { exitCode: 126 },
  },
  { rule: "illegal-instruction", source: "SIGILL", facts: { exitCode: 132 } },
  {
    rule: "illegal-instruction",
    source: "bash",
    log: "slurm_script: line 9: 4242 Illegal instruction     (core dumped) ./train\n",
    facts: { exitCode: 132 },
  },
  { rule: "segfault", source: "SIGSEGV", facts: { exitCode: 139 } },
  {
    rule: "segfault",
    source: "CPython's faulthandler",
    log:
      "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n",
    facts: { exitCode: 139 },
  },
  {
    rule: "setup",
    source: "lib/script/environment.ts",
    log: "expflow: Cannot load the module cuda/99\n",
    facts: { exitCode: 78 },
  },
  {
    rule: "quota",
    source: "strerror(EDQUOT), CPython",
    log: "OSError: [Errno 122] Disk quota exceeded: '/home/me/x'\n",
  },
  {
    rule: "disk-full",
    source: "coreutils on a full tmpfs",
    log: "dd: error writing '/tmp/t/full/x': No space left on device\n",
  },
  {
    rule: "storage-error",
    source: "strerror(ESTALE)",
    log: "OSError: [Errno 116] Stale file handle: '/scratch/me/x'\n",
  },
  {
    rule: "permission",
    source: "CPython",
    log: "PermissionError: [Errno 13] Permission denied: '/root/secret'\n",
  },
  {
    rule: "permission",
    source: "bash 5.2",
    log: "bash: line 1: /root/secret: Permission denied\n",
  },
  {
    rule: "nan-loss",
    source: "MAE, engine_pretrain.py",
    log: "Loss is nan, stopping training\n",
  },
  {
    rule: "nan-loss",
    source: "torch.autograd, detect_anomaly",
    log: "RuntimeError: Function 'MulBackward0' returned nan values in its 0th output.\n",
  },
  {
    rule: "nan-loss",
    source: "a training loop's own line",
    log: "epoch 3 train_loss: nan lr 0.1\n",
    certainty: "likely",
  },
  {
    rule: "missing-file",
    source: "CPython",
    log: "FileNotFoundError: [Errno 2] No such file or directory: 'train.csv'\n",
  },
  {
    rule: "missing-file",
    source: "coreutils",
    log: "cat: train.csv: No such file or directory\n",
  },
  {
    rule: "corrupt-file",
    source: "PyTorch, caffe2/serialize/inline_container.cc",
    log:
      "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory\n",
  },
];

/** Lines that a rule must leave alone. */
export const NEAR_MISSES: readonly {
  source: string;
  log: string;
  never: string;
  facts?: Partial<Facts>;
}[] = [
  {
    source: "an OOM that the program caught",
    never: "cuda-oom",
    log: "WARNING caught RuntimeError: CUDA out of memory, retrying with batch 64\nValueError: x\n",
  },
  {
    source: "a setting against OOM",
    never: "cuda-oom",
    log: "avoid CUDA out of memory: set batch\n",
  },
  {
    source: "a metric named nan",
    never: "nan-loss",
    log: "loss: 0.3 nan_count: 0\nfinance loss ok\n",
  },
  { source: "nanoseconds", never: "nan-loss", log: "loss: nanoseconds 3\n" },
  {
    source: "a parameter of the log",
    never: "host-oom",
    log: "catch=MemoryError\n  except MemoryError:\n",
  },
  { source: "SIGTERM", never: "host-oom", log: "", facts: { exitCode: 143 } },
  { source: "a memory limit that is told", never: "host-oom", log: "memory limit is 8 GB\n" },
  { source: "a time limit that is told", never: "timeout", log: "time limit 2h, DUE TO start\n" },
  { source: "an optional module", never: "python-import", log: "warn: No module named apex\n" },
  { source: "import in the source shown", never: "python-import", log: "    raise ImportError(\n" },
  {
    source: "ssh keys",
    never: "permission",
    log: "git@github.com: Permission denied (publickey).\n",
  },
  { source: "a count of segmentations", never: "segfault", log: "Segmentation: 0.93 mIoU\n" },
  {
    source: "NCCL's chat",
    never: "nccl",
    log: "node1:12:12 [0] NCCL INFO Bootstrap : Using eth0\n",
  },
  { source: "a free disk", never: "disk-full", log: "12 GB of space left on device\n" },
  { source: "quota that is told", never: "quota", log: "disk quota 50 GB, used 20 GB\n" },
  {
    source: "a Python file that is not there",
    never: "missing-file",
    log: "python3: can't open file '/x/t.py': [Errno 2] No such file or directory\n",
  },
  { source: "exit code 1", never: "command-not-found", log: "grep: not found\n" },
  {
    source: "a job that goes back into the queue",
    never: "setup",
    log: "expflow: job 1 goes back\n",
    facts: { exitCode: 3 },
  },
  { source: "ECC that is on", never: "gpu-hardware", log: "ECC errors: 0 uncorrectable\n" },
  {
    source: "a host that listens",
    never: "rendezvous",
    log: "The server socket has started to listen\n",
  },
];
