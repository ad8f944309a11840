// cd, pwd, pushd, popd, dirs.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { DASH_FAILED } from "../dash/wording.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";

/** Absolute path without "." and "..", keeping symbolic links as they were written. */
export function normalize(base: string, path: string): string {
  const out: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
    if (part === "..") out.pop();
    else if (part !== "" && part !== ".") out.push(part);
  }
  return `/${out.join("/")}`;
}

/** Changes the directory; complains under `name` if it cannot. */
function change(shell: Shell, name: string, target: string, physical: boolean): boolean {
  const { process, variables } = shell;
  let path = normalize(process.cwd, target);
  try {
    if (process.files.status(path).type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    if (physical) path = process.files.realPath(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    shell.complain(`${name}: ${target}: ${strerror(refusal.errno)}`);
    return false;
  }
  shell.previousDirectory = process.cwd;
  variables.set("OLDPWD", process.cwd);
  variables.setExported("OLDPWD", true);
  process.cwd = path;
  variables.set("PWD", path);
  return true;
}

export const cd: Builtin = (shell, args) => {
  const read = readOptions(
    shell,
    "cd",
    args[0] === "-" ? ["--", ...args] : args,
    "LPe@",
    "",
    "cd [-L|[-P [-e]] [-@]] [dir]",
  );
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  if (rest.length > 1) {
    shell.complain("cd: too many arguments");
    return 1;
  }
  let target = rest[0];
  let show = false;
  if (target === undefined) {
    target = shell.variables.get("HOME");
    if (target === undefined) {
      shell.complain("cd: HOME not set");
      return 1;
    }
  } else if (target === "-") {
    target = shell.variables.get("OLDPWD");
    show = true;
    if (target === undefined) {
      shell.complain("cd: OLDPWD not set");
      return 1;
    }
  } else if (target === "") return 0;
  else if (!/^\.{0,2}\//.test(target) && target !== "." && target !== "..") {
    const along = fromCdPath(shell, target);
    if (along !== undefined) {
      target = along;
      show = true;
    }
  }
  if (!change(shell, "cd", target, options.has("P"))) return shell.dash ? DASH_FAILED : 1;
  if (show) shell.print(`${shell.process.cwd}\n`);
  return 0;
};

function fromCdPath(shell: Shell, target: string): string | undefined {
  for (const directory of (shell.variables.get("CDPATH") ?? "").split(":")) {
    if (directory === "" || directory === ".") continue;
    const path = normalize(shell.process.cwd, `${directory}/${target}`);
    try {
      if (shell.process.files.status(path).type === "directory") return path;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }
  return undefined;
}

export const pwd: Builtin = (shell, args) => {
  const read = readOptions(shell, "pwd", args, "LP", "", "pwd [-LP]");
  if (!read) return USAGE_STATUS;
  const { cwd, files } = shell.process;
  shell.print(`${read.options.has("P") ? files.realPath(cwd) : cwd}\n`);
  return 0;
};

function stackText(shell: Shell): string {
  const home = shell.variables.get("HOME");
  return [shell.process.cwd, ...shell.directoryStack]
    .map((path) =>
      home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path,
    )
    .join(" ");
}

export const dirs: Builtin = (shell, args) => {
  if (args[0] === "-c") shell.directoryStack.length = 0;
  else if (args[0] === "-p" || args[0] === "-v") {
    [shell.process.cwd, ...shell.directoryStack].forEach((path, index) => {
      shell.print(args[0] === "-v" ? `${String(index).padStart(2)}  ${path}\n` : `${path}\n`);
    });
  } else shell.print(`${stackText(shell)}\n`);
  return 0;
};

export const pushd: Builtin = (shell, args) => {
  const here = shell.process.cwd;
  const target = args[0] ?? shell.directoryStack[0];
  if (target === undefined) {
    shell.complain("pushd: no other directory");
    return 1;
  }
  if (!change(shell, "pushd", target, false)) return 1;
  if (args[0] === undefined) shell.directoryStack.shift();
  shell.directoryStack.unshift(here);
  shell.print(`${stackText(shell)}\n`);
  return 0;
};

export const popd: Builtin = (shell) => {
  const target = shell.directoryStack.shift();
  if (target === undefined) {
    shell.complain("popd: directory stack empty");
    return 1;
  }
  if (!change(shell, "popd", target, false)) return 1;
  shell.print(`${stackText(shell)}\n`);
  return 0;
};
