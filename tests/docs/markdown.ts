import { join } from "node:path";
import { ROOT } from "../cli/harness.ts";

/** A fenced block of a page. */
export interface Block {
  /** What follows the fence: `sh`, `sh slurm`, `yaml`, … */
  info: string;
  text: string;
  /** The file that a comment in the first line names, relative to the project. */
  file?: string;
}

/** Fenced blocks, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n([^]*?)^```/gm)].map(([, info, text]) => ({
    info: info!.trim(),
    text: text!,
    file: /^(?:#|\/\/) ([\w.-]+(?:\/[\w.-]+)*\.\w+)\n/.exec(text!)?.[1],
  }));
}

/** A page of the guide. */
export interface Page {
  name: string;
  blocks: Block[];
}

/** Pages of `docs/guide`. */
export function guide(): Page[] {
  const folder = join(ROOT, "docs", "guide");
  return [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => ({ name, text: Deno.readTextFileSync(join(folder, name)) }))
    .map(({ name, text }) => ({ name, blocks: blocksOf(text) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Follows a page in a project: writes the files that it shows, runs the commands that `isRun` says
 * are meant for this place.
 */
export async function follow(
  { blocks }: Page,
  project: string,
  isRun: (info: string) => boolean,
  run: (commands: string) => Promise<void>,
): Promise<void> {
  for (const { info, text, file } of blocks) {
    if (file) {
      Deno.mkdirSync(join(project, file, ".."), { recursive: true });
      Deno.writeTextFileSync(join(project, file), text);
    } else if (isRun(info)) await run(text);
  }
}
