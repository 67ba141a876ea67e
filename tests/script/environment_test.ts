import assert from "node:assert/strict";
import { dirname } from "node:path";
import { ConfigError, UsageError } from "../../lib/core/errors.ts";
import type { EnvironmentSpec } from "../../lib/core/experiment.ts";
import { renderScript } from "../../lib/script/render.ts";
import { BASH, type Lab, modelIn, NOTHING, withLab } from "./harness.ts";

/** A start-up script as they are in the wild: unset variables, and commands that fail. */
const THIRD_PARTY = 'false; [ -z "$PS1" ]; false | true\n';
const MODULE = `module() { case "$1 $2" in
  "load "*) [ "$2" != missing ] || return 1; LOADED+="$2,"; export LOADED; $NOTHING; false ;;
  purge*) LOADED=; PURGED=yes; export PURGED ;;
esac; [ "$2" = missing ] || true
}`;

function put(lab: Lab, path: string, text: string): string {
  const file = lab.at(path);
  Deno.mkdirSync(dirname(file), { recursive: true });
  Deno.writeTextFileSync(file, text, { mode: 0o755 });
  return file;
}

async function runIn(
  lab: Lab,
  environment: Partial<EnvironmentSpec>,
  command: string,
  env: Record<string, string | undefined> = {},
) {
  const script = lab.write({ command, environment: { ...NOTHING, ...environment } });
  const { code, stdout, stderr } = await lab.run(script, { HOME: lab.root, ...env });
  return { code, stdout, stderr };
}

function withModules(lab: Lab): Record<string, string> {
  return { BASH_ENV: put(lab, "modules.sh", MODULE), LOADED: "old," };
}

Deno.test("modules are loaded in order, after a purge", async (t) => {
  await t.step("with purge", () =>
    withLab(async (lab) => {
      const modules = ["cuda/12.1", "it's; $(exit 9)"];
      const reply = await runIn(lab, { modules }, 'echo "$LOADED $PURGED"', withModules(lab));
      assert.equal(reply.stdout, "cuda/12.1,it's; $(exit 9), yes\n", reply.stderr);
    }));
  await t.step("without", () =>
    withLab(async (lab) => {
      const reply = await runIn(
        lab,
        { modules: ["a"], purge: false },
        'echo "$LOADED [$PURGED]"',
        withModules(lab),
      );
      assert.equal(reply.stdout, "old,a, []\n", reply.stderr);
    }));
  await t.step("one that is missing stops the job", () =>
    withLab(async (lab) => {
      const reply = await runIn(lab, { modules: ["missing", "b"] }, "echo ran", withModules(lab));
      assert.deepEqual(reply, {
        code: 78,
        stdout: "",
        stderr: "expflow: Cannot load the module missing\n",
      });
      assert.deepEqual(lab.events(), ["0.train.1.end.78", "0.train.1.start.0"]);
    }));
});

Deno.test("Python environments are activated", async (t) => {
  await t.step("venv, with a third-party script", () =>
    withLab(async (lab) => {
      put(lab, "work/my env/bin/activate", `${THIRD_PARTY}export WHO=venv`);
      const reply = await runIn(lab, { venv: "my env" }, 'echo "$WHO"; false | true; echo never');
      assert.deepEqual([reply.stdout, reply.code], ["venv\n", 1]);
    }));
  await t.step("venv in the home folder", () =>
    withLab(async (lab) => {
      put(lab, "envs/a/bin/activate", "export WHO=home");
      const reply = await runIn(lab, { venv: "~/envs/a" }, 'echo "$WHO"');
      assert.equal(reply.stdout, "home\n", reply.stderr);
    }));
  await t.step("uv", () =>
    withLab(async (lab) => {
      put(lab, "work/.venv/bin/activate", "export WHO=uv");
      const reply = await runIn(lab, { uv: "." }, 'echo "$WHO $UV_NO_SYNC"');
      assert.equal(reply.stdout, "uv 1\n", reply.stderr);
    }));
  await t.step("conda, by its hook", () =>
    withLab(async (lab) => {
      const hook = `conda() { [ "$2" != missing ] && export WHO="$1 $2"; }`;
      put(lab, "miniconda3/bin/conda", `#!/bin/bash\ncat <<'E'\n${THIRD_PARTY}${hook}\nE\n`);
      const path = { PATH: "/usr/bin:/bin" };
      const reply = await runIn(lab, { conda: "my env" }, 'echo "$WHO"', path);
      assert.equal(reply.stdout, "activate my env\n", reply.stderr);
      Deno.removeSync(lab.at("state"), { recursive: true });
      const missing = await runIn(lab, { conda: "missing" }, "echo ran", path);
      assert.deepEqual(missing, {
        code: 78,
        stdout: "",
        stderr: "expflow: Cannot activate the conda environment missing\n",
      });
    }));
  const absent: [Partial<EnvironmentSpec>, RegExp][] = [
    [{ venv: "nowhere" }, /^expflow: Cannot find the virtual environment nowhere: check environ/],
    [{ uv: "sub" }, /^expflow: Cannot find .* sub\/\.venv: run "uv sync" in sub first\n$/],
    [{ conda: "x" }, /^expflow: Cannot find conda on /],
  ];
  for (const [environment, message] of absent) {
    await t.step(`${Object.keys(environment)} that is not there`, () =>
      withLab(async (lab) => {
        const reply = await runIn(lab, environment, "echo ran", { PATH: "/usr/bin:/bin" });
        assert.deepEqual([reply.code, reply.stdout], [78, ""]);
        assert.match(reply.stderr, message);
      }));
  }
});

