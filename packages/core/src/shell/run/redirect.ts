// Redirections (bash(1), REDIRECTION): computes the descriptor table that a command runs with.

import type { Redirect, Redirection } from "unbash";
import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { OpenFlags } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { bytesInput, descriptor } from "../../system/streams.ts";
import type { Descriptor } from "../../system/streams.ts";
import { ShellFault } from "../control.ts";
import { expandHereText, expandString, expandWords } from "../expand/word.ts";
import { DASH_FAILED, dashOpenFault } from "../dash/wording.ts";
import type { Shell } from "../shell.ts";
import { NetworkNameFault } from "./network.ts";
import { openPath } from "./open.ts";

/** A redirection that could not be done, in bash's words. */
export class RedirectionFault {
  readonly message: string;
  readonly status: number;
  constructor(message: string, status = 1) {
    this.message = message;
    this.status = status;
  }
}

/** A descriptor table and the descriptors that were opened for it, which the caller releases. */
export interface Redirected {
  readonly fds: Map<number, Descriptor>;
  readonly opened: readonly Descriptor[];
}

const encoder = new TextEncoder();
const FIRST_ALLOCATED = 10; // {name}> descriptors start here

const OPEN_FLAGS: Readonly<Record<string, OpenFlags>> = {
  "<": { read: true },
  ">": { write: true, create: true, truncate: true },
  ">|": { write: true, create: true, truncate: true },
  "&>": { write: true, create: true, truncate: true },
  ">>": { write: true, create: true, append: true },
  "&>>": { write: true, create: true, append: true },
  "<>": { read: true, write: true, create: true },
};

/** Applies redirections to a copy of the shell's descriptors. Throws RedirectionFault after releasing what it opened. */
export async function redirect(shell: Shell, list: readonly Redirection[]): Promise<Redirected> {
  const table = new Table(shell);
  try {
    for (const one of list) await table.apply(one);
  } catch (fault) {
    for (const fd of table.opened) fd.release();
    throw fault;
  }
  return { fds: table.fds, opened: table.opened };
}

/** Makes a table the process's own. `release` gives up what it had before. */
export function install(process: Process, fds: ReadonlyMap<number, Descriptor>): void {
  const before = [...process.fds.values()];
  const after = [...fds].map(([number, fd]) => [number, fd.retain()] as const);
  process.fds.clear();
  for (const [number, fd] of after) process.fds.set(number, fd);
  for (const fd of before) fd.release();
}

/** Runs something with another descriptor table, then puts the old one back. */
export async function withDescriptors<T>(
  process: Process,
  redirected: Redirected,
  run: () => Promise<T>,
): Promise<T> {
  const saved = new Map([...process.fds].map(([number, fd]) => [number, fd.retain()]));
  install(process, redirected.fds);
  for (const fd of redirected.opened) fd.release();
  try {
    return await run();
  } finally {
    install(process, saved);
    for (const fd of saved.values()) fd.release();
  }
}

class Table {
  readonly fds: Map<number, Descriptor>;
  readonly opened: Descriptor[] = [];
  readonly #shell: Shell;

  constructor(shell: Shell) {
    this.#shell = shell;
    this.fds = new Map(shell.process.fds);
  }

