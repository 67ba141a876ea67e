import type { Finding } from "./checks/finding.ts";
import { checkClocks, checkScratch, checkStorage } from "./checks/place.ts";
import {
  checkAccount,
  checkAccounting,
  checkController,
  checkSbatch,
  hasSlurm,
} from "./checks/slurm.ts";
import { checkGit, checkPython } from "./checks/tools.ts";
import type { Environment } from "./environment.ts";

/** Whether the project says that it is for Slurm. */
export interface Expectations {
  wantsSlurm: boolean;
}

/** What is right and wrong with the place expflow runs in, in the order it should be mended. */
export function diagnose(found: Environment, { wantsSlurm }: Expectations): Finding[] {
  const slurm = hasSlurm(found)
    ? [checkController(found), checkAccounting(found), checkAccount(found)]
    : [];
  return [
    checkSbatch(found, wantsSlurm),
    ...slurm,
    checkScratch(found),
    ...checkStorage(found),
    ...checkClocks(found),
    checkGit(found),
    checkPython(found),
  ];
}
