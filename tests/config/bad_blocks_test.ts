import assert from "node:assert/strict";
import { experimentOf, messageOf } from "./helpers.ts";

Deno.test("what is wrong in a block gives one line and a hint", async (t) => {
  const cases: [string, string][] = [
    [
      "command: x\nparams:\n  1lr: 1\n",
      'exp.yaml:3:3: Cannot use "1lr" in params: expected the name of a parameter | a letter or _, then letters, digits and _ . + ~ / @ : - (Hydra: + first)',
    ],
    [
      "command: x\nparams:\n  optim.lr: 1\n  optim: {lr: 2}\n",
      "exp.yaml:4:11: Cannot set params.optim.lr twice: it is set in line 3 too | remove one of them",
    ],
    [
      "command: x\nparams: [1]\n",
      "exp.yaml:2:9: Cannot use params: found a list, expected a mapping | write `key: value` lines, indented below it",
    ],
    [
      "command: x\nenvironment: {conda: a, uv: b}\n",
      "exp.yaml:2:25: Cannot use both conda and uv in environment | keep one of conda, venv, uv",
    ],
    [
      "command: x\nenvironment: {env: {HF_TOKEN: abcdef}}\n",
      "exp.yaml:2:31: Cannot use environment.env.HF_TOKEN: its value looks like a secret | put it into a file of your own and name that: environment.secrets: {HF_TOKEN: ~/.secret}",
    ],
    [
      "command: x\nenvironment: {env: {X: hf_abcdefghijklmnop12}}\n",
      "exp.yaml:2:24: Cannot use environment.env.X: its value looks like a secret | put it into a file of your own and name that: environment.secrets: {X: ~/.secret}",
    ],
    [
      "command: x\nenvironment: {env: {A-B: c}}\n",
      'exp.yaml:2:21: Cannot use "A-B" in environment.env: expected the name of a variable | a letter or _, then letters, digits and _',
    ],
    [
      "command: x\nenvironment: {module: [a]}\n",
      'exp.yaml:2:15: Cannot use the key "module" in environment: it is not known here | did you mean "modules"?',
    ],
    [
      "command: x\nenvironment: {container: {img: a}}\n",
      "exp.yaml:2:15: Cannot use environment.container: it has no image | add image:",
    ],
    [
      "command: x\nenvironment: {container: 5}\n",
      "exp.yaml:2:26: Cannot use environment.container: found 5, expected an image or a mapping | write container: image.sif",
    ],
    [
      "command: x\nenvironment: {venv: $NOPE/x}\n",
      'exp.yaml:2:21: Cannot use the path "$NOPE/x": $NOPE is not set | write the path out, or set the variable before you run expflow',
    ],
    [
      "command: x\nsweep: {grid: {lr: 0.1}}\n",
      "exp.yaml:2:20: Cannot use sweep.grid.lr: found 0.1, expected a list of values | write [0.1, 0.01], or a range: 0:1:0.1, log(1e-4,1e-1,7) (quoted inside { })",
    ],
    [
      "command: x\nsweep: {grid: {lr: []}}\n",
      "exp.yaml:2:20: Cannot use sweep.grid.lr: found a list, expected one item at least | give it an item, or leave it out",
    ],
    [
      "command: x\nsweep: {grid: {lr: [1, 2, 1]}}\n",
      "exp.yaml:2:27: Cannot sweep over lr: values 1 and 3 are the same (1) | remove one of them; for replicates use seeds",
    ],
    [
      "command: x\nsweep: {grid: {params.lr: [1, 2]}}\n",
      'exp.yaml:2:16: Cannot sweep over "params.lr": keys of a sweep are parameters | write lr',
    ],
    [
      "command: x\nsweep: {list: [{a: 1}, {a: 1}]}\n",
      "exp.yaml:2:24: Cannot sweep over list: points 1 and 2 are the same | remove one of them; for replicates use seeds",
    ],
    [
      "command: x\nsweep: {list: [{a: 1}], grid: {a: [1]}}\n",
      "exp.yaml:2:35: Cannot sweep over a in grid: list sweeps over a already | sweep over a parameter in one place",
    ],
    [
      "command: x\nsweep: {seeds: 3, grid: {seed: [1]}}\n",
      "exp.yaml:2:16: Cannot sweep over seed in seeds: grid sweeps over seed already | sweep over a parameter in one place",
    ],
    [
      "command: x\nsweep: {seeds: 0}\n",
      "exp.yaml:2:16: Cannot use sweep.seeds: found 0, expected a whole number, 1 or more | leave it out where it is not needed",
    ],
    [
      "command: x\nsweep: {seeds: [1, x]}\n",
      'exp.yaml:2:20: Cannot use sweep.seeds[1]: found "x", expected a whole number | write it without quotes',
    ],
    [
      "command: x\nsweep: {gird: {lr: [1]}}\n",
      'exp.yaml:2:9: Cannot use the key "gird" in sweep: it is not known here | did you mean "grid"?',
    ],
    [
      "command: x\nparams: {optim: {lr: 1}}\nsweep: {grid: {optim: [adam]}}\n",
      "exp.yaml:3:24: Cannot sweep over optim: params.optim is a group with lr, which a plain value would replace | sweep over one of its parameters, or set params.optim to a plain value as well",
    ],
    [
      "command: x\nharvest: 5\n",
      "exp.yaml:2:10: Cannot use harvest: found 5, expected a path, a list of files, or a mapping | write harvest: result.json",
    ],
    [
      "command: x\nharvest: result.txt\n",
      'exp.yaml:2:10: Cannot harvest "result.txt": its format is not known, expected .json, .jsonl, .csv, .tsv, or format: | add format: json, tensorboard, … or regex: {metric: expression}',
    ],
    [
      "command: x\nharvest: [../x.json]\n",
      'exp.yaml:2:11: Cannot harvest "../x.json": expected a path inside the run\'s folder | write result.json',
    ],
    [
      "command: x\nharvest: {regex: {acc: 'a('}}\n",
      "exp.yaml:2:10: Cannot harvest acc with \"a(\": Unterminated group | quote it, '…', and write \\( for a plain bracket",
    ],
    [
      "command: x\nharvest: {regex: {acc: 'a'}}\n",
      'exp.yaml:2:10: Cannot harvest acc with "a": it has 0 groups, expected 1 | put the number in ( ); a group that only joins is (?: )',
    ],
    [
      "command: x\nharvest: [{metrics: a}]\n",
      "exp.yaml:2:11: Cannot harvest: it has no path | add path: result.json",
    ],
    [
      "command: x\nharvest: [{pth: a}]\n",
      'exp.yaml:2:12: Cannot use the key "pth" in harvest.files[0]: it is not known here | did you mean "path"?',
    ],
    [
      "command: x\nharvest: {files: a.json, direction: {acc: up}}\n",
      'exp.yaml:2:43: Cannot use harvest.direction.acc: found "up", expected min or max | write one of these words',
    ],
    [
      'command: x\nenvironment: {modules: ["a\\nb"]}\n',
      'exp.yaml:2:25: Cannot use environment.modules[0]: found "a\\nb", expected one line of text | it may not be empty, nor hold line breaks or other control characters',
    ],
    [
      'command: x\nenvironment: {secrets: {TOKEN: ""}}\n',
      'exp.yaml:2:32: Cannot use environment.secrets.TOKEN: found "", expected one line of text | it may not be empty, nor hold line breaks or other control characters',
    ],
    [
      "command: x\nenvironment: {container: {runtime: docker, image: a}}\n",
      'exp.yaml:2:36: Cannot use environment.container.runtime: found "docker", expected apptainer or singularity | write one of these words',
    ],
    [
      "command: x\nenvironment: {env: {A: [1]}}\n",
      "exp.yaml:2:24: Cannot use environment.env.A: found a list, expected text | write the value as it should be",
    ],
    [
      "command: x\nparams: {token: hf_abcdefghijklmnop12}\n",
      "exp.yaml:2:17: Cannot use params.token: its value looks like a secret | put it into a file of your own and name that: environment.secrets: {NAME: ~/.secret}",
    ],
    [
      "command: x\nsweep: {list: [1]}\n",
      "exp.yaml:2:16: Cannot use sweep.list[0]: found 1, expected a mapping | write `key: value` lines, indented below it",
    ],
    [
      "command: x\nsweep: [1]\n",
      "exp.yaml:2:8: Cannot use sweep: found a list, expected a mapping | write `key: value` lines, indented below it",
    ],
    [
      "command: x\nsweep: {seeds: [1, 1]}\n",
      "exp.yaml:2:20: Cannot sweep over seeds: values 1 and 2 are the same (1) | remove one of them; for replicates use seeds",
    ],
    [
      "command: x\nsweep: {seeds: 2, seed_key: 1a}\n",
      'exp.yaml:2:29: Cannot use sweep.seed_key: found "1a", expected the name of a parameter | a letter or _, then letters, digits and _ . + ~ / @ : - (Hydra: + first)',
    ],
    [
      "command: x\nharvest: {path: a.json, regex: {a: (b)}, format: json}\n",
      "exp.yaml:2:10: Cannot harvest \"a.json\": its format and regex do not go together | regex: {acc: 'acc=([0-9.]+)'} goes with format: regex, or with no format",
    ],
    [
      "command: x\nharvest: {path: a.json, format: xml}\n",
      'exp.yaml:2:33: Cannot use harvest.files[0].format: found "xml", expected json, jsonl, csv, regex, lightning, trainer, tensorboard, wandb, mlflow or hydra | write one of these words',
    ],
  ];
  for (const [text, message] of cases) {
    await t.step(JSON.stringify(text), () => {
      const found = messageOf(() => experimentOf(text));
      assert.equal(found, message);
      assert.match(found, /^[^\n]+ \| [^\n]+$/);
    });
  }
});
