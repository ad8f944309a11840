// set, shopt, shift, unset, let, getopts: the shell's options and parameters.

import { evaluateIn, subscriptKey } from "../expand/arithmetic.ts";
import { ShellFault } from "../control.ts";
import type { OptionName, Shell } from "../shell.ts";
import { OPTION_LETTERS } from "../shell.ts";
import { IndexedArray, NAME } from "../variables.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";
import { listedValue } from "./declare.ts";
import { functionText } from "./describe.ts";

const LETTER_OPTIONS: ReadonlyMap<string, OptionName> = new Map(
  (Object.entries(OPTION_LETTERS) as [OptionName, string][])
    .filter(([, letter]) => letter !== "")
    .map(([name, letter]) => [letter, name]),
);

/** Turns one option on or off by its letter. False if there is none. */
export function setLetter(shell: Shell, letter: string, on: boolean): boolean {
  const option = LETTER_OPTIONS.get(letter);
  if (shell.dash && "BEhPTpt".includes(letter)) return false;
  if (!option) return "bkptP".includes(letter);
  if (on) shell.options.add(option);
  else shell.options.delete(option);
  return true;
}

/** Turns one option on or off by its long name. False if there is none. */
export function setOption(shell: Shell, name: string, on: boolean): boolean {
  if (shell.dash && BASH_OPTIONS.has(name)) return false;
  if (!(name in OPTION_LETTERS)) return IGNORED_OPTIONS.has(name);
  if (on) shell.options.add(name as OptionName);
  else shell.options.delete(name as OptionName);
  return true;
}

/** Options that dash has not. */
const BASH_OPTIONS: ReadonlySet<string> = new Set([
  "braceexpand", "errtrace", "functrace", "hashall", "histexpand", "history", "keyword", "onecmd", "physical",
  "pipefail", "posix", "privileged",
]); // prettier-ignore

/** Options of an interactive bash that have no effect here. */
const IGNORED_OPTIONS: ReadonlySet<string> = new Set([
  "emacs", "histexpand", "ignoreeof", "interactive-comments", "keyword", "nolog", "notify", "onecmd", "physical",
  "privileged", "vi",
]); // prettier-ignore

export const set: Builtin = (shell, args) => {
  if (args.length === 0) {
    for (const name of shell.variables.names()) {
      const variable = shell.variables.find(name);
      if (variable?.value !== undefined) shell.print(`${listedValue(name, variable)}\n`);
    }
    for (const name of [...shell.functions.keys()].sort()) shell.print(`${functionText(shell, name)}\n`);
    return 0;
  }
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--" || word === "-") {
      if (word === "--" || at + 1 < args.length) shell.positional = args.slice(at + 1);
      if (word === "-") {
        shell.options.delete("xtrace");
        shell.options.delete("verbose");
      }
      return 0;
    }
    if (!/^[-+]./.test(word)) {
      shell.positional = args.slice(at);
      return 0;
    }
    const on = word.startsWith("-");
    for (const letter of word.slice(1)) {
      if (letter === "o") {
        const name = args[++at];
        if (name === undefined) listOptions(shell, on);
        else if (!setOption(shell, name, on)) {
          shell.complain(`set: ${name}: invalid option name`);
          return USAGE_STATUS;
        }
      } else if (!setLetter(shell, letter, on)) {
        shell.complain(`set: ${word[0] ?? ""}${letter}: invalid option`);
        shell.process.warn("set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n");
        return USAGE_STATUS;
      }
    }
  }
  return 0;
};

function listOptions(shell: Shell, table: boolean): void {
  for (const name of [...Object.keys(OPTION_LETTERS), ...IGNORED_OPTIONS].sort()) {
    const on = shell.options.has(name as OptionName) || name === "interactive-comments";
    shell.print(table ? `${name.padEnd(15)}\t${on ? "on" : "off"}\n` : `set ${on ? "-" : "+"}o ${name}\n`);
  }
}

/** Options that change something here; bash's other ones are accepted and remembered. */
const SHOPTS = [
  "autocd", "cdable_vars", "checkwinsize", "cmdhist", "direxpand", "dotglob", "expand_aliases", "extglob", "failglob",
  "globasciiranges", "globstar", "histappend", "inherit_errexit", "lastpipe", "nocaseglob", "nocasematch", "nullglob",
  "patsub_replacement", "progcomp", "promptvars", "sourcepath", "xpg_echo",
]; // prettier-ignore

