/**
 * A CUDA program without a toolkit: takes MiB of memory on its first GPU, writes to all of it, says
 * on stdout what the driver answered, and keeps it until its stdin ends. Ends with 0 if it got it.
 */
const { symbols: cuda } = Deno.dlopen("libcuda.so.1", {
  cuInit: { parameters: ["u32"], result: "i32" },
  cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  cuDevicePrimaryCtxRetain: { parameters: ["buffer", "i32"], result: "i32" },
  cuCtxSetCurrent: { parameters: ["u64"], result: "i32" },
  cuMemAlloc_v2: { parameters: ["buffer", "usize"], result: "i32" },
  cuMemsetD8_v2: { parameters: ["u64", "u8", "usize"], result: "i32" },
  cuCtxSynchronize: { parameters: [], result: "i32" },
});

const bytes = BigInt(Deno.args[0]!) * 1024n * 1024n;
const [count, device] = [new Int32Array(1), new Int32Array(1)];
const [context, memory] = [new BigUint64Array(1), new BigUint64Array(1)];
const steps: [string, () => number][] = [
  ["cuInit", () => cuda.cuInit(0)],
  ["cuDeviceGetCount", () => cuda.cuDeviceGetCount(count)],
  ["cuDeviceGet", () => cuda.cuDeviceGet(device, 0)],
  ["cuDevicePrimaryCtxRetain", () => cuda.cuDevicePrimaryCtxRetain(context, device[0]!)],
  ["cuCtxSetCurrent", () => cuda.cuCtxSetCurrent(context[0]!)],
  ["cuMemAlloc", () => cuda.cuMemAlloc_v2(memory, bytes)],
  ["cuMemsetD8", () => cuda.cuMemsetD8_v2(memory[0]!, 7, bytes)],
  ["cuCtxSynchronize", () => cuda.cuCtxSynchronize()],
];
let failed: { step: string; code: number } | undefined;
for (const [step, call] of steps) {
  const code = call();
  if (code === 0) continue;
  failed = { step, code };
  break;
}
console.log(JSON.stringify({ devices: count[0], ...failed ? { failed } : {} }));
for await (const _ of Deno.stdin.readable); // until it is closed
Deno.exit(failed ? 1 : 0);
