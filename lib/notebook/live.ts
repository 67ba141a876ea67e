import type { Shown } from "./shown.ts";

/** Sends a message to everybody who looks at the notebook. */
export type Broadcast = (type: string, content: Record<string, unknown>) => Promise<void>;

/**
 * An output that is replaced in place. Outside a notebook nothing is shown; `current` has it.
 *
 * @example
 * ```ts
 * import { LiveDisplay, showTable } from "@expflow/cli";
 *
 * const display = new LiveDisplay();
 * for (const done of [1, 2, 3]) await display.show(showTable([{ done, of: 3 }]));
 * if (!display.current?.text.includes("3")) throw new Error("not the last one");
 * ```
 */
export class LiveDisplay {
  /** What was shown last. */
  current?: Shown;
  readonly #id = crypto.randomUUID();
  readonly #broadcast: Broadcast | undefined;

  /** It is sent with `broadcast`; the kernel's own unless told. */
  constructor(broadcast: Broadcast | undefined = kernelBroadcast()) {
    this.#broadcast = broadcast;
  }

  /** Shows something in the place of what was there; the same again sends nothing. */
  async show(shown: Shown): Promise<void> {
    if (this.current?.html === shown.html) return;
    const type = this.current ? "update_display_data" : "display_data";
    this.current = shown;
    await this.#broadcast?.(type, {
      data: { "text/plain": shown.text, "text/html": shown.html },
      metadata: {},
      transient: { display_id: this.#id },
    });
  }
}

/** What Deno's kernel offers; `undefined` where this is no notebook. */
function kernelBroadcast(): Broadcast | undefined {
  try {
    // outside a kernel, to look at `Deno.jupyter` is an error
    const { jupyter } = Deno as unknown as { jupyter?: { broadcast: Broadcast } };
    return jupyter && ((type, content) => jupyter.broadcast(type, content));
  } catch {
    return undefined;
  }
}
