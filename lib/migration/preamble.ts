import { isSecret } from "../config/secrets.ts";
import type { LineReport } from "./model.ts";
import { isComment, type Statement } from "./source.ts";
import { PATH_VARIABLES, plainWords } from "./words.ts";

/** What is prepared at the top of a script, and what is left of the script. */
export interface Preamble {
  modules: string[];
  purge: boolean;
  conda?: string;
  venv?: string;
  env: Record<string, string>;
  secrets: Record<string, string>;
  comments: string[];
  /** What no key was found for, in order. */
  rest: Statement[];
  lines: LineReport[];
}

/** Where a secret is looked for; its value is for the user to put there. */
export function secretFile(name: string): string {
  return `~/.secrets/${name}`;
}

const MODULES_HEED = /PATH$|^(MODULE|LMOD|CONDA|MAMBA|VIRTUAL_ENV|UV_|LD_|PS1|HOME|BASH)/;
const CONDA_HOOK =
  /^(?:eval "\$\((?:\S*\/)?(?:conda|mamba) shell\.bash hook\)"|(?:source|\.) "?(?:\$\(conda info --base\)|(?:~|\$HOME|\$\{HOME\})\/(?:miniforge3|miniconda3|mambaforge|anaconda3)|\/opt\/conda|\/ext3\/mini(?:forge|conda)3)\/etc\/profile\.d\/conda\.sh"?)$/;
