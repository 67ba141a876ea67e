import assert from "node:assert/strict";
import { ConfigError } from "../../lib/core/errors.ts";
import type { ArgsStyle } from "../../lib/core/experiment.ts";
import { placeCommand } from "../../lib/script/placeholders.ts";

const NAMES = ["lr", "seed", "optim.lr", "optim", "optim_lr"];
const LR = "${expflow_param_lr}";

function place(command: string, args: ArgsStyle = "none") {
  return placeCommand(command, args, NAMES);
}

Deno.test("placeCommand() quotes a reference as its place asks for", async (t) => {
  const cases: [command: string, expected: string][] = [
    ["x {params.lr}", `x "${LR}"`],
    ["x a{params.lr}b", `x a"${LR}"b`],
    ['x "a {params.lr}"', `x "a ${LR}"`],
    ["x 'a {params.lr}'", `x 'a '"${LR}"''`],
    ["x $'a\\'{params.lr}'", `x $'a\\''"${LR}"$''`],
    ['x $"a {params.lr}"', `x $"a ${LR}"`],
    ['x "$(y {params.lr} "{params.lr}")"', `x "$(y "${LR}" "${LR}")"`],
    ["x `y {params.lr}`", `x \`y "${LR}"\``],
    ["x <(y '{params.lr}')", `x <(y ''"${LR}"'')`],
    ["x ${y:-{params.lr}}", `x \${y:-"${LR}"}`],
    ['x "${y:-{params.lr}}"', `x "\${y:-"${LR}"}"`],
    ["x ${y:-'}'} {params.lr}", `x \${y:-'}'} "${LR}"`],
    ['x "${y:-\'}" {params.lr}', `x "\${y:-'}" "${LR}"`],
    ["(cd x; y {params.lr})", `(cd x; y "${LR}")`],
    [
      "x $(case a in a) y {params.lr};; esac) '{params.lr}'",
      `x $(case a in a) y "${LR}";; esac) ''"${LR}"''`,
    ],
    ["x $(( (1 + 2) * 3 )) {params.lr}", `x $(( (1 + 2) * 3 )) "${LR}"`],
    ["x \\'{params.lr}\\'", `x \\'"${LR}"\\'`],
    ["x a#{params.lr}", `x a#"${LR}"`],
    ["x # '\ny {params.lr}", `x # '\ny "${LR}"`],
    ["cat <<E\n'$(\nE\ny {params.lr}", `cat <<E\n'$(\nE\ny "${LR}"`],
    ["cat <<-'E F' >o\n\t'\n\tE F\ny {params.lr}", `cat <<-'E F' >o\n\t'\n\tE F\ny "${LR}"`],
    ['cat <<< "\'" {params.lr}', `cat <<< "'" "${LR}"`],
    ["(( 1 << 2 )) && y {params.lr}", `(( 1 << 2 )) && y "${LR}"`],
    ["for ((i=1<<2;i;)) { y {params.lr}; }", `for ((i=1<<2;i;)) { y "${LR}"; }`],
    [
      "x {run.dir}/{run.index} {experiment} {code.dir}",
      'x "${EXPFLOW_RUN_DIR}"/"${EXPFLOW_RUN}" "${EXPFLOW_EXPERIMENT}" "${EXPFLOW_CODE_DIR}"',
    ],
    ["x {seed} {params.seed}", 'x "${expflow_param_seed}" "${expflow_param_seed}"'],
    [
      "x {params.optim.lr} {params.optim_lr}",
      'x "${expflow_param_optim_lr}" "${expflow_param_optim_lr_2}"',
    ],
    ["x {params.optim}", 'x "${expflow_param_optim}"'],
    ["x\r\ny {params.lr}\r\n", `x\ny "${LR}"`],
  ];
  for (const [command, expected] of cases) {
    await t.step(JSON.stringify(command), () => assert.equal(place(command).text, expected));
  }
});

Deno.test("placeCommand() leaves every other brace alone", async (t) => {
  const commands = [
    "x {a,b} {1..3} ${params} ${seed} ${params.lr} {} {print $1} { y; }",
    "awk '{print $1}' | sed 's/{seeds}/x/' # {params.nothing}",
    "x \\{params.lr} {param.lr} {experiments} {Seed}",
    "it's not closed, but nothing is to be filled in",
  ];
  for (const command of commands) {
    await t.step(command, () => assert.equal(place(command).text, command));
  }
});

