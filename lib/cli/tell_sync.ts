import type { SyncOutcome, SyncStatus } from "../manager/sync.ts";
import type { DestinationCheck } from "../sync/verify.ts";
import type { CliContext } from "./context.ts";
import { tellBytes } from "./sizes.ts";

const MOST = 10;
const EVERY_MS = 200;

/** How far a sync is: one line redrawn on a terminal, nothing elsewhere. */
export class SentLine {
  #drawn = 0;

  constructor(private readonly context: CliContext) {}

  update(name: string, done: number, all: number): void {
    const now = this.context.clock.now();
    if (!this.context.terminal.err || now - this.#drawn < EVERY_MS) return;
    this.#drawn = now;
    this.context.err(`\r\x1b[2K${name}: ${done} of ${all} files`);
  }

  finish(): void {
    if (this.#drawn > 0) this.context.err("\r\x1b[2K");
  }
}

/** Whether everything that could be sent was. */
export function isWell({ pass, standing }: SyncOutcome): boolean {
  return pass !== undefined && !pass.error && standing.failed.length === 0;
}

/** The same for a program: an error as its words. */
export function asJson({ pass, ...rest }: SyncOutcome): object {
  if (!pass?.error) return { ...rest, pass };
  const { message, hint } = pass.error;
  return { ...rest, pass: { ...pass, error: { message, hint } } };
}

/** Says what one pass did, and on stderr what it could not. */
export function tellOutcome({ out, err, clock }: CliContext, outcome: SyncOutcome): void {
  const { name, pass, standing } = outcome;
  if (!pass) {
    const { reason, hint, until } = standing.waiting!;
    err(`${name}: waits until ${at(until, clock.now())}: ${reason}\n`);
    return err(`hint: ${hint ? `${hint}; then ` : ""}\`expflow sync run --now\`\n`);
  }
  const found = pass.found > 0 ? `, ${pass.found} were there already` : "";
  out(`${name}: sent ${files(pass.sent)} (${tellBytes(pass.bytes)})${found}\n`);
  if (standing.young > 0) {
    out(`${name}: ${files(standing.young)} changed a moment ago: left for the next time\n`);
  }
  if (pass.error) {
    err(`${name}: ${pass.error.message}\n`);
    if (pass.error.hint) err(`hint: ${pass.error.hint}\n`);
    err(`${name}: tried again from ${at(standing.waiting!.until, clock.now())} on\n`);
  }
  err(tellFailures(name, standing.failed, clock.now()));
}

function tellFailures(name: string, failed: SyncStatus["failed"], now: number): string {
  const lines = failed.slice(0, MOST).flatMap(({ path, reason, hint, until }) => [
    `${name}: ${path}: ${reason}; tried again from ${at(until, now)} on`,
    ...hint ? [`hint: ${hint}`] : [],
  ]);
  if (failed.length > MOST) lines.push(`${name}: and ${failed.length - MOST} more`);
  return lines.map((line) => `${line}\n`).join("");
}

/** How a destination stands. */
export function tellStanding(one: SyncStatus, now: number): string {
  const { name, to, by, waiting, complete, left } = one;
  const counts = [
    `${one.synced} of ${files(one.files)} synced`,
    one.growing > 0 ? `${one.growing} up to the last line` : "",
    one.pending > 0 ? `${one.pending} to send` : "",
    one.young > 0 ? `${one.young} being written` : "",
    one.failed.length > 0 ? `${one.failed.length} failed` : "",
  ].filter(Boolean).join(", ");
  const lines = [
    `${name} → ${to}`,
    `  ${counts} (${tellBytes(one.bytes)} in all)`,
    `  ${pastOf(one, now)}${complete === undefined ? "" : `; complete ${at(complete, now)}`}`,
    ...by ? [`  process ${by.pid} on ${by.host} is sending`] : [],
    ...waiting ? [`  waits until ${at(waiting.until, now)}: ${waiting.reason}`] : [],
    ...left.slice(0, MOST).map(({ path, reason }) => `  not sent: ${path} ${reason}`),
    ...left.length > MOST ? [`  not sent: and ${left.length - MOST} more`] : [],
  ];
  return `${lines.join("\n")}\n${tellFailures(`  ${name}`, one.failed, now)}`;
}

function pastOf({ began, ended, by }: SyncStatus, now: number): string {
  if (began === undefined) return "never sent";
  if (ended !== undefined) return `last pass ${at(ended, now)}`;
  return by ? `pass since ${at(began, now)}` : `last pass ${at(began, now)} did not end`;
}

/** What was read again. */
export function tellVerification(
  { name, files: all, good, missing, different }: DestinationCheck & { name: string },
): string {
  const bad = [
    ...missing.map((path) => `${name}: ${path}: is missing there`),
    ...different.map((path) => `${name}: ${path}: holds something else there`),
    ...good < all ? [`${name}: \`expflow sync run\` sends again what is still here`] : [],
  ];
  return `${name}: ${good} of ${files(all)} have their checksum\n${
    bad.map((line) => `${line}\n`).join("")
  }`;
}

function files(count: number): string {
  return count === 1 ? "1 file" : `${count} files`;
}

/** A time for the reader: of the day when it is near, else with its date. */
function at(time: number, now: number): string {
  const text = new Date(time).toISOString();
  const near = Math.abs(time - now) < 12 * 3_600_000;
  return near ? `${text.slice(11, 19)} UTC` : `${text.slice(0, 16).replace("T", " ")} UTC`;
}
