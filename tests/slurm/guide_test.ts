import { equal } from "node:assert/strict";
import { follow, guide } from "../docs/markdown.ts";
import { labIsUp, LabUser } from "./lab.ts";

for (const page of guide()) {
  if (!page.blocks.some(({ info }) => info === "sh slurm")) continue;
  Deno.test({
    name: `the commands for Slurm of docs/guide/${page.name} run`,
    ignore: !labIsUp,
    fn: async () => {
      await using alice = await LabUser.login("alice");
      const project = await alice.project();
      const expflow = `expflow() { ${alice.words([]).join(" ")} "$@"; }`;
      await follow(page, project, (info) => info === "sh slurm", async (commands) => {
        const argv = ["bash", "-euo", "pipefail", "-c", `${expflow}\n${commands}`];
        const { code, out, err } = await alice.do(argv, project);
        equal(code, 0, `${commands}\n${out}${err}`);
      });
    },
  });
}
