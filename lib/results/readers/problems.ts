const SHOWN = 3;

/** Collects the problems of one file; a file with thousands of broken lines stays readable. */
export class Problems {
  readonly #name: string;
  readonly #first: string[] = [];
  #count = 0;

  /** `name` is how the file is called in each problem. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Notes a problem; `line` where it is about one, from 1. */
  add(text: string, line?: number): void {
    if (this.#count++ >= SHOWN) return;
    this.#first.push(`${this.#name}${line === undefined ? "" : `:${line}`}: ${text}`);
  }

  /** The first three, and how many more there are. */
  list(): string[] {
    const more = this.#count - this.#first.length;
    return more === 0 ? this.#first : [...this.#first, `${this.#name}: ${more} more like these`];
  }
}
