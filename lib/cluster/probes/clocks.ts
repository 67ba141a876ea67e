import { absent, type Maybe, unknown } from "../detected.ts";
import type { DetectionPorts } from "../ports.ts";
import type { SlurmConfig } from "./config.ts";

/** Seconds that other clocks are ahead of this machine's; negative where they are behind. */
export interface Clocks {
  /** Slurm's controller. */
  controller: Maybe<number>;
  /** The file system of the scratch folder. */
  scratch: Maybe<number>;
}

/** How far `other` lies outside of what this machine's clock said before and after, in seconds. */
export function skewOf(other: number, [before, after]: readonly [number, number]): number {
  // whole seconds on either side
  if (other < Math.floor(before)) return Math.round(other - before);
  return other > Math.ceil(after) ? Math.round(other - after) : 0;
}

/** The controller's clock, from an answer that came between two moments of ours, in seconds. */
export function controllerSkew(
  config: Maybe<SlurmConfig>,
  between: readonly [number, number],
): Maybe<number> {
  const { value, source } = config;
  if (value === undefined) return config.unknown ? unknown(source) : absent(source);
  return value.controllerTime === undefined
    ? absent(`${source} names no time`)
    : { value: skewOf(value.controllerTime, between), source };
}

/** The clock of a shared file system, from the time it gives to a new file. */
export function folderSkew({ now, stamp }: DetectionPorts, folder: string): Maybe<number> {
  const before = now() / 1000;
  const time = stamp(folder);
  if (time === undefined) return absent(`no file can be made in ${folder}`);
  const source = `time of a new file in ${folder}`;
  return { value: skewOf(time / 1000, [before - 1, now() / 1000 + 1]), source };
}
