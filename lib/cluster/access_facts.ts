import type { AccessFacts } from "./access.ts";
import { ask, type Question } from "./ask.ts";
import { detectPlace } from "./place.ts";
import type { DetectionPorts } from "./ports.ts";
import { accountsQuestion, type Association } from "./probes/accounts.ts";
import { configQuestion } from "./probes/config.ts";
import { partitionsQuestion } from "./probes/partitions.ts";
import { groupsQuestion } from "./probes/surroundings.ts";

/** What decides on access, as far as it is known, and what is not known with the reason. */
export interface GatheredFacts {
  facts: AccessFacts;
  /** Why there is no list of partitions, when there is none: then nothing can be said. */
  failure?: string;
  /** One line for each question that had no answer. */
  unknown: string[];
}

/** Asks what decides on access: each command once, all at the same time. */
export async function gatherAccessFacts(
  ports: DetectionPorts,
  accountsOf: (user: string) => Question<Association[]> = accountsQuestion,
): Promise<GatheredFacts> {
  const { user, host } = await detectPlace(ports);
  const [config, accounts, groups, partitions] = await Promise.all([
    ask(ports, configQuestion),
    ask(ports, accountsOf(user.value)),
    ask(ports, groupsQuestion),
    ask(ports, partitionsQuestion),
  ]);
  return {
    facts: {
      user: user.value,
      host: host.value,
      config: config.value,
      accounts: accounts.value,
      groups: groups.value,
      partitions: partitions.value ?? [],
    },
    ...(partitions.value === undefined ? { failure: partitions.source } : {}),
    unknown: [config, accounts, groups, partitions]
      .filter(({ value }) => value === undefined).map(({ source }) => source),
  };
}
