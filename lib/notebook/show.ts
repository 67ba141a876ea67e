import type { View } from "./view.ts";

/** Sends a message to everybody who looks at the notebook. */
export type Broadcast = (type: string, content: Record<string, unknown>) => Promise<void>;

/**
 * An output that is replaced in place. Outside a notebook nothing is shown; `current` has it.
 *
 * @example
 * ```ts
 * import { LiveDisplay, tableView } from "@expflow/cli";
 *
 * const display = new LiveDisplay();
 * for (const done of [1, 2, 3]) await display.show(tableView([{ done, of: 3 }]));
 * if (!display.current?.text.includes("3")) throw new Error("not the last one");
 * ```
 */
export class LiveDisplay {
  /** What was shown last. */
  current?: View;
  readonly #id = crypto.randomUUID();
  readonly #broadcast: Broadcast | undefined;

  /** It is sent with `broadcast`; the kernel's own unless told. */
  constructor(broadcast: Broadcast | undefined = kernelBroadcast()) {
    this.#broadcast = broadcast;
  }

  /** Shows something in the place of what was there; the same again sends nothing. */
  async show(view: View): Promise<void> {
    if (this.current?.html === view.html) return;
    const type = this.current ? "update_display_data" : "display_data";
    this.current = view;
    await this.#broadcast?.(type, {
      data: { "text/plain": view.text, "text/html": view.html },
      metadata: {},
      transient: { display_id: this.#id },
    });
  }
}

/**
 * Shows something in a notebook, below the cell; outside one, nothing. Deno's kernel also shows the
 * value that a cell ends with, but it may send it after it said that the cell is done, and
 * `nbconvert` then misses it.
 *
 * @example
 * ```ts
 * import { show, tableView } from "@expflow/cli";
 *
 * const view = tableView([{ lr: 0.1, runs: 3 }]);
 * await show(view);
 * if (!view.html.includes("<td")) throw new Error(view.html);
 * ```
 */
export async function show(view: View): Promise<void> {
  await new LiveDisplay().show(view);
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