  async apply(redirection: Redirection): Promise<void> {
    if (redirection.type === "HereDoc") {
      const { body, delimiter, operator } = redirection;
      const raw = operator === "<<-" ? body.text.replace(/^\t+/gm, "") : body.text;
      return this.#setText(redirection, delimiter?.quoted ? raw : await expandHereText(this.#shell, raw));
    }
    if (redirection.type === "HereString") {
      if (this.#shell.dash) throw new ShellFault("Syntax error: redirection unexpected", "exit");
      const text = redirection.target ? await expandString(this.#shell, redirection.target) : "";
      return this.#setText(redirection, `${text}\n`);
    }
    const target = await this.#target(redirection);
    if (redirection.operator === "<&" || redirection.operator === ">&") {
      if (/^\d*-?$/.test(target)) return this.#duplicate(redirection, target);
      if (redirection.operator === "<&" || redirection.descriptor !== undefined) {
        throw new RedirectionFault(`${redirection.target?.text ?? ""}: ambiguous redirect`);
      }
      return this.#both(await this.#open(target, OPEN_FLAGS[">"] ?? {}));
    }
    if (
      (redirection.operator === ">" || redirection.operator === "&>") &&
      this.#shell.options.has("noclobber") &&
      this.#isRegular(target)
    ) {
      const { dash } = this.#shell;
      throw new RedirectionFault(
        dash ? dashOpenFault(target, ERRNO.EEXIST, true) : `${target}: cannot overwrite existing file`,
        dash ? DASH_FAILED : 1,
      );
    }
    const fd = await this.#open(target, OPEN_FLAGS[redirection.operator] ?? {});
    if (redirection.operator === "&>" || redirection.operator === "&>>") return this.#both(fd);
    this.#set(redirection, fd);
  }

  async #target(redirection: Redirect): Promise<string> {
    if (!redirection.target) return "";
    const words = await expandWords(this.#shell, [redirection.target]);
    if (words.length !== 1 || (words[0] === "" && redirection.target.text.startsWith("$"))) {
      throw new RedirectionFault(`${redirection.target.text}: ambiguous redirect`);
    }
    return words[0] ?? "";
  }

  #isRegular(path: string): boolean {
    try {
      return this.#shell.process.files.status(path).type === "file";
    } catch (refusal) {
      if (refusal instanceof Refusal) return false;
      throw refusal;
    }
  }

  async #open(path: string, flags: OpenFlags): Promise<Descriptor> {
    try {
      const fd = await openPath(this.#shell.process, path, flags);
      this.opened.push(fd);
      return fd;
    } catch (fault) {
      if (fault instanceof Refusal) {
        const { dash } = this.#shell;
        const text = dash
          ? dashOpenFault(path, fault.errno, flags.create === true)
          : `${path}: ${strerror(fault.errno)}`;
        throw new RedirectionFault(text, dash ? DASH_FAILED : 1);
      }
      if (fault instanceof NetworkNameFault) {
        this.#shell.complain(fault.message);
        throw new RedirectionFault(`${path}: Invalid argument`);
      }
      throw fault;
    }
  }

  #setText(redirection: Redirection, text: string): void {
    const fd = descriptor({ input: bytesInput(encoder.encode(text)) });
    this.opened.push(fd);
    this.#set(redirection, fd);
  }

  #both(fd: Descriptor): void {
    this.fds.set(1, fd);
    this.fds.set(2, fd);
  }

  /** Number that a redirection is for: as written, allocated for {name}, or the operator's own. */
  #set(redirection: Redirection, fd: Descriptor): void {
    const { descriptor } = redirection;
    if (descriptor?.type === "FileDescriptorVariable") {
      let number = FIRST_ALLOCATED;
      while (this.fds.has(number)) number++;
      this.#shell.variables.set(descriptor.name, String(number));
      // It stays open after the command.
      this.#shell.process.fds.set(number, fd.retain());
      this.fds.set(number, fd);
      return;
    }
    this.fds.set(this.#number(redirection), fd);
  }

  #number(redirection: Redirection): number {
    if (redirection.descriptor?.type === "FileDescriptor") return redirection.descriptor.value;
    return redirection.operator.startsWith("<") ? 0 : 1;
  }

  /** N>&M, N>&M-, N>&-. */
  #duplicate(redirection: Redirect, target: string): void {
    const { descriptor } = redirection;
    const digits = target.replace("-", "");
    if (digits === "") {
      let number = this.#number(redirection);
      if (descriptor?.type === "FileDescriptorVariable") {
        number = Number(this.#shell.variables.get(descriptor.name));
        const kept = this.#shell.process.fds.get(number);
        this.#shell.process.fds.delete(number);
        kept?.release();
      }
      this.fds.delete(number);
      return;
    }
    const source = this.fds.get(Number(digits));
    if (!source) {
      throw new RedirectionFault(`${digits}: Bad file descriptor`, this.#shell.dash ? DASH_FAILED : 1);
    }
    this.#set(redirection, source);
    if (target.endsWith("-")) this.fds.delete(Number(digits));
  }
}
