import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { diffRuns, type RunDiff } from "../../manager/diff.ts";
import type { Change } from "../../results/config_diff.ts";
import { showParam } from "../../results/factors.ts";
import { oneLine } from "../../results/text_width.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow results diff A B` */
export function defineDiff(command: Command, ports: CommandPorts): void {
  command
    .description("tell two runs apart as submitted: parameters, configuration, environment, code")
    .argument("<from>", "EXPERIMENT/INDEX")
    .argument("<to>", "EXPERIMENT/INDEX")
    .action(async (from, to) => {
      const project = await openForCommand(ports);
      const diff = await diffRuns(project, parseRunReference(from), parseRunReference(to));
      const { context, globals } = ports;
      context.out(globals().json ? `${JSON.stringify(diff)}\n` : textOf(diff));
    });
}

function textOf({ runs: [from, to], code, ...parts }: RunDiff): string {
  const sections = [
    section("parameters", parts.params),
    section("configuration", parts.config),
    section("environment", parts.environment),
  ];
  const codeText = code.same === true
    ? "code: the same\n"
    : code.same === "unknown"
    ? `code: unknown, ${oneLine(code.why)}\n`
    : `code:\n${code.diff}`;
  return [`- ${from}\n+ ${to}\n`, ...sections, codeText].join("\n");
}

function section(title: string, changes: readonly Change[]): string {
  if (changes.length === 0) return `${title}: the same\n`;
  const lines = changes.flatMap(({ name, from, to }) => [
    ...(from === undefined ? [] : [`- ${name}: ${oneLine(showParam(from))}\n`]),
    ...(to === undefined ? [] : [`+ ${name}: ${oneLine(showParam(to))}\n`]),
  ]);
  return `${title}:\n${lines.join("")}`;
}