export const shopt: Builtin = (shell, args) => {
  const read = readOptions(shell, "shopt", args, "pqsuo", "", "shopt [-pqsu] [-o] [optname ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  const names = rest.length > 0 ? rest : SHOPTS;
  const change = options.has("s") || options.has("u");
  let status = 0;
  for (const name of names) {
    if (options.has("o") && !change) {
      const on = shell.options.has(name as OptionName);
      if (!options.has("q")) shell.print(`${name.padEnd(15)}\t${on ? "on" : "off"}\n`);
      if (!on) status = 1;
      continue;
    }
    if (options.has("o")) {
      if (!setOption(shell, name, options.has("s"))) status = 1;
      continue;
    }
    if (!SHOPTS.includes(name)) {
      shell.complain(`shopt: ${name}: invalid shell option name`);
      status = 1;
    } else if (change && rest.length > 0) {
      if (options.has("s")) shell.shopts.add(name);
      else shell.shopts.delete(name);
    } else {
      const on = shell.shopts.has(name);
      if (!on && rest.length > 0) status = 1;
      if (change && on !== options.has("s")) continue;
      if (options.has("p")) shell.print(`shopt ${on ? "-s" : "-u"} ${name}\n`);
      else if (!options.has("q")) shell.print(`${name.padEnd(15)}\t${on ? "on" : "off"}\n`);
    }
  }
  return status;
};

export const shift: Builtin = (shell, args) => {
  const count = args[0] === undefined ? 1 : Number(args[0]);
  if (!Number.isInteger(count)) {
    shell.complain(`shift: ${args[0] ?? ""}: numeric argument required`);
    return 1;
  }
  if (count < 0) {
    shell.complain(`shift: ${args[0] ?? ""}: shift count out of range`);
    return 1;
  }
  if (count > shell.positional.length) {
    if (shell.dash) shell.complain("shift: can't shift that many");
    return 1;
  }
  shell.positional = shell.positional.slice(count);
  return 0;
};

export const unset: Builtin = (shell, args) => {
  const read = readOptions(shell, "unset", args, "fvn", "", "unset [-f] [-v] [-n] [name ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  let status = 0;
  for (const name of rest) {
    try {
      if (options.has("f")) shell.functions.delete(name);
      else if (options.has("n")) shell.variables.unset(name);
      else if (!unsetVariable(shell, name) && !options.has("v")) shell.functions.delete(name);
    } catch (fault) {
      if (!(fault instanceof ShellFault)) throw fault;
      shell.complain(`unset: ${fault.message}`);
      status = 1;
    }
  }
  return status;
};

/** False if there is no such variable. */
function unsetVariable(shell: Shell, reference: string): boolean {
  const open = reference.indexOf("[");
  const name = shell.variables.resolve(open > 0 ? reference.slice(0, open) : reference);
  if (!NAME.test(name)) throw new ShellFault(`\`${reference}': not a valid identifier`);
  const variable = shell.variables.find(name);
  if (!variable) return false;
  if (open < 0) {
    shell.variables.unset(name);
    return true;
  }
  const subscript = reference.slice(open + 1, -1);
  if (subscript === "@" || subscript === "*") shell.variables.unset(name);
  else if (variable.value instanceof Map) variable.value.delete(subscript);
  else if (variable.value instanceof IndexedArray)
    variable.value.delete(Number(subscriptKey(shell, name, subscript)));
  else if (subscriptKey(shell, name, subscript) === "0") shell.variables.unset(name);
  return true;
}

export const letArithmetic: Builtin = (shell, args) => {
  if (args.length === 0) {
    shell.complain("let: expression expected");
    return 1;
  }
  let value = 0n;
  try {
    for (const text of args) value = evaluateIn(shell, text, "let");
  } catch (fault) {
    if (!(fault instanceof ShellFault) || fault.effect === "exit") throw fault;
    shell.report(fault);
    return 1;
  }
  return value === 0n ? 1 : 0;
};

export const getopts: Builtin = (shell, args) => {
  const [specification, name, ...given] = args;
  if (specification === undefined || name === undefined) {
    shell.process.warn("getopts: usage: getopts optstring name [arg ...]\n");
    return USAGE_STATUS;
  }
  const words = given.length > 0 ? given : shell.positional;
  const silent = specification.startsWith(":");
  let index = Number(shell.variables.get("OPTIND") ?? "1");
  if (index !== shell.getoptsIndex) shell.getoptsOffset = 1;
  const finish = (next: number, offset: number, option: string, status: number): number => {
    shell.getoptsOffset = offset;
    shell.getoptsIndex = next;
    shell.variables.set("OPTIND", String(next));
    shell.variables.set(name, option);
    return status;
  };
  const word = words[index - 1];
  if (word === undefined || !/^-./.test(word) || word === "--") {
    if (word === "--") index++;
    return finish(index, 1, "?", 1);
  }
  const letter = word[shell.getoptsOffset] ?? "";
  const last = shell.getoptsOffset + 1 >= word.length;
  const next = last ? index + 1 : index;
  const offset = last ? 1 : shell.getoptsOffset + 1;
  const at = letter === ":" ? -1 : specification.indexOf(letter, silent ? 1 : 0);
  if (at < 0) {
    if (silent) shell.variables.set("OPTARG", letter);
    else {
      shell.variables.unset("OPTARG");
      if (shell.variables.get("OPTERR") !== "0")
        shell.process.warn(
          shell.dash ? `Illegal option -${letter}\n` : `${shell.name}: illegal option -- ${letter}\n`,
        );
    }
    return finish(next, offset, "?", 0);
  }
  if (specification[at + 1] !== ":") {
    shell.variables.unset("OPTARG");
    return finish(next, offset, letter, 0);
  }
  const attached = word.slice(shell.getoptsOffset + 1);
  const value = attached === "" ? words[index] : attached;
  if (value === undefined) {
    if (silent) shell.variables.set("OPTARG", letter);
    else {
      shell.variables.unset("OPTARG");
      if (shell.variables.get("OPTERR") !== "0") {
        shell.process.warn(
          shell.dash
            ? `No arg for -${letter} option\n`
            : `${shell.name}: option requires an argument -- ${letter}\n`,
        );
      }
    }
    return finish(index + 1, 1, silent ? ":" : "?", 0);
  }
  shell.variables.set("OPTARG", value);
  return finish(attached === "" ? index + 2 : index + 1, 1, letter, 0);
};
