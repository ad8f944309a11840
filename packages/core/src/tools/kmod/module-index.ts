// What depmod(8) has written about the modules of a kernel: modules.dep, modules.alias, modules.builtin, modules.softdep under
// /lib/modules/RELEASE, and how modprobe.d(5) would have it.

import { Refusal } from "../../netlink/refusal.ts";
import { globExpression } from "../../system/glob.ts";
import type { Process } from "../../system/process.ts";
import { readText } from "../resolver/databases.ts";

export interface IndexedModule {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Names of those that have to be there before it, in the order in which they are put in. */
  readonly before: readonly string[];
}

/** underscores(): dashes and underscores are the same. */
export function moduleName(text: string): string {
  return text.replaceAll("-", "_");
}

/** modname_normalize() of a file's name: without its ending. */
export function nameOfPath(path: string): string {
  return moduleName(path.slice(path.lastIndexOf("/") + 1).replace(/\.ko.*$/, ""));
}

function lines(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

export class ModuleIndex {
  readonly directory: string;
  readonly #process: Process;
  readonly #modules = new Map<string, IndexedModule>();
  readonly #aliases: readonly (readonly [pattern: RegExp, module: string])[];
  readonly #soft: readonly (readonly [module: string, alias: string])[];
  readonly #builtin: ReadonlySet<string>;

  /** `base`: below which the modules of `release` are. */
  constructor(process: Process, release: string, base = "") {
    this.#process = process;
    this.directory = `${base}/lib/modules/${release}`;
    const read = (name: string) => readText(process, `${this.directory}/${name}`);
    for (const line of lines(read("modules.dep"))) {
      const [path = "", needed = ""] = line.split(":");
      const before = needed.split(" ").filter((word) => word !== "");
      const name = nameOfPath(path);
      this.#modules.set(name, {
        name,
        path: `${this.directory}/${path}`,
        // the file has the nearest first
        before: before.map((each) => nameOfPath(each)).toReversed(),
      });
    }
    this.#aliases = lines(read("modules.alias")).map((line) => {
      const [, alias = "", module = ""] = line.split(" ");
      return [globExpression(moduleName(alias)), module] as const;
    });
    this.#soft = lines(read("modules.softdep")).flatMap((line) => {
      const [, module, aliases = ""] = /^softdep (\S+) pre: (.*)$/.exec(line) ?? [];
      return module === undefined ? [] : aliases.split(" ").map((alias) => [module, alias] as const);
    });
    this.#builtin = new Set(lines(read("modules.builtin")).map((path) => nameOfPath(path)));
  }

  module(name: string): IndexedModule | undefined {
    return this.#modules.get(moduleName(name));
  }

  isBuiltin(name: string): boolean {
    return this.#builtin.has(moduleName(name));
  }

  /** By name, or by an alias; several may have the same one. */
  resolve(text: string): readonly IndexedModule[] {
    const named = this.module(text);
    if (named) return [named];
    const wanted = moduleName(text);
    return this.#aliases.flatMap(([pattern, module]) => {
      const found = pattern.test(wanted) ? this.module(module) : undefined;
      return found ? [found] : [];
    });
  }

  /** What is put in before a module if it is there, with what that needs. */
  softBefore(name: string): readonly IndexedModule[] {
    return this.#soft.flatMap(([module, alias]) => (module === name ? this.resolve(alias) : []));
  }

  readImage(module: IndexedModule): Uint8Array {
    return this.#process.files.readFile(module.path);
  }
}

export interface LoadedModule {
  readonly name: string;
  readonly size: number;
  readonly references: number;
  readonly holders: readonly string[];
}

/** /proc/modules; undefined for a kernel without modules. */
export function loadedModules(process: Process): readonly LoadedModule[] | undefined {
  const text = readText(process, "/proc/modules");
  if (text === undefined) return undefined;
  return lines(text).map((line) => {
    const [name = "", size = "0", references = "0", holders = "-"] = line.split(" ");
    return {
      name,
      size: Number(size),
      references: Number(references),
      holders: holders.split(",").filter((holder) => holder !== "" && holder !== "-"),
    };
  });
}

/** Options of the kernel's command line and of files in modprobe.d are those of the files only. */
export function moduleOptions(process: Process): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const directory of ["/lib/modprobe.d", "/etc/modprobe.d"]) {
    let names: readonly string[] = [];
    try {
      names = process.files.readDirectory(directory);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    for (const name of names.filter((each) => each.endsWith(".conf")).toSorted()) {
      for (const line of lines(readText(process, `${directory}/${name}`))) {
        const [, module, text] = /^options\s+(\S+)\s+(.*)$/.exec(line) ?? [];
        if (module !== undefined && text !== undefined) options.set(moduleName(module), text);
      }
    }
  }
  return options;
}
