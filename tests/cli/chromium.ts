import { join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The program of a Chromium on this machine; says loudly when there is none. */
export function chromium(what: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter(Boolean);
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isFile(path)) return path;
    }
  }
  console.warn(`NOT RUN: ${what}: no Chromium here (apt-get install chromium)`);
  return undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Runs a headless Chromium without a network on one page. @returns what it prints. */
export async function browse(
  program: string,
  page: string,
  args: readonly string[],
): Promise<string> {
  const profile = Deno.makeTempDirSync({ prefix: "expflow-chromium-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        `--user-data-dir=${profile}`,
        ...args,
        `file://${page}`,
      ],
      signal: AbortSignal.timeout(60_000),
    }).output();
    if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    Deno.removeSync(profile, { recursive: true });
  }
}