Deno.test("placeCommand() says which variable holds which parameter", () => {
  const { variables } = place("x {params.lr} {seed} {run.dir} {params.optim.lr}");
  assert.deepEqual([...variables], [
    ["lr", "expflow_param_lr"],
    ["seed", "expflow_param_seed"],
    ["optim.lr", "expflow_param_optim_lr"],
  ]);
});

const ARGS = '"${expflow_args[@]}"';

Deno.test("placeCommand() appends the arguments to the last command", async (t) => {
  const cases: [command: string, expected: string][] = [
    ["python train.py", `python train.py ${ARGS}`],
    [
      "cd src &&\n  python train.py \\\n  --fast\n\n",
      `cd src &&\n  python train.py \\\n  --fast ${ARGS}`,
    ],
    ["module load x; python train.py > log", `module load x; python train.py > log ${ARGS}`],
    ["cat a | sort > b\npython train.py", `cat a | sort > b\npython train.py ${ARGS}`],
    ["A=1 python train.py 2>&1", `A=1 python train.py 2>&1 ${ARGS}`],
    ["echo", `echo ${ARGS}`],
    ["srun python 'a b'", `srun python 'a b' ${ARGS}`],
    ['bash -c "cd x; python y | tee"', `bash -c "cd x; python y | tee" ${ARGS}`],
    ["python {args} | tee log", `python ${ARGS} | tee log`],
    ["for i in 1 2; do\n  python x {args}\ndone", `for i in 1 2; do\n  python x ${ARGS}\ndone`],
    [
      "python train.py # {args} is not here\npython b.py",
      `python train.py # {args} is not here\npython b.py ${ARGS}`,
    ],
  ];
  for (const [command, expected] of cases) {
    await t.step(JSON.stringify(command), () => {
      assert.equal(place(command, "argparse").text, expected);
    });
  }
});

Deno.test("placeCommand() refuses what it cannot do right", async (t) => {
  const cases: [command: string, args: ArgsStyle, message: RegExp][] = [
    ["", "none", /empty command/],
    [" \n", "argparse", /empty command/],
    ["x \0", "none", /character that bash cannot/],
    ["x {params.le}", "none", /\{params\.le\} in: there is no parameter "le"$/],
    ["x {run.fir}", "none", /there is no such placeholder/],
    ["x {code.x}", "none", /there is no such placeholder/],
    ["x '{params.lr}", "none", /its ' is not closed/],
    ['x "{params.lr}', "none", /its " is not closed/],
    ["x $(y {params.lr}", "none", /its \$\( is not closed/],
    ["x `y", "argparse", /its ` is not closed/],
    ["x ${y", "argparse", /its \$\{ is not closed/],
    ["cat <<E\n{params.lr}\nE", "none", /\{params\.lr\} in inside a here-document/],
    ["x $(cat <<E\n{params.lr}\nE\n)", "none", /inside a here-document/],
    ["x $(( {params.lr} * 2 ))", "none", /inside arithmetic/],
    ["(( {params.lr} )) && x", "none", /inside arithmetic/],
    ["x {args}", "none", /args: none/],
    ["x '{args}'", "hydra", /single quotes: it stands for several words/],
    ['x "{args}"', "hydra", /double quotes/],
    ["x # why", "argparse", /ends with a comment/],
    ["x <<E\na\nE", "argparse", /ends with a here-document/],
    ["x \\", "argparse", /ends with a backslash/],
    ["x &", "argparse", /ends with &/],
    ["x;", "argparse", /ends with ;/],
    ["x | tee log", "argparse", /its last part is "\| tee …"/],
    ["x |\n  tee log", "argparse", /its last part is "\| tee …"/],
    ["x || y", "argparse", /its last part is "\|\| y …"/],
    ["x\necho ready", "argparse", /runs echo, which takes none/],
    ["x && echo ok", "argparse", /runs echo, which takes none/],
    ["for i in 1; do\nx\ndone", "argparse", /ends with "done"/],
    ["if a; then b; fi", "argparse", /ends with "fi"/],
    ["{ a; b; }", "argparse", /ends with "}"/],
    ["(a; b)", "argparse", /last part runs \(a/],
    ["X=1", "argparse", /runs no program/],
  ];
  for (const [command, args, message] of cases) {
    await t.step(JSON.stringify(command), () => {
      assert.throws(() => place(command, args), (error) => {
        assert.ok(error instanceof ConfigError && error.hint);
        assert.match(error.message, message);
        return true;
      });
    });
  }
  await t.step("with a suggestion", () => {
    assert.throws(() => place("x {params.le}"), { hint: 'did you mean "lr"?' });
    assert.throws(() => place("x {run.fir}"), { hint: 'did you mean "run.dir"?' });
  });
});