const BACK_TO_START = /^cd\s+"?\$\{?SLURM_SUBMIT_DIR\}?"?$/;
/** Commands that only tell or make folders: they may as well run after modules are loaded. */
const TELLING = new Set(
  "echo printf date hostname pwd whoami uname nvidia-smi lscpu free mkdir ulimit umask".split(" "),
);
const HARMLESS_VALUE = /\$(?!\{?(?:SLURM_\w+|HOME|USER|SCRATCH|TMPDIR)\b)|`/;

/**
 * Reads the top of a script as far as keys of `environment` can say it. They take effect in a fixed
 * order (modules, conda, venv, variables), so a line is only taken where that order is the
 * script's, or does not matter; the first other one ends it.
 */
export function readPreamble(statements: readonly Statement[]): Preamble {
  const reader = new Reader();
  const end = statements.findIndex((statement) => !reader.take(statement));
  if (end >= 0) reader.found.rest.push(...statements.slice(end));
  return reader.finish();
}

class Reader {
  readonly found: Preamble = {
    modules: [],
    purge: false,
    env: {},
    secrets: {},
    comments: [],
    rest: [],
    lines: [],
  };
  #hook?: Statement;
  #purge?: Statement;
  #assigned = new Set<string>();
  #begun = false;
  #movedFolder = false;

  /** Whether the statement was understood, or may wait until the others have run. */
  take(statement: Statement): boolean {
    const text = statement.text.trim();
    if (isComment(text)) return this.#comment(statement);
    this.#begun = true;
    if (BACK_TO_START.test(text)) {
      return !this.#movedFolder && this.#key(statement, "workdir of the experiment");
    }
    if (CONDA_HOOK.test(text)) {
      if (this.found.conda || this.found.venv || this.#hook) return false;
      this.#hook = statement;
      return true;
    }
    const words = plainWords(text, PATH_VARIABLES);
    return words !== undefined && this.#simple(words, statement) || this.#wait(statement);
  }

  finish(): Preamble {
    const { found } = this;
    if (this.#purge && found.modules.length === 0) found.rest.unshift(this.#purge);
    else if (this.#purge) found.purge = this.#key(this.#purge, "environment.purge");
    if (this.#hook && found.conda === undefined) found.rest.unshift(this.#hook);
    else if (this.#hook) this.#key(this.#hook, "environment.conda");
    return found;
  }

  #comment(statement: Statement): boolean {
    if (this.#begun && this.found.rest.length > 0) this.found.rest.push(statement);
    else if (statement.text.trim() !== "") this.found.comments.push(statement.text.trim());
    else return true;
    if (this.found.rest.at(-1) !== statement) this.#tell(statement, "comment", "comment");
    return true;
  }

  #simple(words: string[], statement: Statement): boolean {
    const [program = "", ...rest] = words;
    if (program === "module" || program === "ml") return this.#module(program, rest, statement);
    if (program === "export") return this.#export(rest, statement);
    if (this.found.venv !== undefined || this.found.conda !== undefined) return false;
    const [first = ""] = rest;
    const conda = program === "conda" && first === "activate" && rest.length === 2;
    if (conda || program === "source" && first === "activate" && rest.length === 2) {
      this.found.conda = rest[1]!;
      return this.#key(statement, "environment.conda");
    }
    const folder = /^(.+)\/bin\/activate$/.exec(first)?.[1];
    const sources = program === "source" || program === ".";
    if (!sources || rest.length !== 1 || folder === undefined) return false;
    if (this.#movedFolder && !/^[/~$]/.test(folder)) return false;
    this.found.venv = folder;
    return this.#key(statement, "environment.venv");
  }

  #module(program: string, rest: string[], statement: Statement): boolean {
    const { found } = this;
    if (found.conda !== undefined || found.venv !== undefined) return false;
    const verb = program === "module" ? rest.shift() : rest[0] === "purge" ? rest.shift() : "load";
    if (rest.some((name) => /^[-$]|^(?:use|unload|swap|restore|avail|list|spider)$/.test(name))) {
      return false;
    }
    if (verb === "purge" && rest.length === 0 && found.modules.length === 0) {
      if (this.#purge) return false;
      this.#purge = statement;
      return true;
    }
    if (verb !== "load" && verb !== "add" || rest.length === 0) return false;
    found.modules.push(...rest);
    return this.#key(statement, "environment.modules");
  }

  #export(given: string[], statement: Statement): boolean {
    const pairs = given.map((word) => /^([A-Za-z_]\w*)=([^]*)$/.exec(word));
    if (pairs.length === 0 || pairs.some((pair) => !pair)) return false;
    const entries = pairs.map((pair) => [pair![1]!, pair![2]!] as const);
    if (entries.some(([name, value]) => this.#assigned.has(name) || value.includes("$"))) {
      return false;
    }
    if (entries.some(([name]) => MODULES_HEED.test(name) || name.startsWith("EXPFLOW_"))) {
      return false;
    }
    for (const [name, value] of entries) {
      if (isSecret(name, value)) {
        this.found.secrets[name] = secretFile(name);
        const where = `environment.secrets.${name}, the file ${
          secretFile(name)
        }: put its value there (chmod 600)`;
        this.#tell({ ...statement, text: `export ${name}=***` }, "replaced", where);
      } else {
        this.found.env[name] = value;
        this.#key(statement, `environment.env.${name}`);
      }
    }
    return true;
  }

  /** Keeps a line for after the keys, where that cannot change what it or they do. */
  #wait(statement: Statement): boolean {
    const text = statement.text.trim();
    const [, declared, name, value] =
      /^(export\s+)?([A-Za-z_]\w*)=("[^"`()]*"|'[^']*'|[^\s"'`();&|<>]*)$/.exec(text) ?? [];
    const assigns = name !== undefined && !MODULES_HEED.test(name) &&
      !HARMLESS_VALUE.test(value!.startsWith("'") ? "" : value!) &&
      !(declared === undefined && Object.hasOwn(this.found.env, name));
    const modes = /^set\s+[-+][a-z]+(\s+(?:-o\s+)?pipefail)?$/.test(text);
    const lists = /^(?:module|ml)\s+(?:list|avail)$/.test(text);
    const changesFolder = /^cd\s+[^;&|`(]+$/.test(text);
    const tells = TELLING.has(text.split(/\s/)[0]!) && !text.startsWith("printf -v") &&
      !/[;&|<>`]|\$\((?!hostname|date|pwd)/.test(text);
    if (!assigns && !modes && !lists && !changesFolder && !tells) return false;
    if (assigns) this.#assigned.add(name);
    if (changesFolder) this.#movedFolder = true;
    this.found.rest.push(statement);
    return true;
  }

  #key(statement: Statement, where: string): true {
    return this.#tell(statement, "key", where);
  }

  #tell({ line, text }: Statement, fate: LineReport["fate"], where: string): true {
    text.split("\n").forEach((text, index) =>
      this.found.lines.push({ line: line + index, text, fate, where })
    );
    return true;
  }
}
