import { equal } from "node:assert/strict";
import { Sandbox } from "../cli/harness.ts";
import { bash } from "./bash.ts";
import { follow, guide } from "./markdown.ts";

for (const page of guide()) {
  if (!page.blocks.some(({ info }) => info === "sh")) continue;
  Deno.test(`the commands of docs/guide/${page.name} run`, async () => {
    await using box = new Sandbox();
    const project = await box.project();
    await follow(page, project, (info) => info === "sh", async (commands) => {
      const { code, out, err } = await bash(box, project, commands);
      equal(code, 0, `${commands}\n${out}${err}`);
    });
  });
}
