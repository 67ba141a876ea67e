/** Paths → SHA-256, in the form of `sha256sum`, so that `sha256sum -c` checks them without expflow. */
export function formatManifest(files: ReadonlyMap<string, string>): string {
  return [...files].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([path, sha256]) => formatLine(path, sha256)).join("");
}

function formatLine(path: string, sha256: string): string {
  const escaped = path.replaceAll(/[\\\n\r]/g, (found) => ESCAPES[found]!);
  return `${escaped === path ? "" : "\\"}${sha256}  ${escaped}\n`;
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r" };
const LINE = /^(\\?)([0-9a-f]{64}) [ *](.+)$/gm;

/** What `sha256sum` printed, or a manifest says; other lines (a greeting of the host) are passed over. */
export function parseManifest(text: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [, escaped, sha256, path] of text.matchAll(LINE)) {
    files.set(escaped ? path!.replaceAll(/\\[\\nr]/g, unescaped) : path!, sha256!);
  }
  return files;
}

function unescaped(found: string): string {
  return found === "\\n" ? "\n" : found === "\\r" ? "\r" : "\\";
}
