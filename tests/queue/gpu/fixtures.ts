/**
 * Replies of nvidia-smi. The forms are documented by NVIDIA (nvidia-smi's manual page and
 * `--help-query-gpu`, the MIG User Guide), and not captured: no GPU was at hand.
 */
export const A = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6";
export const B = "GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77";
export const MIG_A = "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f";
export const MIG_B = "MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb";
export const OLD_MIG = `MIG-${B}/1/0`;

export const TWO = `0, ${A}, NVIDIA H200, 143771, 4, Disabled, Default
1, ${B}, NVIDIA H200, 143771, 1203, Disabled, Default
`;

export const DIVIDED = `0, ${B}, NVIDIA A100-SXM4-40GB, 40960, 37, Enabled, Default\n`;

export const DIVIDED_LIST = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: ${B})
  MIG 1g.5gb      Device  0: (UUID: ${MIG_A})
  MIG 3g.20gb     Device  1: (UUID: ${MIG_B})
`;

export const OLD_LIST = `GPU 0: A100-PCIE-40GB (UUID: ${B})
  MIG 4g.20gb Device 0: (UUID: ${OLD_MIG})
`;

/** Two models: CUDA counts the fastest first, nvidia-smi along the bus. */
export const MIXED = `0, ${A}, Tesla T4, 15360, 0, [N/A], Exclusive_Process
1, ${B}, NVIDIA H200, [N/A], [Not Supported], Disabled, Prohibited
`;
