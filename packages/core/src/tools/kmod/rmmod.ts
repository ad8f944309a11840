// rmmod(8) of kmod 30: takes modules out, by name or by the name of their file.

import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { has } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { removeModule } from "./change.ts";
import { loadedModules, ModuleIndex, moduleName } from "./module-index.ts";
import { kmodOptions, refuseOptions } from "./options.ts";
import { RMMOD_USAGE } from "./usage.ts";

export const rmmod: Program = program((process) => {
  const parsed = kmodOptions(
    process,
    { short: "fsv", long: { force: "f", syslog: "s", verbose: "v" } },
    RMMOD_USAGE,
  );
  refuseOptions(process, parsed, { s: "syslog" });
  const force = has(parsed, "f");
  const words = parsed.operands;
  if (words.length === 0) {
    process.warn("rmmod: ERROR: missing module name.\n");
    return 1;
  }
  let code = 0;
  for (const word of words) {
    const name = moduleName(word.slice(word.lastIndexOf("/") + 1).replace(/\.ko$/, ""));
    if (!force && !mayGo(process, name)) {
      code = 1;
      continue;
    }
    const errno = removeModule(process, name);
    if (errno === 0) continue;
    const reason = strerror(errno);
    process.warn(
      `rmmod: ERROR: ../libkmod/libkmod-module.c:856 kmod_module_remove_module() could not remove '${name}': ${reason}\n` +
        `rmmod: ERROR: could not remove module ${name}: ${reason}\n`,
    );
    code = 1;
  }
  return code;
});

/** check_module_inuse() */
function mayGo(process: Process, name: string): boolean {
  const error = (text: string) => {
    process.warn(`rmmod: ERROR: ${text}\n`);
    return false;
  };
  if (new ModuleIndex(process, process.system.release).isBuiltin(name)) {
    return error(`Module ${name} is builtin.`);
  }
  const loaded = loadedModules(process)?.find((each) => each.name === name);
  if (!loaded) return error(`Module ${name} is not currently loaded`);
  if (loaded.holders.length > 0) return error(`Module ${name} is in use by: ${loaded.holders.join(" ")}`);
  return loaded.references === 0 || error(`Module ${name} is in use`);
}
