// Variables that the shell computes or sets itself (bash(1), Shell Variables).

import type { Shell } from "./shell.ts";
import { SECOND } from "../system/system.ts";
import { parseSource, SourceText } from "./source.ts";
import { IndexedArray } from "./variables.ts";

/** The version that this shell's behaviour and messages follow. */
export const BASH_VERSION = "5.2.15(1)-release";

/** Defines what is computed on reading. Every shell and subshell has its own. */
export function installSpecialVariables(shell: Shell): void {
  if (shell.dash) return;
  const { variables, process } = shell;
  let secondsOffset = 0;
  const started = process.monotonic();
  let seed: number | undefined;
  variables.define("RANDOM", {
    read: () => {
      if (seed === undefined) return String(process.system.random32() & 0x7fff);
      // A fixed seed gives a fixed sequence (Park and Miller's generator, as in bash).
      seed = (seed * 16807) % 2147483647;
      return String((seed ^ (seed >> 16)) & 0x7fff);
    },
    write: (value) => {
      seed = Math.trunc(Number(value)) || 1;
    },
  });
  variables.define("SRANDOM", { read: () => String(process.system.random32()) });
  variables.define("SECONDS", {
    read: () => String(Math.floor((process.monotonic() - started) / SECOND) + secondsOffset),
    write: (value) => {
      secondsOffset = (Math.trunc(Number(value)) || 0) - Math.floor((process.monotonic() - started) / SECOND);
    },
  });
  variables.define("EPOCHSECONDS", { read: () => String(Math.floor(process.realtime() / 1e6)) });
  variables.define("EPOCHREALTIME", { read: () => (process.realtime() / 1e6).toFixed(6) });
  variables.define("BASH_COMMAND", { read: () => shell.currentCommand() });
  variables.define("SHELLOPTS", {
    read: () => [...shell.options, "interactive-comments"].sort().join(":"),
  });
  variables.define("LINENO", { read: () => String(shell.line) });
  variables.define("BASHPID", { read: () => String(process.pid) });
  variables.define("BASH_SUBSHELL", { read: () => String(shell.subshellLevel) });
  variables.define("PIPESTATUS", { read: () => IndexedArray.of(shell.pipeStatus.map(String)) });
  /** One entry a call, innermost first; a script's file counts as the outermost one. */
  const calls = (inner: readonly string[], main: string): IndexedArray =>
    IndexedArray.of(shell.input === "file" ? [...inner, main] : inner);
  variables.define("FUNCNAME", {
    read: () => {
      // Outside of functions there is none, in sourced files neither.
      if (!variables.inFunction) return new IndexedArray();
      return calls(shell.frames.map((frame) => frame.functionName).reverse(), "main");
    },
  });
  variables.define("BASH_LINENO", {
    read: () => calls(shell.frames.map((frame) => String(frame.callLine)).reverse(), "0"),
  });
  variables.define("BASH_SOURCE", {
    read: () => {
      const sources = [...shell.frames.map((frame) => frame.source.name), shell.source.name].reverse();
      return IndexedArray.of(shell.input === "file" ? sources : sources.slice(0, -1));
    },
  });
}

/** Variables that dash has, too, when it starts. */
const DASH_VARIABLES: ReadonlySet<string> = new Set(["IFS", "OPTIND", "PATH", "PPID", "PS4"]);

/** Sets up the variables of a new shell from its process's environment. */
export function importEnvironment(shell: Shell): void {
  const { variables, process } = shell;
  const { system } = process;
  const unexported: Readonly<Record<string, string>> = {
    IFS: " \t\n",
    OPTIND: "1",
    PS4: "+ ",
    BASH: "/bin/bash",
    BASH_VERSION,
    HOSTNAME: system.hostName,
    HOSTTYPE: "x86_64",
    MACHTYPE: "x86_64-pc-linux-gnu",
    OSTYPE: "linux-gnu",
    PPID: String(process.parentPid),
    UID: "0",
    EUID: "0",
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
  for (const [name, value] of Object.entries(unexported))
    if (!shell.dash || DASH_VARIABLES.has(name)) variables.set(name, value);
  if (!shell.dash) {
    variables.setArray(
      "BASH_VERSINFO",
      IndexedArray.of(["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"]),
    );
    for (const name of ["UID", "EUID", "PPID", "BASH_VERSINFO"])
      variables.declare(name, "global").readonly = true;
  }
  for (const [name, value] of process.env) {
    if (!/^[A-Za-z_]\w*$/.test(name) || variables.find(name)?.readonly) continue;
    if (name === "SHELLOPTS" || name === "BASHOPTS" || name === "IFS") continue;
    variables.set(name, value);
    variables.setExported(name, true);
  }
  variables.set("PWD", process.cwd);
  variables.setExported("PWD", true);
  shell.previousDirectory = process.env.get("OLDPWD");
  if (shell.dash) return;
  variables.set("SHLVL", String((Math.trunc(Number(process.env.get("SHLVL"))) || 0) + 1));
  variables.setExported("SHLVL", true);
}

/** Functions that a bash has exported (`export -f`). */
export function importFunctions(shell: Shell): void {
  for (const [variable, value] of shell.process.env) {
    const name = /^BASH_FUNC_(.+)%%$/.exec(variable)?.[1];
    if (name === undefined || !value.startsWith("() {")) continue;
    const { statements, source } = parseSource(new SourceText("environment", `${name} ${value}`));
    const command = statements[0]?.command;
    if (command?.type !== "Function") continue;
    shell.functions.set(name, { name, body: command.body, source });
    shell.exportedFunctions.add(name);
  }
}
