// The modules of a kernel that has any (kernel/module/): which are in, who needs whom, and /proc/modules. What a module does is
// there all the time; only that it is in, and what comes and goes with it, depends on this.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { KernelModules } from "../../system/kernel-modules.ts";
import { readModuleInformation } from "../../system/module-image.ts";
import type { Profile } from "../profile.ts";
import { MODULE_FILES } from "./module-files.ts";
import type { ModuleFile } from "./module-files.ts";
import { requirementsOf } from "./module-tree.ts";

/** Where the first module is put, and the next behind it (MODULES_VADDR with some randomness). */
const FIRST_ADDRESS = 0xffff_ffff_c020_0000n;

interface Loaded {
  readonly file: ModuleFile;
  readonly address: bigint;
}

export class ModuleTable implements KernelModules {
  readonly files: readonly ModuleFile[];
  /** Latest first, as in the list of /proc/modules. */
  #loaded: Loaded[] = [];
  #nextAddress = FIRST_ADDRESS;
  /** References of a module's own users, by name: open files, ports. */
  readonly users = new Map<string, () => number>();
  /** What goes with a module that is taken out, by name. */
  readonly onRemove = new Map<string, () => void>();

  /** Undefined for a kernel without modules. */
  static of(list: Profile["modules"]): ModuleTable | undefined {
    const files = MODULE_FILES[list];
    return files && new ModuleTable(files);
  }

  constructor(files: readonly ModuleFile[]) {
    this.files = files;
  }

  has(name: string): boolean {
    return this.#loaded.some(({ file }) => file.name === name);
  }

  #file(name: string): ModuleFile | undefined {
    return this.files.find((file) => file.name === name);
  }

  /** request_module(): puts in what has this alias, with all that it needs. Nothing if nobody has it. */
  request(alias: string): void {
    const file = this.files.find(({ aliases }) => aliases.includes(alias));
    if (file && !this.has(file.name)) this.#load(file);
  }

  #load(file: ModuleFile): void {
    for (const needed of requirementsOf(file, this.files)) {
      if (!this.has(needed.name)) this.#load(needed);
    }
    const soft = this.files.filter(({ aliases }) => file.softDepends.some((each) => aliases.includes(each)));
    for (const wanted of soft) if (!this.has(wanted.name)) this.#load(wanted);
    const address = this.#nextAddress;
    this.#nextAddress += BigInt(file.size + 0x2000);
    this.#loaded = [{ file, address }, ...this.#loaded];
  }

  insert(image: Uint8Array): void {
    const name = readModuleInformation(image).find(([key]) => key === "name")?.[1];
    const file = name === undefined ? undefined : this.#file(name);
    if (!file) throw new Refusal(ERRNO.ENOEXEC);
    if (this.has(file.name)) throw new Refusal(ERRNO.EEXIST);
    if (!file.depends.every((needed) => this.has(needed))) throw new Refusal(ERRNO.ENOENT);
    this.#load(file);
  }

  remove(name: string): void {
    if (!this.has(name)) throw new Refusal(ERRNO.ENOENT);
    if (this.#holders(name).length > 0 || this.#references(name) > 0) throw new Refusal(ERRNO.EAGAIN);
    this.onRemove.get(name)?.();
    this.#loaded = this.#loaded.filter(({ file }) => file.name !== name);
  }

  /** Those that need it, latest first. */
  #holders(name: string): string[] {
    return this.#loaded.flatMap(({ file }) => (file.depends.includes(name) ? [file.name] : []));
  }

  #references(name: string): number {
    return (
      this.#holders(name).length + (this.#file(name)?.ownReferences ?? 0) + (this.users.get(name)?.() ?? 0)
    );
  }

  /** /proc/modules (m_show): name, bytes, references, those that need it, state, address. */
  text(): string {
    return this.#loaded
      .map(({ file: { name, size }, address }) => {
        const holders = this.#holders(name);
        const shown = holders.length === 0 ? "-" : holders.map((each) => `${each},`).join("");
        return `${name} ${size} ${this.#references(name)} ${shown} Live 0x${address.toString(16)}\n`;
      })
      .join("");
  }
}
