import { stripVTControlCharacters } from "node:util";
import type { Question } from "../ask.ts";
import { accountsQuestion, type Association, parseAccounts } from "./accounts.ts";
import { parseQosLimits, type QosLimits, qosLimitsQuestion } from "./limits.ts";

/** What a user may charge, and the limits of every QOS: both from one `sacctmgr`. */
export interface AccountingQuestions {
  accounts: Question<Association[]>;
  qos: Question<QosLimits[]>;
}

/**
 * The two questions as lines for one interactive `sacctmgr`, which answers them one after another
 * over one connection. Their tables differ in the number of columns. A user whose name sacctmgr
 * would read otherwise is asked about apart.
 */
export function accountingQuestions(user: string): AccountingQuestions {
  const alone = { accounts: accountsQuestion(user), qos: qosLimitsQuestion };
  if (!/^[A-Za-z0-9_][\w.-]*$/.test(user)) return alone;
  const together = {
    argv: ["sacctmgr", "--readonly", "--noheader", "--parsable2"] as [string, ...string[]],
    stdin: [alone.accounts, alone.qos].map(({ argv }) => `${words(argv)}\n`).join(""),
  };
  return {
    accounts: { ...alone.accounts, ...together, parse: (text) => answered(text, parseAccounts) },
    qos: { ...alone.qos, ...together, parse: (text) => answered(text, parseQosLimits) },
  };
}

function words([, ...rest]: readonly string[]): string {
  return rest.filter((word) => !word.startsWith("-")).join(" ");
}

/** Every database has a QOS: where not even that was told, the other table is no answer either. */
function answered<T>(
  stdout: string,
  read: (text: string) => T[] | undefined,
): T[] | undefined {
  const text = stripVTControlCharacters(stdout).replaceAll(/^(?:sacctmgr: ?)+/gm, "");
  return parseQosLimits(text)?.length ? read(text) ?? [] : undefined;
}
