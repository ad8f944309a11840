// lsmod(8) of kmod 30: /proc/modules in columns.

import type { Process, Program } from "../../system/process.ts";
import { loadedModules } from "./module-index.ts";

export const lsmod: Program = async (process) => {
  if (process.argv.length > 1) {
    process.warn("Usage: lsmod\n");
    return 1;
  }
  return listModules(process);
};

/** The exit code. */
export function listModules(process: Process): number {
  const modules = loadedModules(process);
  if (!modules) {
    process.warn(
      "libkmod: ERROR ../libkmod/libkmod-module.c:1725 kmod_module_new_from_loaded: " +
        "could not open /proc/modules: No such file or directory\n" +
        "Error: could not get list of modules: No such file or directory\n",
    );
    return 1;
  }
  process.print("Module                  Size  Used by\n");
  for (const { name, size, references, holders } of modules) {
    const users = holders.length === 0 ? "" : ` ${holders.join(",")}`;
    process.print(`${name.padEnd(19)} ${String(size).padStart(8)}  ${references}${users}\n`);
  }
  return 0;
}
