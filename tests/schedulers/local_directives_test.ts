import assert from "node:assert/strict";
import {
  describeJob,
  parseDependencies,
  parseWarning,
} from "../../lib/schedulers/batch/describe.ts";
import { readDirectives } from "../../lib/schedulers/batch/directives.ts";
import type { JobSpec } from "../../lib/schedulers/batch/job_spec.ts";
import { expandPattern } from "../../lib/schedulers/batch/patterns.ts";
import { MAX_ARRAY_TASKS, parseArray, positionOf } from "../../lib/schedulers/batch/tasks.ts";
import { SchedulerError } from "../../lib/core/errors.ts";

function options(script: string): [string, string][] {
  return readDirectives(script).options.map(({ name, value }) => [name, value]);
}

Deno.test("readDirectives() reads lines as sbatch does", async (t) => {
  const cases: Record<string, [string, [string, string][]]> = {
    "long with =": ["#SBATCH --time=1:00", [["time", "1:00"]]],
    "long with a space": ["#SBATCH --time 1:00", [["time", "1:00"]]],
    "short, attached and apart": ["#SBATCH -n4 -c 2", [["ntasks", "4"], ["cpus-per-task", "2"]]],
    "each short form people use": [
      "#SBATCH -t 5 -N 1 -J a -o b -e c -a 0-3 -d afterok:1 -D /d -G 1 -p x",
      [
        ["time", "5"],
        ["nodes", "1"],
        ["job-name", "a"],
        ["output", "b"],
        ["error", "c"],
        ["array", "0-3"],
        ["dependency", "afterok:1"],
        ["chdir", "/d"],
        ["gpus", "1"],
        ["partition", "x"],
      ],
    ],
    "short flags together": ["#SBATCH -QHn2", [["quiet", ""], ["hold", ""], ["ntasks", "2"]]],
    "aliases and prefixes": [
      "#SBATCH --tasks=2 --cpus-per-t=3",
      [["ntasks", "2"], ["cpus-per-task", "3"]],
    ],
    "an optional value": ["#SBATCH --exclusive --nice=5", [["exclusive", ""], ["nice", "5"]]],
    "quotes": [`#SBATCH -J "a b" -o 'c "d"'`, [["job-name", "a b"], ["output", 'c "d"']]],
    "backslashes": [`#SBATCH -J a\\ b\\"c`, [["job-name", 'a b"c']]],
    "quotes inside": [`#SBATCH --job-name="a b"c`, [["job-name", "a bc"]]],
    "an empty value": [`#SBATCH --job-name=""`, [["job-name", ""]]],
    "a comment behind": ["#SBATCH -n 2 # four", [["ntasks", "2"]]],
    "a commented directive": ["##SBATCH -n 2\n# SBATCH -n 3\n #SBATCH -n 4", []],
    "blank lines and comments between": [
      "\n# c\n\n#SBATCH -n 2\n  # d\n#SBATCH -c 3",
      [["ntasks", "2"], ["cpus-per-task", "3"]],
    ],
    "nothing after the first command": ["#SBATCH -n 2\necho\n#SBATCH -n 3", [["ntasks", "2"]]],
  };
  for (const [name, [lines, expected]] of Object.entries(cases)) {
    await t.step(name, () => assert.deepEqual(options(`#!/bin/bash\n${lines}\n`), expected));
  }
});

Deno.test("readDirectives() notes what it ignores", () => {
  const { options, notes } = readDirectives("#!/bin/sh\n#SBATCH --foo bar -n 2 word -Z\n");
  assert.deepEqual(options.map(({ name }) => name), ["ntasks"]);
  assert.equal(notes.length, 3);
  assert(notes.every((note) => note.startsWith("line 2: ")));
});

