import { type Answer, ask, type SlurmPorts } from "./call.ts";
import {
  accountsCommand,
  parseAccounts,
  parsePartitions,
  parseQos,
  parseUserAssociations,
  partitionsCommand,
  qosCommand,
  type SiteRules,
  userAssociationsCommand,
} from "./accounting.ts";

/** The rules of a cluster for this user, or why they are not known. */
export async function readSiteRules(
  ports: SlurmPorts,
  cluster: string,
  user: string,
): Promise<SiteRules | { unknown: string }> {
  const answers = await Promise.all([
    ask(ports, userAssociationsCommand(user, cluster)),
    ask(ports, accountsCommand(cluster)),
    ask(ports, qosCommand),
    ask(ports, partitionsCommand),
  ]);
  const [own, accounts, qos, partitions] = answers.map(textOf);
  const failed = answers.find((answer) => !answer.ok);
  if (failed) return { unknown: failed.why };
  const { associations, defaultAccount } = parseUserAssociations(own!, user);
  return {
    user,
    associations: [...associations, ...parseAccounts(accounts!)],
    defaultAccount,
    qos: parseQos(qos!),
    partitions: parsePartitions(partitions!),
  };
}

function textOf(answer: Answer): string {
  return answer.ok ? answer.stdout : "";
}
