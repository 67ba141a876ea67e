import { type Draft, refusal, type Rule, withResource, withScript } from "./draft.ts";
import type { NamedProfile } from "./identify.ts";

const FLAGS = ["preemptible", "requeue", "gpu_mps", "ram_disk"] as const;
type Flag = typeof FLAGS[number];

/** What only some sites can be asked for, in the way this one wants it. */
export const flagsRule: Rule = (draft, site) =>
  FLAGS.reduce((next, flag) => flagged(next, flag, site), draft);

function flagged(draft: Draft, flag: Flag, site: NamedProfile): Draft {
  const { [flag]: value } = draft.resources;
  if (value === undefined || value === false) return draft;
  const { comment, line, qos } = site.profile.flags?.[flag] ?? {};
  if (comment === undefined && line === undefined && qos === undefined) {
    if (flag === "requeue") return draft;
    const hint = `take resources.${flag} out, or use a profile that knows it: expflow sites`;
    throw refusal(site, `use ${flag}`, "its profile does not know how to ask for it", hint);
  }
  const rule = `flags.${flag}`;
  let next = draft;
  if (comment !== undefined) {
    next = withResource(next, "comment", joined(draft.resources.comment, comment, value), rule);
  }
  if (line !== undefined) {
    next = withScript(next, "lines", [...next.script.lines, filled(line, value)], rule);
  }
  return qos === undefined || next.resources.qos !== undefined
    ? next
    : withResource(next, "qos", qos, rule);
}

/** The user's comment with the site's word behind it, unless the user said that word already. */
function joined(comment: string | undefined, word: string, value: string | true): string {
  const text = filled(word, value);
  if (comment === undefined) return text;
  const key = (part: string) => part.split("=")[0]!.trim();
  return comment.split(";").some((part) => key(part) === key(text))
    ? comment
    : `${comment};${text}`;
}

function filled(text: string, value: string | true): string {
  return text.replaceAll("{}", String(value));
}