Deno.test("variables, secrets and set-up lines reach the command", () =>
  withLab(async (lab) => {
    put(lab, "key file", 'pa$$ "word"\\\n');
    const environment = {
      env: { GREETING: "it's $HOME\n*", EMPTY: "" },
      secrets: { API_KEY: lab.at("key file"), OTHER: "~/key file" },
      setup: ["export FROM_SETUP=$GREETING", "cd /"],
    };
    const command = 'printf "%s|" "$GREETING" "$EMPTY" "$API_KEY" "$OTHER" "$FROM_SETUP" "$PWD"';
    const { stdout, stderr } = await runIn(lab, environment, command);
    const secret = 'pa$$ "word"\\';
    assert.equal(stdout, `it's $HOME\n*||${secret}|${secret}|it's $HOME\n*|/|`, stderr);
    assert.ok(!lab.read("train.sbatch").includes("word"));
  }));

Deno.test("a secret whose file is missing stops the job", () =>
  withLab(async (lab) => {
    const reply = await runIn(lab, { secrets: { API_KEY: "/nowhere/key" } }, "echo ran");
    assert.deepEqual(reply, {
      code: 78,
      stdout: "",
      stderr: "expflow: Cannot read the file of the secret API_KEY: /nowhere/key\n",
    });
  }));

Deno.test("a failing set-up line ends the run", () =>
  withLab(async (lab) => {
    const reply = await runIn(lab, { setup: ["false", "true"] }, "echo ran");
    assert.deepEqual([reply.code, reply.stdout], [1, ""]);
  }));

/** A runtime that notes its options, forgets the environment, and runs the command here. */
const RUNTIME = `#!/bin/bash
printf '%s\\n' "$@" > "$(dirname "$0")/../options"
while [[ $1 != /bin/bash ]]; do shift; done
shift
exec env -i PATH="$PATH" KEY="$KEY" ${BASH} "$@"
`;

Deno.test("a container gets the command, its values and its folders", () =>
  withLab(async (lab) => {
    put(lab, "bin/singularity", RUNTIME);
    put(lab, "work/env/bin/activate", "export WHO=inside");
    put(lab, "key", "secret");
    const hostile = 'it\'s "$(exit 9)"\n`x` \\ *';
    const script = lab.write({
      command: `printf '%s|' "$WHO" "$MINE" "$KEY" "$EXPFLOW_RUN" {params.text} '{params.text}'
cat <<'EXPFLOW_TEXT_2'
EXPFLOW_TEXT
EXPFLOW_TEXT_2
printf '%s|' {args}`,
      args: "argparse",
      runs: [{ index: 4, attempt: 1, params: { text: hostile, other: hostile } }],
      resources: { gpus: 1 },
      environment: {
        ...NOTHING,
        venv: "env",
        env: { MINE: hostile },
        secrets: { KEY: lab.at("key") },
        setup: ['MINE+="!"'],
        container: {
          image: "my image.sif",
          overlays: ["a.ext3", "b.ext3:ro", "c.ext3:rw", "d.sqsh:ro"],
          binds: ["/data dir:/data:ro", "~/x:/x"],
        },
      },
    });
    const env = { PATH: `${lab.at("bin")}:/usr/bin:/bin`, HOME: "/home/me" };
    const { code, stdout, stderr } = await lab.run(script, env);
    assert.equal(code, 0, stderr);
    assert.equal(
      stdout,
      `inside|${hostile}!|secret|4|${hostile}|${hostile}|EXPFLOW_TEXT\n--other|${hostile}|`,
    );
    const options = lab.read("options").split("\n");
    assert.deepEqual(options.slice(0, options.indexOf("/bin/bash")), [
      "exec",
      "--nv",
      ...["a.ext3:ro", "b.ext3:ro", "c.ext3", "d.sqsh:ro"].flatMap((name) => ["--overlay", name]),
      ...["/data dir:/data:ro", "/home/me/x:/x", lab.at("runs"), lab.at("work")]
        .flatMap((folder) => ["--bind", folder]),
      "--pwd",
      lab.at("work"),
      "my image.sif",
    ]);
  }));

