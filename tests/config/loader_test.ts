import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, NotFoundError, UsageError } from "../../lib/core/errors.ts";
import {
  type ConfigPlace,
  defineExperiment,
  listExperiments,
  listTemplates,
  loadExperiment,
  loadProject,
  loadTemplate,
  readExperiment,
} from "../../lib/config/loader.ts";
import { formatOrigin, provenance, toValue } from "../../lib/config/located.ts";
import { parseSweepLine } from "../../lib/config/sweep_line.ts";

const env = { HOME: "/home/me" };

function withProject(files: Record<string, string>, action: (place: ConfigPlace) => void): void {
  const root = Deno.makeTempDirSync();
  const place = {
    root,
    config: join(root, ".hpc_config.yaml"),
    experiments: join(root, "experiment_configs"),
    templates: join(root, "experiment_templates"),
  };
  try {
    Deno.mkdirSync(place.experiments);
    Deno.mkdirSync(place.templates);
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(join(root, name), text);
    }
    action(place);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

const FILES = {
  ".hpc_config.yaml": "version: 1\naccount: lab\n",
  "experiment_configs/exp001.yaml": "extends: mine\nparams: {lr: 0.5}\n",
  "experiment_configs/broken.yaml": "command: x\nparams: [\n",
  "experiment_configs/wrong.yaml": "extends: mine\nresources:\n  gpus: many\n",
  "experiment_configs/notes.txt": "",
  "experiment_templates/mine.yaml": "extends: baseline\nresources: {time: 1h}\n",
  "experiment_templates/container.yaml": "command: my own\n",
};

Deno.test("loadExperiment() finds templates of the project, then the shipped ones", () => {
  withProject(FILES, (place) => {
    const { experiment, tree } = loadExperiment(place, "exp001", {
      env,
      sets: ["params.epochs=2"],
    });
    assert.deepEqual(experiment.params, { epochs: 2, lr: 0.5 });
    assert.deepEqual(experiment.stages[0]!.resources, {
      ...{ account: "lab", time: "1h", cpus_per_task: 1 },
    });
    assert.equal(experiment.workdir, place.root);
    const origins = Object.fromEntries(
      provenance(tree).map(({ path, origin }) => [path, formatOrigin(origin)]),
    );
    assert.equal(origins["params.lr"], "experiment_configs/exp001.yaml:2:14");
    assert.equal(origins["params.epochs"], "--set");
    assert.equal(origins["resources.time"], "experiment_templates/mine.yaml:2:19");
    assert.equal(origins["resources.account"], ".hpc_config.yaml:2:10");
    assert.match(origins["command"]!, /^expflow:baseline\.yaml:\d+:1$/);
    assert.equal(origins["snapshot"], "default");
  });
});

Deno.test("--sweep takes the place of the file's sweep", () => {
  const files = {
    "experiment_configs/e.yaml": "command: x\nsweep: {grid: {a: [1, 2]}, seeds: 3}\n",
  };
  withProject(files, (place) => {
    const { experiment } = loadExperiment(place, "e", { env, sweep: parseSweepLine("b=3,4") });
    assert.deepEqual(experiment.sweep, { grid: { b: [3, 4] } });
  });
});

Deno.test("defineExperiment() and readExperiment() need no file", () => {
  withProject(FILES, (place) => {
    const options = { env, source: "expflow run" };
    const { experiment, tree } = defineExperiment(place, "adhoc", {
      command: "python x.py",
      resources: { gpus: 1, time: undefined },
      params: { lr: 1 },
    }, options);
    assert.deepEqual(experiment.stages[0]!.resources, { account: "lab", gpus: 1 });
    assert.ok(provenance(tree).some(({ origin }) => origin.source === "expflow run"));
    assert.throws(
      () => defineExperiment(place, "adhoc", { command: "x", params: { lr: NaN } }, options),
      { message: "expflow run: Cannot keep NaN (number): expected a value that JSON can hold" },
    );
    assert.equal(readExperiment(place, "new", "command: y", { env }).experiment.id, "new");
  });
});

Deno.test("the loader says what is not there or wrong", async (t) => {
  const cases: [
    string,
    (place: ConfigPlace) => unknown,
    typeof ConfigError | typeof NotFoundError,
    string,
    string,
  ][] = [
    [
      "an unknown experiment",
      (place) => loadExperiment(place, "exp01", { env }),
      NotFoundError,
      "Cannot find the experiment exp01: there is no experiment_configs/exp01.yaml",
      'did you mean "exp001"?',
    ],
    [
      "a bad id",
      (place) => loadExperiment(place, "../exp001", { env }),
      UsageError,
      'Cannot use "../exp001" as an experiment id',
      "ids start with a letter or digit, hold letters, digits, '.', '_', '-' (no '..'), and are at most 100 characters",
    ],
    [
      "an unknown template",
      (place) => loadTemplate(place, "basline"),
      NotFoundError,
      "Cannot find the template basline",
      'did you mean "baseline"?',
    ],
    [
      "broken YAML",
      (place) => loadExperiment(place, "broken", { env }),
      ConfigError,
      'experiment_configs/broken.yaml:3:1: Cannot read the YAML: deficient indentation, in "params: ["',
      "check indentation, quotes and brackets on this line and the one before",
    ],
    [
      "a wrong value",
      (place) => loadExperiment(place, "wrong", { env }),
      ConfigError,
      'experiment_configs/wrong.yaml:3:9: Cannot use resources.gpus: found "many", expected a whole number',
      "write GPUs a node, 2, or with their type, a100:2",
    ],
  ];
  for (const [name, action, kind, message, hint] of cases) {
    await t.step(name, () => {
      withProject(FILES, (place) => {
        assert.throws(() => action(place), (error) => {
          assert.ok(error instanceof kind);
          assert.equal(error.message, message);
          assert.equal(error.hint, hint);
          return true;
        });
      });
    });
  }
});

Deno.test("lists are sorted, and hold what can be named", () => {
  withProject(FILES, (place) => {
    assert.deepEqual(listExperiments(place), ["broken", "exp001", "wrong"]);
    const templates = listTemplates(place);
    assert.deepEqual(templates.find(({ name }) => name === "container")?.origin, "project");
    assert.deepEqual(templates.find(({ name }) => name === "baseline")?.origin, "shipped");
    assert.deepEqual(templates.map(({ name }) => name), templates.map(({ name }) => name).sort());
    assert.equal(
      (toValue(loadTemplate(place, "container")) as { command: string }).command,
      "my own",
    );
  });
});

Deno.test("a folder without any of the files is an empty project", () => {
  withProject({}, (place) => {
    Deno.removeSync(place.experiments);
    Deno.removeSync(place.templates);
    assert.deepEqual(loadProject(place).settings, {
      scheduler: "auto",
      local: {},
      slurm: {},
      ai: {},
      sync: {},
    });
    assert.deepEqual(listExperiments(place), []);
  });
});

Deno.test("an experiment with three levels of templates loads in well under 30 ms", () => {
  const files = {
    "experiment_templates/a.yaml": "extends: b\nparams: {x: 1}\n",
    "experiment_templates/b.yaml": "extends: single-gpu\nparams: {y: 1}\n",
    "experiment_configs/e.yaml": "extends: a\nparams: {z: 1}\n",
  };
  withProject(files, (place) => {
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now();
      loadExperiment(place, "e", { env });
      return performance.now() - start;
    });
    assert.ok(
      Math.min(...times) < 30,
      `took ${times.map((time) => time.toFixed(1)).join(", ")} ms`,
    );
  });
});
