// modprobe(8) of kmod 30: puts modules in with all that they need, and takes them out with what nobody needs any more. Install
// commands of modprobe.d(5) and its blacklists are not looked at.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import type { OptionTable, Parsed } from "../coreutils/options.ts";
import { has, valueOf } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { insertImage, moduleError, removeModule } from "./change.ts";
import { loadedModules, ModuleIndex, moduleName, moduleOptions } from "./module-index.ts";
import type { IndexedModule } from "./module-index.ts";
import { kmodOptions, refuseOptions } from "./options.ts";
import { MODPROBE_USAGE } from "./usage.ts";

const OPTIONS: OptionTable = {
  short: "arw:ibfRDcnC:d:S:sqv",
  long: {
    all: "a",
    remove: "r",
    "remove-dependencies": "remove-holders",
    "remove-holders": "remove-holders",
    "wait=": "w",
    "first-time": "first-time",
    "ignore-install": "i",
    "ignore-remove": "i",
    "use-blacklist": "b",
    force: "f",
    "force-modversion": "f",
    "force-vermagic": "f",
    "resolve-alias": "R",
    "show-depends": "D",
    showconfig: "c",
    "show-config": "c",
    "show-modversions": "show-modversions",
    "dump-modversions": "show-modversions",
    "show-exports": "show-exports",
    "dry-run": "n",
    show: "n",
    "config=": "C",
    "dirname=": "d",
    "set-version=": "S",
    syslog: "s",
    quiet: "q",
    verbose: "v",
  },
};

const NOT_IMPLEMENTED: Readonly<Record<string, string>> = {
  "remove-holders": "remove-holders",
  w: "wait",
  b: "use-blacklist",
  f: "force",
  c: "showconfig",
  "show-modversions": "show-modversions",
  "show-exports": "show-exports",
  C: "config",
  s: "syslog",
};

export const modprobe: Program = program((process) => {
  const parsed = kmodOptions(process, OPTIONS, MODPROBE_USAGE);
  refuseOptions(process, parsed, NOT_IMPLEMENTED);
  const { operands } = parsed;
  if (operands.length === 0) {
    process.warn("modprobe: ERROR: missing parameters. See -h.\n");
    return 1;
  }
  const run = new Modprobe(process, parsed);
  if (has(parsed, "r")) return run.remove(operands);
  const [name = "", ...parameters] = operands;
  return has(parsed, "a") ? run.insertAll(operands) : run.insert(name, parameters.join(" "), "FATAL");
});

class Modprobe {
  readonly #process: Process;
  readonly #given: Parsed;
  readonly #index: ModuleIndex;
  readonly #options: ReadonlyMap<string, string>;

  constructor(process: Process, given: Parsed) {
    this.#process = process;
    this.#given = given;
    const release = valueOf(given, "S") ?? process.system.release;
    this.#index = new ModuleIndex(process, release, valueOf(given, "d") ?? "");
    this.#options = moduleOptions(process);
  }

  #warn(level: "FATAL" | "WARNING" | "ERROR", text: string): number {
    if (!has(this.#given, "q")) this.#process.warn(`modprobe: ${level}: ${text}\n`);
    return 1;
  }

  #isLoaded(name: string): boolean {
    return loadedModules(this.#process)?.some((loaded) => loaded.name === name) ?? false;
  }

  /** What is done is told by -v and by --show-depends. */
  #tell(line: string): void {
    if (has(this.#given, "v") || has(this.#given, "D")) this.#process.print(`${line} \n`);
  }

  insertAll(names: readonly string[]): number {
    let code = 0;
    for (const name of names) if (this.insert(name, "", "WARNING") !== 0) code = 1;
    return code;
  }

  insert(text: string, parameters: string, level: "FATAL" | "WARNING"): number {
    const modules = this.#index.resolve(text);
    if (modules.length === 0) {
      if (!this.#index.isBuiltin(text)) {
        return this.#warn(level, `Module ${text} not found in directory ${this.#index.directory}`);
      }
      if (has(this.#given, "D")) this.#process.print(`builtin ${moduleName(text)}\n`);
      return has(this.#given, "first-time")
        ? this.#warn("FATAL", `Module ${text} already in kernel (builtin).`)
        : 0;
    }
    if (has(this.#given, "R")) {
      for (const { name } of modules) this.#process.print(`${name}\n`);
      return 0;
    }
    let code = 0;
    for (const module of modules) if (this.#insertWithNeeds(module, parameters) !== 0) code = 1;
    return code;
  }

  #insertWithNeeds(module: IndexedModule, parameters: string): number {
    const { name } = module;
    const shows = has(this.#given, "D");
    if (!shows && this.#isLoaded(name)) {
      return has(this.#given, "first-time")
        ? this.#warn("ERROR", `could not insert '${name}': Module already in kernel`)
        : 0;
    }
    for (const needed of module.before.flatMap((each) => this.#withSoft(each))) {
      if (shows || !this.#isLoaded(needed.name)) this.#insertOne(needed, "");
    }
    const errno = this.#insertOne(module, parameters);
    return errno === 0 ? 0 : this.#warn("ERROR", `could not insert '${name}': ${moduleError(errno)}`);
  }

  #withSoft(name: string): readonly IndexedModule[] {
    const module = this.#index.module(name);
    return module ? [...this.#index.softBefore(name), module] : [];
  }

  #insertOne(module: IndexedModule, parameters: string): number {
    const words = [this.#options.get(module.name) ?? "", parameters].filter((word) => word !== "");
    const options = words.join(" ");
    this.#tell(`insmod ${module.path}${options === "" ? "" : ` ${options}`}`);
    if (this.#isDry()) return 0;
    try {
      return insertImage(this.#process, this.#index.readImage(module), options);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return refusal.errno;
    }
  }

  #isDry(): boolean {
    return has(this.#given, "n") || has(this.#given, "D");
  }

  remove(names: readonly string[]): number {
    for (const text of names) {
      const code = this.#removeNamed(text);
      if (code !== 0) return code;
    }
    return 0;
  }

  #removeNamed(text: string): number {
    const modules = this.#index.resolve(text);
    if (modules.length === 0) {
      const builtin = this.#index.isBuiltin(text);
      return this.#warn("FATAL", builtin ? `Module ${text} is builtin.` : `Module ${text} not found.`);
    }
    for (const { name, before } of modules) {
      const code = this.#removeOne(name);
      if (code !== 0) return code;
      // and what it has needed, as far as nobody else does
      for (const needed of before.toReversed()) {
        const loaded = loadedModules(this.#process)?.find((each) => each.name === needed);
        if (loaded?.references === 0) this.#removeOne(needed);
      }
    }
    return 0;
  }

  #removeOne(name: string): number {
    const loaded = loadedModules(this.#process)?.find((each) => each.name === name);
    if (!loaded) {
      return has(this.#given, "first-time") ? this.#warn("FATAL", `Module ${name} is not in kernel.`) : 0;
    }
    if (loaded.references > 0) return this.#warn("FATAL", `Module ${name} is in use.`);
    if (has(this.#given, "v")) this.#process.print(`rmmod ${name}\n`);
    if (this.#isDry()) return 0;
    const errno = removeModule(this.#process, name);
    if (errno === 0) return 0;
    if (errno === ERRNO.ENOENT && !has(this.#given, "first-time")) return 0;
    return this.#warn("ERROR", `could not remove '${name}': ${strerror(errno)}`);
  }
}
