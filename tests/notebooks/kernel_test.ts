import { deepEqual, equal, match, ok } from "node:assert/strict";
import { basename, join } from "node:path";
import { Sandbox } from "../cli/harness.ts";
import {
  emptiness,
  type Notebook,
  notebookNames,
  NOTEBOOKS,
  type Output,
  picturesIn,
  readNotebook,
} from "./notebook.ts";

const python = Deno.env.get("EXPFLOW_TEST_PYTHON") ?? "python3";
const present = hasJupyter();
if (!present) {
  console.warn(
    "NOT RUN: the notebooks on Deno's real kernel, as this Python has no nbconvert\n" +
      "         (EXPFLOW_TEST_PYTHON names one: python3 -m venv, pip install nbconvert)",
  );
}
/** Seconds for one cell on a slow machine. */
const CELL_TIMEOUT = 180;

function hasJupyter(): boolean {
  try {
    const args = ["-c", "import nbconvert, nbclient"];
    return new Deno.Command(python, { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

async function run(program: string, args: string[], env: Record<string, string>): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, clearEnv: true, env })
    .output();
  const decoder = new TextDecoder();
  equal(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
}

function textIn(outputs: readonly Output[], type: string): string[] {
  return outputs.flatMap(({ data }) =>
    data?.[type] === undefined ? [] : [[data[type]].flat().join("")]
  );
}

for (const name of notebookNames()) {
  Deno.test({
    name: `${name} runs on Deno's kernel, as Jupyter runs it`,
    ignore: !present,
    fn: async () => {
      await using box = new Sandbox();
      const [temporary, data] = ["tmp", "data"].map((folder) => join(box.root, folder));
      Deno.mkdirSync(temporary!);
      const env = {
        ...box.env,
        TMPDIR: temporary!,
        XDG_DATA_HOME: data!,
        JUPYTER_PATH: join(data!, "jupyter"),
        JUPYTER_PREFER_ENV_PATH: "0",
      };
      await run(Deno.execPath(), ["jupyter", "--install"], env);
      await run(python, [
        ...["-m", "nbconvert", "--to", "notebook", "--execute"],
        `--ExecutePreprocessor.timeout=${CELL_TIMEOUT}`,
        ...["--output-dir", box.root, join(NOTEBOOKS, name)],
      ], env);
      const executed: Notebook = readNotebook(join(box.root, basename(name)));
      const code = executed.cells.filter(({ cell_type }) => cell_type === "code");
      for (const { source, outputs = [] } of code) {
        const errors = outputs.filter(({ output_type }) => output_type === "error");
        deepEqual(errors, [], source.join(""));
        if (/\bshow\(|watchRuns\(/.test(source.join(""))) {
          ok(textIn(outputs, "text/html").length > 0, `no output:\n${source.join("")}`);
        }
      }
      const all = code.flatMap(({ outputs = [] }) => outputs);
      const pictures = textIn(all, "text/html").flatMap(picturesIn);
      deepEqual(pictures.flatMap((svg) => emptiness(svg) ?? []), []);
      const shows = code.filter(({ source }) => source.join("").includes("pictureView("));
      equal(pictures.length, shows.length);
      for (const bar of textIn(all, "text/plain").filter((text) => /^\[[#.]{24}\]/.test(text))) {
        match(bar, /^\[#{24}\]/, "the bar did not move");
      }
      const left = [...Deno.readDirSync(temporary!)].map((entry) => entry.name);
      deepEqual(left.filter((name) => name.startsWith("expflow-notebook-")), []);
    },
  });
}
