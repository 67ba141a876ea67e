/** A value with where it comes from, so that nobody has to guess why it is what it is. */
export interface Detected<T> {
  /** `undefined` where there is none, and where nobody could tell: see `unknown`. */
  value: T;
  /** The variable, command or folder that said so, or what went wrong. */
  source: string;
  /** True where a probe failed or did not answer: there may be a value all the same. */
  unknown?: true;
}

/** A value that may be absent or not known. */
export type Maybe<T> = Detected<T | undefined>;

/** There is none, and this is how it is known. */
export function absent(source: string): Maybe<never> {
  return { value: undefined, source };
}

/** Nobody could tell, and this is why. */
export function unknown(source: string): Maybe<never> {
  return { value: undefined, source, unknown: true };
}