/** A runtime that keeps only what it is told to hand over. */
const CLEAN = `#!/bin/bash
printf '%s\\0' "$@" >"$(dirname "$0")/../argv"
while [[ $1 != /bin/bash ]]; do shift; done
exec env -i PATH="$PATH" KEY="$APPTAINERENV_KEY" OLD="$SINGULARITYENV_KEY" "$@"
`;

Deno.test("names of overlays, binds and folders are given as they are, secrets as variables", () =>
  withLab(async (lab) => {
    put(lab, "bin/apptainer", CLEAN);
    put(lab, "key", "s3cret");
    const name = 'it\'s "$x"\n`y` \\ *'.replace("$", "");
    const shared = [lab.at("scratch folder"), lab.root, lab.at("runs")];
    const model = lab.model();
    const script = lab.write({
      command: 'printf "%s|" "$KEY" "$OLD" "$ENV_SH"',
      paths: { ...model.paths, shared },
      environment: {
        ...NOTHING,
        secrets: { KEY: lab.at("key") },
        setup: [`source ${JSON.stringify(put(lab, "ext3/env.sh", "export ENV_SH=conda"))}`],
        container: {
          image: `${name}.sif`,
          overlays: [`${name}.ext3`, `${name}.sqsh`],
          binds: [`/data/${name}:/data:ro`],
          nv: true,
        },
      },
    });
    const { code, stdout, stderr } = await lab.run(script, {
      PATH: `${lab.at("bin")}:/usr/bin:/bin`,
    });
    assert.deepEqual([code, stdout], [0, "s3cret|s3cret|conda|"], stderr);
    const argv = lab.read("argv").split("\0");
    assert.deepEqual(argv.slice(0, argv.indexOf("/bin/bash")), [
      ...["exec", "--nv", "--overlay", `${name}.ext3:ro`, "--overlay", `${name}.sqsh`],
      ...["--bind", `/data/${name}:/data:ro`, "--bind", lab.root, "--pwd", lab.at("work")],
      `${name}.sif`,
    ]);
    assert.ok(!argv.some((word) => word.includes("s3cret")));
  }));

Deno.test("a container keeps exit codes, and says when it has no runtime", async (t) => {
  const container = { image: "a.sif", overlays: [], binds: [], nv: false };
  await t.step("exit code", () =>
    withLab(async (lab) => {
      put(lab, "bin/apptainer", RUNTIME);
      const path = `${lab.at("bin")}:/usr/bin:/bin`;
      const reply = await runIn(lab, { container }, "false\necho never", { PATH: path });
      assert.deepEqual([reply.code, reply.stdout], [1, ""], reply.stderr);
      assert.ok(!lab.read("options").includes("--nv"));
    }));
  await t.step("no runtime", () =>
    withLab(async (lab) => {
      const reply = await runIn(lab, { container }, "echo ran", { PATH: "/usr/bin:/bin" });
      assert.deepEqual([reply.code, reply.stdout], [78, ""]);
      assert.match(reply.stderr, /^expflow: Cannot find apptainer or singularity on /);
    }));
});

Deno.test("what cannot be prepared safely is refused", async (t) => {
  const container = { image: "a.sif", overlays: [], binds: [] };
  const cases: Partial<EnvironmentSpec>[] = [
    { env: { "A-B": "1" } },
    { env: { "A=1; exit": "1" } },
    { env: { EXPFLOW_RUN: "1" } },
    { env: { A: "\0" } },
    { secrets: { "": "/a" } },
    { secrets: { A: "$HOME/a" } },
    { venv: "$HOME/env" },
    { container: { ...container, image: "$SCRATCH/a.sif" } },
    { container: { ...container, binds: ["$SCRATCH:/data"] } },
  ];
  for (const environment of cases) {
    await t.step(JSON.stringify(environment), () => {
      const model = modelIn("/p", { environment: { ...NOTHING, ...environment } });
      assert.throws(
        () => renderScript(model),
        (error) => error instanceof ConfigError || error instanceof UsageError,
      );
    });
  }
  await t.step("a folder that divides binds", () => {
    const model = modelIn("/p:q", { environment: { ...NOTHING, container } });
    assert.throws(() => renderScript(model), ConfigError);
  });
});
