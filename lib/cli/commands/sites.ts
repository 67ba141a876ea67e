import type { Command } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import type { FoundProfile } from "../../cluster/site/find.ts";
import { sourceOf } from "../../cluster/site/profile.ts";
import { detectSite, siteProfiles } from "../../manager/site.ts";
import { findProject } from "../../store/find.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow sites [NAME]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[name]", "show what is known of this site, and from where")
    .action(async (name) => {
      const { context, globals } = ports;
      const root = findProject(resolve(context.cwd, globals().project ?? "."))?.root;
      const profiles = siteProfiles(root);
      if (name !== undefined) return tellProfile(ports, profiles.find(name));
      const here = await detectSite(context.runner, profiles);
      const all = profiles.names().map((name) => profiles.find(name));
      if (globals().json) {
        const sites = all.map(({ name, origin, profile }) => ({
          name,
          title: profile.title,
          origin,
        }));
        context.out(`${JSON.stringify({ here: { ...here, value: here.value.name }, sites })}\n`);
        return;
      }
      const rows = all.map(({ name, profile, origin }) => [name, profile.title ?? "", origin]);
      context.out(textTable(["name", "site", "from"], rows, Infinity));
      context.err(`this machine: ${here.value.name}  (${here.source})\n`);
    });
}

function tellProfile({ context, globals }: CommandPorts, { name, profile, origin }: FoundProfile) {
  if (globals().json) {
    context.out(`${JSON.stringify({ name, origin, profile })}\n`);
    return;
  }
  const { sources: _, ...known } = profile;
  const rows = leaves(known).map(([key, value]) => [
    key,
    sourceOf(profile, key)?.replace(/^S: /, "") ?? "",
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  context.out(textTable(["key", "seen in", "value"], rows, Infinity));
  context.err("K: general knowledge, not verified\n");
}

/** Every plain value of a profile by its dotted key; those of a list have the same. */
function leaves(value: object, path = ""): [string, unknown][] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = path === "" ? key : `${path}.${key}`;
    if (Array.isArray(inner)) return inner.map((item): [string, unknown] => [inside, item]);
    const isMap = typeof inner === "object" && inner !== null &&
      Object.keys(inner).length > 0;
    return isMap ? leaves(inner, inside) : [[inside, inner] as [string, unknown]];
  });
}
