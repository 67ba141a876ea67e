import assert from "node:assert/strict";
import { type Around, experimentOf, messageOf } from "./helpers.ts";

Deno.test("what a user writes wrong gives one line and a hint", async (t) => {
  const cases: [string, string, Around?][] = [
    [
      'stages: {"a\\nb\\u0085": {comand: x}}\n',
      'exp.yaml:1:25: Cannot use the key "comand" in stages.a\ufffdb\ufffd: it is not known here | did you mean "command"?',
    ],
    [
      "extends: baselin\n",
      'exp.yaml:1:10: Cannot extend "baselin": there is no such template, experiment exp → baselin | did you mean "baseline"?',
      { "templates": { "baseline": "command: x" } },
    ],
    [
      "extends: a\n",
      'b.yaml:1:14: Cannot extend "a": the templates form a cycle, experiment exp → a → b → a | take one of these names out of its file',
      { "templates": { "a": "extends: b", "b": "extends: [c, a]", "c": "" } },
    ],
    [
      "command: x\nparams: {<<: *nope}\n",
      'exp.yaml:2:14: Cannot extend "nope": there is no such template, experiment exp → nope | known: a',
      { "templates": { "a": "" } },
    ],
    [
      "command: x\nresources:\n  gpus: four\n",
      'exp.yaml:3:9: Cannot use resources.gpus: found "four", expected a whole number | write GPUs a node, 2, or with their type, a100:2',
    ],
    [
      "command: x\nresources:\n  device_number: 4\n",
      'exp.yaml:3:3: Cannot use the key "device_number" in resources: it is not known here | known: partition, account, qos, time, nodes, ntasks, ntasks_per_node, cpus_per_task, mem, mem_per_cpu, mem_per_gpu, gpus, gpu_type, gpu_mem, constraint, nodelist, exclude, exclusive, reservation, signal, requeue, comment, gpu_mps, preemptible, priority, ram_disk, mail_user, mail_type, max_parallel, runs_per_job, runs_at_once, sbatch',
    ],
    [
      "command: x\nresources:\n  time: soon\n",
      'exp.yaml:3:9: Cannot use resources.time: found "soon", expected a time | write 02:00:00, 1-12:00 (days-hours:minutes), 2h, or 90 (minutes)',
    ],
    [
      "command: x\nresources:\n  time: [1]\n",
      "exp.yaml:3:9: Cannot use resources.time: found a list, expected a time | write 02:00:00, 1-12:00 (days-hours:minutes), 2h, or 90 (minutes)",
    ],
    [
      "command: x\nresources:\n  mem: lots\n",
      'exp.yaml:3:8: Cannot use resources.mem: found "lots", expected a memory size | write 16G, 4000M, or 4000 (MiB)',
    ],
    [
      'command: x\nresources:\n  partition: "a\\nb"\n',
      'exp.yaml:3:14: Cannot use resources.partition: found "a\\nb", expected one line of text | it may not be empty, nor hold line breaks or other control characters',
    ],
    [
      "command: x\nresources:\n  nodes: 0\n",
      "exp.yaml:3:10: Cannot use resources.nodes: found 0, expected a whole number, 1 or more | leave it out where it is not needed",
    ],
    [
      "command: x\nresources:\n  sbatch: [--array=1-3]\n",
      'exp.yaml:3:12: Cannot use resources.sbatch[0]: found "--array=1-3", expected an option of sbatch | write --name or --name=value, and none that expflow sets itself',
    ],
    [
      "command: x\nresources: 5\n",
      "exp.yaml:2:12: Cannot use resources: found 5, expected a mapping | write `key: value` lines, indented below it",
    ],
    [
      "command: 5\n",
      'exp.yaml:1:10: Cannot use command: found 5, expected text | quote it, as in "1"',
    ],
    [
      "description: none\n",
      "exp.yaml: Cannot run exp: it has no command, expected command: or stages: | add a line such as command: python train.py, or extends: with a template that has one",
    ],
    [
      'command: ""\n',
      "exp.yaml:1:1: Cannot run exp: its stage train has no command | add a line such as command: python train.py",
    ],
    [
      "stages: {train: {after: []}}\n",
      "exp.yaml:1:10: Cannot run exp: its stage train has no command | add a line such as command: python train.py",
    ],
    [
      "stages: {}\n",
      "exp.yaml: Cannot run exp: it has no command, expected command: or stages: | add a line such as command: python train.py, or extends: with a template that has one",
    ],
    [
      "stages:\n  train: a\n  eval: {command: b, after: trian}\n",
      'exp.yaml:3:29: Cannot run eval after "trian": no such stage | did you mean "train"?',
    ],
    [
      "stages:\n  train: {command: a, after: eval}\n  eval: {command: b, after: train}\n",
      "exp.yaml:2:30: Cannot order the stages: each waits for the next, train → eval → train | take one `after` away",
    ],
    [
      "stages:\n  train: {command: a, after: {eval: after}}\n  eval: b\n",
      'exp.yaml:2:37: Cannot use stages.train.after.eval: found "after", expected afterok or afterany | write one of these words',
    ],
    [
      "stages:\n  9a: x\n",
      'exp.yaml:2:3: Cannot name a stage "9a": expected another name | a letter, then letters, digits, _ and -; 32 characters at most',
    ],
    [
      "stages:\n  a: {command: x, args: click}\n",
      'exp.yaml:2:25: Cannot use stages.a.args: found "click", expected argparse, hydra or none | write one of these words',
    ],
    [
      "command: x\nstages: {a: y}\n",
      "exp.yaml:2:1: Cannot use both command and stages | keep one of command, stages",
    ],
    [
      "comand: x\n",
      'exp.yaml:1:1: Cannot use the key "comand" at the top: it is not known | did you mean "command"? (a parameter of this name goes under params:)',
    ],
    [
      "command: x\nparams: {}\nlr: 1\n",
      'exp.yaml:3:1: Cannot use the key "lr" at the top: it is not known, beside a params block | write it under params: params.lr',
    ],
    [
      "command: x\nparams: {}\nnum_gpus: 1\n",
      'exp.yaml:3:1: Cannot use the key "num_gpus" at the top: it is not known, beside a params block | write it under resources: resources.gpus',
    ],
    [
      "command: x\nparams: {}\nharvst: 1\n",
      'exp.yaml:3:1: Cannot use the key "harvst" at the top: it is not known, beside a params block | did you mean "harvest"?',
    ],
    [
      "command: x\nresources: {gpus: 1, num_gpus: 2}\n",
      "exp.yaml:2:22: Cannot set resources.gpus twice: it is set in line 2 already | remove one of them",
    ],
    [
      "command: x\nresources: {gres: shard:1}\n",
      "exp.yaml:2:19: Cannot use resources.gres: expected gpu:[type:]number | write gpu:2 or gpu:a100:2; anything else goes under sbatch: [--gres=…]",
    ],
    [
      "command: x\nresources: {mem: 1G, mem_per_cpu: 2G}\n",
      "exp.yaml:2:22: Cannot use both mem and mem_per_cpu in resources | keep one of mem, mem_per_cpu, mem_per_gpu",
    ],
    [
      "command: x --key sk-abcdefghijklmnop1234\n",
      "exp.yaml:1:10: Cannot use command: its value looks like a secret | put it into a file of your own and name that: environment.secrets: {NAME: ~/.secret}",
    ],
    [
      "command: x\nsnapshot: maybe\n",
      'exp.yaml:2:11: Cannot use snapshot: found "maybe", expected on or off | write one of these words',
    ],
    [
      "command: x\ntags: [1]\n",
      'exp.yaml:2:8: Cannot use tags[0]: found 1, expected text | quote it, as in "1"',
    ],
    [
      "command: x\nextends: {a: b}\n",
      "exp.yaml:2:10: Cannot use extends: expected the name of a template, or a list of names | write extends: baseline, or extends: [baseline, single-gpu]",
    ],
    [
      "- a\n",
      "exp.yaml:1:1: Cannot read the YAML: found a list, expected `key: value` lines | write lines such as command: python train.py",
    ],
    [
      "just text\n",
      'exp.yaml:1:1: Cannot read the YAML: found "just text", expected `key: value` lines | write lines such as command: python train.py',
    ],
    [
      "command: x\n",
      'Cannot set "lr=0.1": "lr" is not a key of an experiment | did you mean --set params.lr=0.1?',
      { "sets": ["lr=0.1"] },
    ],
    [
      "command: x\n",
      'Cannot set "time=0.1": "time" is not a key of an experiment | did you mean --set resources.time=0.1?',
      { "sets": ["time=0.1"] },
    ],
    [
      "command: x\n",
      'Cannot set "parms.lr=0.1": "parms" is not a key of an experiment | did you mean --set params.lr=0.1?',
      { "sets": ["parms.lr=0.1"] },
    ],
    ["command: x\n", 'Cannot set "params.lr": it has no = | write --set params.lr=VALUE', {
      "sets": ["params.lr"],
    }],
    [
      "command: x\n",
      '--set: Cannot use resources.gpus: found "four", expected a whole number | write GPUs a node, 2, or with their type, a100:2',
      { "sets": ["resources.gpus=four"] },
    ],
    [
      "command: x\n",
      'Cannot set "extends=four": templates cannot be changed this way | edit extends: in the file',
      { "sets": ["extends=four"] },
    ],
    ["command: x\n", 'Cannot set "params..x=1": a part of its key is empty | as params.lr=0.1', {
      "sets": ["params..x=1"],
    }],
    [
      "command: x\n",
      "Cannot read the value \"[1\": unexpected end of the stream within a flow collection | write a number, true, a word, 'a text', [a, list] or {a: mapping}",
      { "sets": ["params.x=[1"] },
    ],
    [
      "command: x\n",
      "Cannot read the value \".nan\": JSON has no such number; quote it to keep the text | write a number, true, a word, 'a text', [a, list] or {a: mapping}",
      { "sets": ["params.x=.nan"] },
    ],
    [
      "command: x\n",
      ".hpc_config.yaml:1:10: Cannot read version 2: this project was written by a newer expflow, expected version 1 | use the expflow that wrote it, or a newer one",
      { "project": "version: 2\nfoo: 1\n" },
    ],
    [
      "command: x\n",
      '.hpc_config.yaml:1:24: Cannot use the key "tme" in defaults.resources: it is not known here | did you mean "time"?',
      { "project": "defaults: {resources: {tme: 1}}\n" },
    ],
    [
      "command: x\n",
      '.hpc_config.yaml:1:12: Cannot use the key "extends" in defaults: it is not known here | known: description, tags, command, stages, args, launcher, params, resources, environment, resume, max_restarts, checkpoint, chain, retry, sweep, search, harvest, workdir, snapshot',
      { "project": "defaults: {extends: x}\n" },
    ],
    [
      "command: x\n",
      ".hpc_config.yaml:1:5: Cannot use *a: no anchor &a before it in this file | define it before with &a; only `<<: *a` may name a template file",
      { "project": "<<: *a\n" },
    ],
    [
      "command: x\nparams: {lr: 1}\nepochs: 3\n",
      'exp.yaml:3:1: Cannot use the key "epochs" at the top: it is not known, beside a params block | write it under params: params.epochs',
    ],
    [
      "command: x\nsnapshots: off\n",
      'exp.yaml:2:1: Cannot use the key "snapshots" at the top: it is not known | did you mean "snapshot"? (a parameter of this name goes under params:)',
    ],
    [
      "command: x\nresources: {exclusive: 1}\n",
      "exp.yaml:2:24: Cannot use resources.exclusive: found 1, expected true or false | write it without quotes",
    ],
    [
      "command: x\nresources: {signal: 120}\n",
      'exp.yaml:2:21: Cannot use resources.signal: found "120", expected a signal | write USR1@120: the signal, and seconds before the time limit',
    ],
    [
      'command: x\nresources: {comment: "a\\u0085b"}\n',
      'exp.yaml:2:22: Cannot use resources.comment: found "a�b", expected one line of text | it may not be empty, nor hold line breaks or other control characters',
    ],
    [
      "stages: {a: {command: x, after: {c: afterok}}}\n",
      'exp.yaml:1:33: Cannot run a after "c": no such stage | known: a',
    ],
    [
      "stages: {a: 5}\n",
      "exp.yaml:1:13: Cannot use stages.a: found 5, expected a command or a mapping | write train: python train.py",
    ],
    [
      "stages: [a]\n",
      "exp.yaml:1:9: Cannot use stages: found a list, expected a mapping | write `key: value` lines, indented below it",
    ],
    [
      "command: x\ndescription: [a]\n",
      'exp.yaml:2:14: Cannot use description: found a list, expected text | quote it, as in "1"',
    ],
    [
      "extends: [base]\nresources: {gpus: [1]}\n",
      "exp.yaml:2:19: Cannot use resources.gpus: found a list, expected a whole number | write GPUs a node, 2, or with their type, a100:2",
      { "templates": { "base": "command: x\nresources: {nodes: two}\n" } },
    ],
    [
      "command: x\n",
      '.hpc_config.yaml:2:1: Cannot use the key "acount": it is not known here | did you mean "account"?',
      { "project": "version: 1\nacount: x\n" },
    ],
    [
      "command: x\n",
      '.hpc_config.yaml:1:15: Cannot use local.cpus: found "many", expected a whole number | write it without quotes: 2',
      { "project": "local: {cpus: many}\n" },
    ],
    [
      "command: x\n",
      '.hpc_config.yaml:1:12: Cannot use scheduler: found "pbs", expected auto, slurm, local or queue | write one of these words',
      { "project": "scheduler: pbs\n" },
    ],
    [
      "command: x\n",
      '.hpc_config.yaml:1:10: Cannot use version: found "one", expected 1 | this is the version of the file, not of the project',
      { "project": "version: one\n" },
    ],
    ["command: x\n", 'Cannot set "description": it has no = | write --set description=VALUE', {
      "sets": ["description"],
    }],
    [
      "command: x\n",
      '--set: Cannot use the key "tme" in resources: it is not known here | did you mean "time"?',
      { "sets": ["resources.tme=2h"] },
    ],
  ];
  for (const [text, message, around] of cases) {
    await t.step(JSON.stringify(around ?? text), () => {
      const found = messageOf(() => experimentOf(text, around));
      assert.equal(found, message);
      assert.match(found, /^[^\n]+ \| [^\n]+$/);
    });
  }
});
