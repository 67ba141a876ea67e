// Stands in for what Deno's kernel offers; `tests/notebooks/notebook.ts` puts it before the cells.
const __sent: { type: string; content: { data: Record<string, string> } }[] = [];
// `Deno.jupyter` itself throws outside the kernel, and cannot be defined anew
Object.defineProperty(globalThis, "Deno", {
  value: Object.create(Deno, {
    jupyter: {
      value: {
        broadcast(type: string, content: { data: Record<string, string> }): Promise<void> {
          __sent.push({ type, content });
          return Promise.resolve();
        },
      },
    },
  }),
});
function __finish(): void {
  Deno.writeTextFileSync(Deno.args[0]!, JSON.stringify(__sent));
}
