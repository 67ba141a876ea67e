import type { Environment } from "../environment.ts";
import { type Finding, ok } from "./finding.ts";

/** Whether anything here looks like Slurm, or was meant to be. */
export function hasSlurm({ slurm, controller, partitions }: Environment): boolean {
  return [slurm, controller, partitions].some(({ value, unknown }) =>
    value !== undefined || unknown
  );
}

/** Whether jobs can be submitted at all. */
export function checkSbatch(found: Environment, wantsSlurm: boolean): Finding {
  const { value, source, unknown } = found.slurm;
  if (value !== undefined) return ok("sbatch", `${value} (${source})`);
  if (unknown) {
    return {
      check: "sbatch",
      state: "wrong",
      found: source,
      hint: "run it yourself: the client of Slurm does not work on this machine",
    };
  }
  if (!wantsSlurm && !hasSlurm(found)) {
    return ok("sbatch", "there is no Slurm here: the local scheduler is used");
  }
  return {
    check: "sbatch",
    state: "wrong",
    found: `${source}, though ${wantsSlurm ? "the project asks for Slurm" : "scontrol is here"}`,
    hint: "submit from a login node, or load the site's module: `module load slurm`",
  };
}

/** Whether the controller answers. */
export function checkController({ controller }: Environment): Finding {
  const { value, source } = controller;
  if (value !== undefined && /\bis UP\b/.test(value)) return ok("controller", value);
  return {
    check: "controller",
    state: "wrong",
    found: value ?? source,
    hint: "nothing can be submitted until it answers: wait, and look at the site's status page",
  };
}

/** Whether the accounting database answers. */
export function checkAccounting({ accounts, config }: Environment): Finding {
  if (config.value?.accounting === false) {
    return ok("accounting", "this cluster accounts nothing (AccountingStorageType)");
  }
  if (accounts.value !== undefined) return ok("accounting", `it answers (${accounts.source})`);
  return {
    check: "accounting",
    state: accounts.unknown ? "wrong" : "unknown",
    found: `not known: ${accounts.source}`,
    hint: "jobs run all the same; accounts and the ends of old jobs are unknown until it answers",
  };
}

/** Whether this user may charge anything. */
export function checkAccount({ accounts, config, user, cluster }: Environment): Finding {
  const check = "account";
  const enforced = config.value?.enforced?.includes("associations");
  if (accounts.value === undefined) {
    return { check, state: "unknown", found: `not known: ${accounts.source}` };
  }
  const name = config.value?.clusterName;
  const here = accounts.value.filter((one) => name === undefined || one.cluster === name);
  if (here.length > 0) {
    const preset = here.find(({ isDefault }) => isDefault)?.account;
    const all = [...new Set(here.map(({ account }) => account))].join(", ");
    return preset ? ok(check, `${all}; ${preset} by default (${accounts.source})`) : {
      check,
      state: "warning",
      found: `${all}; none by default (${accounts.source})`,
      hint: "set `account` in .hpc_config.yaml to one of them",
    };
  }
  if (enforced === false) return ok(check, "none, and none is needed here");
  const elsewhere = accounts.value.map((one) => one.cluster);
  const other = elsewhere.length > 0 ? `, only on ${[...new Set(elsewhere)].join(", ")}` : "";
  return {
    check,
    state: enforced ? "wrong" : "unknown",
    found: `${user.value} has no association on ${name ?? cluster.value ?? "this cluster"}${other}`,
    hint: "it was never made, or has expired: ask who manages your project, or the site's support",
  };
}
