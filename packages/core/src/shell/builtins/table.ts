// The builtin commands by name.

import { alias, unalias } from "./aliases.ts";
import type { Builtin, Declaration } from "./builtin.ts";
import { compgen, complete, compopt } from "./completion.ts";
import { declare, exportVariables, readonlyVariables } from "./declare.ts";
import { cd, dirs, popd, pushd, pwd } from "./directories.ts";
import {
  breakLoop,
  builtin,
  colon,
  command,
  continueLoop,
  evaluate,
  exec,
  exit,
  no,
  returnFrom,
  source,
} from "./flow.ts";
import { hash } from "./hash.ts";
import { caller, type, umask } from "./inquiry.ts";
import { dashEcho, isDashBuiltin } from "../dash/builtins.ts";
import type { Shell } from "../shell.ts";
import { disown, foreground, jobs, kill, times, trap, wait } from "./jobs.ts";
import { ulimit } from "./limits.ts";
import { echo, printf } from "./output.ts";
import { mapfile, read } from "./read.ts";
import { getopts, letArithmetic, set, shift, shopt, unset } from "./settings.ts";
import { test } from "./tests.ts";

const declarations: ReadonlyMap<string, Declaration> = new Map([
  ["declare", declare],
  ["typeset", declare],
  ["local", declare],
  ["export", exportVariables],
  ["readonly", readonlyVariables],
]);

export const builtins: ReadonlyMap<string, Builtin> = new Map([
  [":", colon],
  ["true", colon],
  ["false", no],
  [".", source],
  ["source", source],
  ["[", test],
  ["test", test],
  ["alias", alias],
  ["bg", foreground],
  ["break", breakLoop],
  ["builtin", builtin],
  ["caller", caller],
  ["cd", cd],
  ["command", command],
  ["compgen", compgen],
  ["complete", complete],
  ["compopt", compopt],
  ["continue", continueLoop],
  ["dirs", dirs],
  ["disown", disown],
  ["echo", echo],
  ["eval", evaluate],
  ["exec", exec],
  ["exit", exit],
  ["fg", foreground],
  ["getopts", getopts],
  ["hash", hash],
  ["jobs", jobs],
  ["kill", kill],
  ["let", letArithmetic],
  ["mapfile", mapfile],
  ["readarray", mapfile],
  ["popd", popd],
  ["printf", printf],
  ["pushd", pushd],
  ["pwd", pwd],
  ["read", read],
  ["return", returnFrom],
  ["set", set],
  ["shift", shift],
  ["shopt", shopt],
  ["times", times],
  ["trap", trap],
  ["type", type],
  ["ulimit", ulimit],
  ["umask", umask],
  ["unalias", unalias],
  ["unset", unset],
  ["wait", wait],
]);

/** The declaration command of a name, in the language of this shell. */
export function declarationNamed(shell: Shell, name: string): Declaration | undefined {
  return shell.dash && !isDashBuiltin(name) ? undefined : declarations.get(name);
}

/** The builtin of a name, in the language of this shell. */
export function builtinNamed(shell: Shell, name: string): Builtin | undefined {
  if (!shell.dash) return builtins.get(name);
  if (name === "echo") return dashEcho;
  return isDashBuiltin(name) ? builtins.get(name) : undefined;
}
