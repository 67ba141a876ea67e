import { join } from "node:path";
import { type Ended, ROOT, type Sandbox } from "../cli/harness.ts";

/** Runs lines as a person would, with the alias that the README names. */
export async function bash(box: Sandbox, cwd: string, text: string): Promise<Ended> {
  const alias = `expflow() { ${Deno.execPath()} run -A --no-check ${join(ROOT, "cli.ts")} "$@"; }`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", `${alias}\n${text}`],
    cwd,
    clearEnv: true,
    env: { ...box.env, npm_config_cache: npmCache() },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** The machine's own, so that npx need not download Deno again. */
function npmCache(): string {
  return Deno.env.get("npm_config_cache") ?? join(Deno.env.get("HOME") ?? "/root", ".npm");
}
