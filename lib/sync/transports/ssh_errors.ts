import type { Reply } from "../../system/runner.ts";
import { FULL } from "../reading.ts";
import { DestinationError } from "../transport.ts";

const KNOWN: [RegExp, string, (host: string) => string][] = [
  [
    /Permission denied \([a-z,-]+\)/,
    "ssh refuses you",
    (host) => `does \`ssh ${host}\` work without a password? It takes a key there`,
  ],
  [
    /Host key verification failed/,
    "ssh does not know its key, or it changed",
    (host) => `\`ssh ${host}\` once by hand, and compare the key`,
  ],
  [
    /Could not resolve hostname/,
    "there is no such host",
    () => "is its name right? Many compute nodes see no other hosts: try a login node",
  ],
  [
    /No route to host|Network is unreachable|timed out|timeout|Connection (refused|closed|reset)/i,
    "it cannot be reached",
    () => "many compute nodes have no internet: try it on a login node",
  ],
  [FULL, "no space is left there", () => "free space there; what was sent stays, the rest follows"],
  [/No such file or directory/, "there is no such folder", () => "make the folder above it there"],
  [/Permission denied/, "permission denied there", () => "may you write there?"],
];

/** What a call of ssh or rsync failed of, in a word that can be acted on. */
export function sshError(host: string, { code, stderr, timedOut }: Reply): DestinationError {
  const said = timedOut ? `${stderr}\ntimed out` : stderr;
  if (code === 127) {
    const missing = /(\w+): (command )?not found/.exec(stderr)?.[1] ?? "a program";
    return new DestinationError(`Cannot send to ${host}: ${missing} is not there`, {
      hint: "ssh and rsync are needed here, rsync and sha256sum there",
    });
  }
  const [, what, hint] = KNOWN.find(([pattern]) => pattern.test(said)) ?? [];
  const line = said.trim().split("\n").at(-1)?.slice(0, 200) || `exit code ${code}`;
  return new DestinationError(`Cannot send to ${host}: ${what ? `${what} (${line})` : line}`, {
    hint: hint?.(host),
  });
}
