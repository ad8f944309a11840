// /proc/sys/net of one namespace: names, values and the rules for writing them. The file tree around it is in files/.

import { Refusal } from "../netlink/refusal.ts";
import type { Netns } from "./netns.ts";

const EINVAL = 22;

/** One value. `path` is relative to /proc/sys, e.g. "net/ipv4/ip_forward". */
export interface Sysctl {
  readonly path: string;
  /** Permission bits, 0o644 unless the kernel says otherwise. */
  readonly mode?: number;
  /** Text as /proc shows it, without the newline. */
  read(): string;
  /** Takes the text written. Errors: Refusal EINVAL, EPERM, ... Absent if it is read-only. */
  write?(text: string): void;
}

export class SysctlTable {
  readonly #entries = new Map<string, Sysctl>();

  add(entry: Sysctl): void {
    this.#entries.set(entry.path, entry);
  }

  /** Removes one value, or with a trailing slash all below it. */
  remove(path: string): void {
    if (!path.endsWith("/")) this.#entries.delete(path);
    else for (const name of [...this.#entries.keys()]) if (name.startsWith(path)) this.#entries.delete(name);
  }

  get(path: string): Sysctl | undefined {
    return this.#entries.get(path);
  }

  entries(): Iterable<Sysctl> {
    return this.#entries.values();
  }
}

/**
 * A directory of values that are made when they are looked at: net/ipv4/conf/DEV has thirty of them for each device, and a
 * host may have ten thousand devices. Registered once, in `kernel.sysctlFamilies`.
 */
export interface SysctlFamily {
  /** Relative to /proc/sys, e.g. "net/ipv4/conf". */
  readonly path: string;
  /** Directories below it: "all", "default", names of devices. A family of plain values has the one instance "". */
  instances(netns: Netns): Iterable<string>;
  /** Names of the values of any instance. */
  names(netns: Netns): Iterable<string>;
  /** Undefined if there is no such instance or value. */
  value(netns: Netns, instance: string, name: string): Sysctl | undefined;
}

/** Limits and effects of an integer sysctl. */
export interface IntegerRules {
  readonly min?: number;
  readonly max?: number;
  /** Runs after the value was stored; `old` is the one before. */
  changed?(value: number, old: number): void;
}

/**
 * An integer kept in `owner[key]` and shown in decimal (proc_dointvec, proc_dointvec_minmax).
 * Text that is no integer, or out of range, is EINVAL.
 */
export function integerSysctl<K extends string>(
  path: string,
  owner: Record<K, number>,
  key: K,
  rules: IntegerRules = {},
): Sysctl {
  return {
    path,
    read: () => String(owner[key]),
    write: (text) => {
      const value = parseInteger(text);
      if ((rules.min !== undefined && value < rules.min) || (rules.max !== undefined && value > rules.max)) {
        throw new Refusal(EINVAL);
      }
      const old = owner[key];
      owner[key] = value as Record<K, number>[K];
      rules.changed?.(value, old);
    },
  };
}

/** The first integer of the text as proc_dointvec reads it. Errors: EINVAL for blank text and for what is no number. */
export function parseInteger(text: string): number {
  const word = text.trim().split(/\s+/)[0] ?? "";
  if (!/^-?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(word)) throw new Refusal(EINVAL);
  const negative = word.startsWith("-");
  const digits = negative ? word.slice(1) : word;
  const magnitude = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  const value = negative ? -magnitude : magnitude;
  if (!Number.isSafeInteger(value) || value > 0x7fffffff || value < -0x80000000) throw new Refusal(EINVAL);
  return value;
}
