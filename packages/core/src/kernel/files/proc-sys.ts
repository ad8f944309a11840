// /proc/sys: values of the kernel as files (fs/proc/proc_sysctl.c). What is under net/ is that of the viewer's namespace.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFile, OpenFlags } from "../../system/files.ts";
import type { Netns } from "../netns.ts";
import type { Sysctl } from "../sysctl.ts";
import { PROC_REFUSALS } from "./generated.ts";
import type { DirectoryNode, FileNode } from "./node.ts";
import { DEVICE, inodeOf } from "./node.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Values by path relative to /proc/sys, from all who keep some. */
class Values {
  readonly #netns: Netns;
  readonly #host: ReadonlyMap<string, Sysctl>;

  constructor(netns: Netns, host: ReadonlyMap<string, Sysctl>) {
    this.#netns = netns;
    this.#host = host;
  }

  get(path: string): Sysctl | undefined {
    const found = this.#netns.sysctls.get(path) ?? this.#host.get(path);
    if (found) return found;
    for (const family of this.#netns.kernel.sysctlFamilies) {
      if (!path.startsWith(`${family.path}/`)) continue;
      const rest = path.slice(family.path.length + 1);
      const cut = rest.lastIndexOf("/");
      const value = family.value(this.#netns, cut < 0 ? "" : rest.slice(0, cut), rest.slice(cut + 1));
      if (value) return value;
    }
    return undefined;
  }

  /** Whether there is such a directory: told without looking at all that is in it, which may be thousands of devices. */
  isDirectory(directory: string): boolean {
    const prefix = `${directory}/`;
    for (const family of this.#netns.kernel.sysctlFamilies) {
      const within = `${family.path}/`;
      if (within.startsWith(prefix)) {
        if (hasAny(family.instances(this.#netns))) return true;
      } else if (prefix.startsWith(within)) {
        const instance = directory.slice(within.length);
        const [first] = family.names(this.#netns);
        if (first !== undefined && family.value(this.#netns, instance, first)) return true;
      }
    }
    for (const path of this.#host.keys()) if (path.startsWith(prefix)) return true;
    for (const { path } of this.#netns.sysctls.entries()) if (path.startsWith(prefix)) return true;
    return false;
  }

  /** Names right below a directory. Empty if there is no such directory. */
  children(directory: string): Set<string> {
    const prefix = directory === "" ? "" : `${directory}/`;
    const names = new Set<string>();
    const add = (path: string): void => {
      if (!path.startsWith(prefix)) return;
      const end = path.indexOf("/", prefix.length);
      names.add(end < 0 ? path.slice(prefix.length) : path.slice(prefix.length, end));
    };
    for (const path of this.#host.keys()) add(path);
    for (const { path } of this.#netns.sysctls.entries()) add(path);
    for (const family of this.#netns.kernel.sysctlFamilies) {
      if (!`${family.path}/`.startsWith(prefix) && !prefix.startsWith(`${family.path}/`)) continue;
      for (const instance of family.instances(this.#netns)) {
        const base = instance === "" ? family.path : `${family.path}/${instance}`;
        if (`${base}/` === prefix) for (const name of family.names(this.#netns)) names.add(name);
        else add(`${base}/`);
      }
    }
    names.delete("");
    return names;
  }
}

function hasAny(values: Iterable<unknown>): boolean {
  for (const _ of values) return true;
  return false;
}

/** The directory /proc/sys as `netns` has it, with the host's own values beside it. */
export function procSys(netns: Netns, host: ReadonlyMap<string, Sysctl>): DirectoryNode {
  return directoryOf(new Values(netns, host), netns, "");
}

function directoryOf(values: Values, netns: Netns, path: string): DirectoryNode {
  return {
    type: "directory",
    mode: 0o555,
    inode: inodeOf(`sys/${netns.inode}/${path}`),
    device: DEVICE.proc,
    refusals: { ...PROC_REFUSALS, remove: ERRNO.EACCES }, // proc_sys_permission() lets nobody write a directory
    lookup(name) {
      const below = path === "" ? name : `${path}/${name}`;
      const value = values.get(below);
      if (value) return fileOf(value, netns);
      return values.isDirectory(below) ? directoryOf(values, netns, below) : undefined;
    },
    names: () => [...values.children(path)].sort(byBytes),
  };
}

/** The tables are trees ordered by name. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function fileOf(value: Sysctl, netns: Netns): FileNode {
  const mode = value.mode ?? 0o644;
  return {
    type: "file",
    mode,
    size: 0,
    inode: inodeOf(`sys/${netns.inode}/${value.path}`),
    device: DEVICE.proc,
    open(flags) {
      // test_perm(): the owner's bits bind root too
      if (flags.read === true && (mode & 0o400) === 0) throw new Refusal(ERRNO.EACCES);
      if (flags.write === true && (mode & 0o200) === 0) throw new Refusal(ERRNO.EACCES);
      return openValue(value, flags);
    },
  };
}

function openValue(value: Sysctl, flags: OpenFlags): OpenFile {
  let position = 0;
  let content: Uint8Array | undefined;
  return {
    read(length) {
      if (flags.read !== true) throw new Refusal(ERRNO.EBADF);
      content ??= encoder.encode(`${value.read()}\n`);
      const bytes = content.subarray(position, position + length);
      position += bytes.length;
      return bytes;
    },
    write(bytes) {
      if (flags.write !== true) throw new Refusal(ERRNO.EBADF);
      // sysctl_writes_strict: what does not start at the beginning of the file is taken and ignored
      if (position === 0) {
        if (!value.write) throw new Refusal(ERRNO.EACCES);
        value.write(decoder.decode(bytes));
      }
      position += bytes.length;
    },
    close() {},
  };
}