Deno.test("parseArray() reads the forms of --array", async (t) => {
  const good: Record<string, [number[], number | undefined]> = {
    "0-3": [[0, 1, 2, 3], undefined],
    "5": [[5], undefined],
    "7,1,3-5": [[1, 3, 4, 5, 7], undefined],
    "0-10:4%2": [[0, 4, 8], 2],
    "1-3,2-4": [[1, 2, 3, 4], undefined],
    "1-2%0": [[1, 2], undefined],
  };
  for (const [text, [indices, throttle]] of Object.entries(good)) {
    await t.step(text, () => {
      const read = parseArray(text);
      assert.deepEqual([...read.indices], indices);
      assert.equal(read.throttle, throttle);
    });
  }
  const bad = ["", "a", "-1", "3-1", "0-3:0", "1%", "1%2%3", "1,,2", "0-5000000", "1 2"];
  for (const text of bad) {
    await t.step(`not ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseArray(text), SchedulerError);
    });
  }
  assert.throws(() => parseArray(`0-${MAX_ARRAY_TASKS}`), SchedulerError);
  assert.equal(parseArray(`1-${MAX_ARRAY_TASKS}`).indices.length, MAX_ARRAY_TASKS);
});

Deno.test("positionOf() finds tasks and nothing else", () => {
  const { indices } = parseArray("1,3,8-12:2");
  assert.deepEqual([1, 3, 8, 10, 12].map((task) => positionOf(indices, task)), [0, 1, 2, 3, 4]);
  assert.deepEqual([0, 2, 9, 13].map((task) => positionOf(indices, task)), [-1, -1, -1, -1]);
});

Deno.test("expandPattern() fills in as Slurm does", async (t) => {
  const values = { job: 12, array: 10, task: 2, name: "a %j", user: "me", node: "host" };
  const cases: Record<string, string> = {
    "slurm-%j.out": "slurm-12.out",
    "%A_%a": "10_2",
    "%4a-%012j": "0002-0000000012",
    "%x.%u.%N.%n": "a %j.me.host.0",
    "100%%-%%j": "100%-%j",
    "%q%": "%q%",
    "%5x": "a %j",
  };
  for (const [pattern, expected] of Object.entries(cases)) {
    await t.step(pattern, () => assert.equal(expandPattern(pattern, values), expected));
  }
});

Deno.test("parseDependencies() reads lists, and refuses what it does not know", () => {
  assert.deepEqual(parseDependencies("afterok:12:13,afterany:14"), [
    { type: "afterok", job: 12 },
    { type: "afterok", job: 13 },
    { type: "afterany", job: 14 },
  ]);
  assert.deepEqual(parseDependencies(""), []);
  for (const text of ["singleton", "afterok", "afterok:1?afterok:2", "afterok:1_2", "after:1"]) {
    assert.throws(() => parseDependencies(text), SchedulerError);
  }
});

Deno.test("parseWarning() reads --signal", () => {
  assert.deepEqual(parseWarning("B:USR1@120"), { signal: "SIGUSR1", before: 120, batchOnly: true });
  assert.deepEqual(parseWarning("SIGTERM"), { signal: "SIGTERM", before: 60, batchOnly: false });
  assert.deepEqual(parseWarning("R:15@5"), { signal: "SIGTERM", before: 5, batchOnly: false });
  for (const text of ["", "B:", "NOSUCH@1", "USR1@x"]) {
    assert.throws(() => parseWarning(text), SchedulerError);
  }
});

function describe(directives: string, head = "#!/bin/bash"): JobSpec {
  const lines = directives.split("\n").map((line) => `#SBATCH ${line}`).join("\n");
  return describeJob(`${head}\n${lines}\necho\n`, {
    script: "/scripts/train.sh",
    folder: "/submit",
    host: "host",
    environment: {},
    cpus: 4,
    epoch: 0,
  });
}

Deno.test("describeJob() turns options into a job", async (t) => {
  const cases: Record<string, [string, Partial<JobSpec>]> = {
    "defaults": ["-Q", {
      name: "train.sh",
      chdir: "/submit",
      ntasks: 1,
      cpus: 1,
      gpus: 0,
      requeue: true,
      openMode: "truncate",
      timeLimit: undefined,
    }],
    "the last of two": ["-n 2\n-n 3", { ntasks: 3, cpus: 3 }],
    "CPUs": ["-n 2 -c 2", { ntasks: 2, cpusPerTask: 2, cpus: 4 }],
    "CPUs beyond the machine": ["-c 100", { cpusPerTask: 100, cpus: 4 }],
    "the whole machine": ["--exclusive", { cpus: 4 }],
    "GPUs": ["-G 2", { gpus: 2 }],
    "GPUs of a type": ["--gpus=a100:2", { gpus: 2 }],
    "GPUs of two types": ["--gpus-per-node=a100:2,v100:1", { gpus: 3 }],
    "one GPU of a type": ["--gpus=a100", { gpus: 1 }],
    "GPUs a task": ["-n 2 --gpus-per-task=1", { gpus: 2 }],
    "gres": ["--gres=gpu:a100:2,shard:1", { gpus: 2 }],
    "plain gres": ["--gres=gpu", { gpus: 1 }],
    "time": ["-t 1-00:00:30", { timeLimit: 86430 }],
    "no time": ["-t 0", { timeLimit: undefined }],
    "a relative folder": ["-D sub", { chdir: "/submit/sub" }],
    "append": ["--open-mode=append", { openMode: "append" }],
    "no requeue": ["--no-requeue", { requeue: false }],
    "requeue after all": ["--no-requeue\n--requeue", { requeue: true }],
    "one node": ["-N 1-4", { ntasks: 1 }],
  };
  for (const [name, [directives, expected]] of Object.entries(cases)) {
    await t.step(name, () => {
      const spec = describe(directives);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(spec[key as keyof JobSpec], value, key);
      }
    });
  }
  assert.deepEqual(describe("-Q", "#!/usr/bin/env  python3 -u").interpreter, [
    "/usr/bin/env",
    "python3 -u",
  ]);
});

Deno.test("describeJob() notes what has no effect", () => {
  const { notes } = describe("--mem=4G -p gpu\n-c 100");
  assert.equal(notes.length, 3);
  assert(notes.some((note) => note.includes("--mem has no effect")));
  assert(notes.some((note) => note.includes("100 CPUs asked for, 4 there")));
});

Deno.test("describeJob() refuses what cannot be", async (t) => {
  const cases = [
    "-N 2",
    "--nodes=2-4",
    "-n 0",
    "-c x",
    "-G 2x",
    "-t soon",
    "-a 5-1",
    "-J a\u0007b",
    "--open-mode=x",
    "-d singleton",
    "--signal=NO@1",
  ];
  for (const directives of cases) {
    await t.step(directives, () => {
      assert.throws(() => describe(directives), SchedulerError);
    });
  }
  await t.step("no interpreter", () => {
    assert.throws(() => describe("-Q", "echo"), SchedulerError);
  });
  await t.step("DOS line breaks", () => {
    assert.throws(() => describe("-Q", "#!/bin/bash\r"), /DOS line breaks/);
  });
});
