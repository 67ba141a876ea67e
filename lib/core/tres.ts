import { parseMemory } from "./memory.ts";

/** Trackable resources by name, in lower case (`cpu`, `gres/gpu:a100`); `mem` in MiB. */
export type Tres = Readonly<Record<string, number>>;

/** Reads `cpu=8,mem=2000M,gres/gpu=2`; what has no number is left aside. */
export function parseTres(text: string): Tres {
  return Object.fromEntries(
    text.split(",").flatMap((part) => {
      const [, name, size] = /^\s*([^=]+)=(\d[\d.]*[KMGTP]?)$/i.exec(part) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), readSize(name, size!)] as const];
    }),
  );
}

function readSize(name: string, text: string): number {
  return /^(mem|vmem)$/i.test(name) ? readMib(text) : Number(text.replace(/\D.*$/, ""));
}

/** As Slurm prints memory: `2932K`, `2000M`, `1.50G`; a plain number is bytes in usage. */
function readMib(text: string): number {
  return /\d$/.test(text) ? Number(text) : parseMemory(text);
}
