import type { Rule } from "../rule.ts";

// Texts of c10/cuda/CUDAException.cpp and CUDACachingAllocator.cpp (PyTorch), of XLA and TensorFlow's
// bfc_allocator.cc, of cudaGetErrorString(), and of NVIDIA's "XID Errors" guide.

/** GPUs: their memory, and their defects. */
export const CUDA: readonly Rule[] = [
  {
    id: "gpu-hardware",
    class: "gpu_error",
    title: "the GPU has a defect (ECC or Xid)",
    remedy: "run it on another node, `resources.exclude`, and tell the site's staff about this one",
    signs: [
      {
        log: /\buncorrectable (?:NVLink |ECC )?(?:ECC )?error(?: was)? (?:encountered|detected)/i,
        certain: true,
      },
      { log: /\bNVRM: Xid \(/, certain: true },
      { log: /GPU has fallen off the bus/i, certain: true },
      { log: /CUDA error: (?:hardware stack error|unspecified launch failure|device not ready)/i },
    ],
  },
  {
    id: "cuda-oom",
    class: "cuda_oom",
    title: "CUDA OOM",
    remedy: "a smaller batch (with gradient accumulation), or a GPU with more memory",
    signs: [
      {
        log: /\bOutOfMemoryError: (?:CUDA|HIP) out of memory\b/,
        not: /\b(?:caught|skipping|retrying|recovered|ignored?)\b/i,
        certain: true,
      },
      {
        log: /\bRuntimeError: (?:CUDA|HIP)(?: error:)? out of memory\b/,
        not: /\b(?:caught|skipping|retrying|recovered|ignored?)\b/i,
        certain: true,
      },
      { log: /\bCUBLAS_STATUS_ALLOC_FAILED\b/, certain: true },
      { log: /\bCUDNN_STATUS_ALLOC_FAILED\b/, certain: true },
      { log: /\bRESOURCE_EXHAUSTED: Out of memory\b/, certain: true },
      { log: /\bResourceExhaustedError: .*OOM when allocating tensor/, certain: true },
      { log: /\bcudaErrorMemoryAllocation\b/, certain: true },
      { log: /^OOM when allocating tensor with shape/, certain: true },
    ],
  },
  {
    id: "cuda-assert",
    class: "data",
    title: "an assertion failed on the GPU, as with a label that is out of range",
    remedy: "run it with CUDA_LAUNCH_BLOCKING=1; check labels and indices against the model",
    signs: [
      { log: /CUDA error: device-side assert triggered/, certain: true },
      { log: /Assertion `.*` failed\.$/ },
    ],
  },
  {
    id: "cuda-illegal-access",
    class: "segfault",
    title: "the program used memory of the GPU that is not its own",
    remedy: "run it with CUDA_LAUNCH_BLOCKING=1, and check extensions against CUDA's version",
    signs: [{ log: /CUDA error: an illegal memory access was encountered/, certain: true }],
  },
  {
    id: "no-gpu",
    class: "gpu_error",
    title: "the program found no GPU",
    remedy: "ask for one, `resources.gpus: 1`; in a container `nv: true`; else exclude the node",
    signs: [
      { log: /RuntimeError: No CUDA GPUs are available/, certain: true },
      { log: /RuntimeError: Found no NVIDIA driver on your system/, certain: true },
      {
        log: /CUDA error: (?:no CUDA-capable device is detected|invalid device ordinal)/,
        certain: true,
      },
      { log: /Torch not compiled with CUDA enabled/, certain: true },
    ],
  },
  {
    id: "cuda-version",
    class: "software",
    title: "CUDA, its driver and the program do not fit each other",
    remedy: "load the module of CUDA that the program was built for, or rebuild it for this GPU",
    signs: [
      { log: /CUDA driver version is insufficient for CUDA runtime version/, certain: true },
      {
        log: /CUDA error: no kernel image is available for execution on the device/,
        certain: true,
      },
      { log: /The NVIDIA driver on your system is too old/, certain: true },
    ],
  },
];
