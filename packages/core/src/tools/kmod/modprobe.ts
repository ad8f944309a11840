// modprobe(8) of kmod 30: puts modules in with all that they need, and takes them out with what nobody needs any more. Install
// commands of modprobe.d(5) and its blacklists are not looked at.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import type { OptionSpec } from "../ovsdb/options.ts";
import { insertImage, moduleError, removeModule } from "./change.ts";
import { loadedModules, ModuleIndex, moduleName, moduleOptions } from "./module-index.ts";
import type { IndexedModule } from "./module-index.ts";
import { MODPROBE_USAGE, VERSION } from "./usage.ts";

const flag = (name: string, short?: string): OptionSpec =>
  short === undefined ? { name, argument: "none" } : { name, short, argument: "none" };

const OPTIONS: readonly OptionSpec[] = [
  flag("all", "a"),
  flag("remove", "r"),
  flag("remove-dependencies"),
  flag("remove-holders"),
  { name: "wait", short: "w", argument: "required" },
  flag("first-time"),
  flag("ignore-install", "i"),
  flag("ignore-remove"),
  flag("use-blacklist", "b"),
  flag("force", "f"),
  flag("force-modversion"),
  flag("force-vermagic"),
  flag("resolve-alias", "R"),
  flag("show-depends", "D"),
  flag("showconfig", "c"),
  flag("show-config"),
  flag("show-modversions"),
  flag("dump-modversions"),
  flag("show-exports"),
  flag("dry-run", "n"),
  flag("show"),
  { name: "config", short: "C", argument: "required" },
  { name: "dirname", short: "d", argument: "required" },
  { name: "set-version", short: "S", argument: "required" },
  flag("syslog", "s"),
  flag("quiet", "q"),
  flag("verbose", "v"),
  flag("version", "V"),
  flag("help", "h"),
];

const NOT_IMPLEMENTED: ReadonlySet<string> = new Set([
  "showconfig",
  "show-config",
  "show-modversions",
  "dump-modversions",
  "show-exports",
]);

export const modprobe: Program = async (process) => {
  const fail = (text: string) => {
    process.warn(`modprobe: ${text}\n`);
    return 1;
  };
  let words: readonly string[];
  const given = new Map<string, string>();
  try {
    const { options, rest } = parseOptions(process.argv.slice(1), OPTIONS, false);
    words = rest;
    for (const { name, value } of options) given.set(name, value ?? "");
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return fail(error.message);
  }
  if (given.has("help") || given.has("version")) {
    process.print(given.has("help") ? MODPROBE_USAGE : VERSION);
    return 0;
  }
  for (const name of given.keys()) {
    if (NOT_IMPLEMENTED.has(name)) return fail(`ERROR: --${name} is not implemented`);
  }
  if (words.length === 0) return fail("ERROR: missing parameters. See -h.");
  const run = new Modprobe(process, given);
  if (given.has("remove")) return run.remove(words);
  const [name = "", ...parameters] = words;
  return given.has("all") ? run.insertAll(words) : run.insert(name, parameters.join(" "), "FATAL");
};

class Modprobe {
  readonly #process: Process;
  readonly #given: ReadonlyMap<string, string>;
  readonly #index: ModuleIndex;
  readonly #options: ReadonlyMap<string, string>;

  constructor(process: Process, given: ReadonlyMap<string, string>) {
    this.#process = process;
    this.#given = given;
    const release = given.get("set-version") ?? process.system.release;
    this.#index = new ModuleIndex(process, release, given.get("dirname") ?? "");
    this.#options = moduleOptions(process);
  }

  #warn(level: "FATAL" | "WARNING" | "ERROR", text: string): number {
    if (!this.#given.has("quiet")) this.#process.warn(`modprobe: ${level}: ${text}\n`);
    return 1;
  }

  #isLoaded(name: string): boolean {
    return loadedModules(this.#process)?.some((loaded) => loaded.name === name) ?? false;
  }

  /** What is done is told by -v and by --show-depends. */
  #tell(line: string): void {
    if (this.#given.has("verbose") || this.#given.has("show-depends")) this.#process.print(`${line} \n`);
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
      if (this.#given.has("show-depends")) this.#process.print(`builtin ${moduleName(text)}\n`);
      return this.#given.has("first-time")
        ? this.#warn("FATAL", `Module ${text} already in kernel (builtin).`)
        : 0;
    }
    if (this.#given.has("resolve-alias")) {
      for (const { name } of modules) this.#process.print(`${name}\n`);
      return 0;
    }
    let code = 0;
    for (const module of modules) if (this.#insertWithNeeds(module, parameters) !== 0) code = 1;
    return code;
  }

  #insertWithNeeds(module: IndexedModule, parameters: string): number {
    const { name } = module;
    const shows = this.#given.has("show-depends");
    if (!shows && this.#isLoaded(name)) {
      return this.#given.has("first-time")
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
    return ["dry-run", "show", "show-depends"].some((name) => this.#given.has(name));
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
      return this.#given.has("first-time") ? this.#warn("FATAL", `Module ${name} is not in kernel.`) : 0;
    }
    if (loaded.references > 0) return this.#warn("FATAL", `Module ${name} is in use.`);
    if (this.#given.has("verbose")) this.#process.print(`rmmod ${name}\n`);
    if (this.#isDry()) return 0;
    const errno = removeModule(this.#process, name);
    if (errno === 0) return 0;
    if (errno === ERRNO.ENOENT && !this.#given.has("first-time")) return 0;
    return this.#warn("ERROR", `could not remove '${name}': ${strerror(errno)}`);
  }
}
