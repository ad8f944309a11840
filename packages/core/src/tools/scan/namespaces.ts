// Finds every network namespace of the machine: the own one, those with a name in /run/netns, those of processes, and
// those that something has mounted, also where only other processes see it. Each is listed once, by its inode number.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { NetnsReference } from "../../system/system.ts";
import type { ScannedProcess } from "./model.ts";

const NETNS_DIRECTORY = "/run/netns";
const decoder = new TextDecoder();

/** A namespace, with the ways that lead to it. */
export interface FoundNetns {
  readonly inode: number;
  readonly own: boolean;
  readonly names: string[];
  readonly mounts: string[];
  readonly processes: ScannedProcess[];
  /** Undefined if no way to it could be opened; then `refusal` says why. */
  reference: NetnsReference | undefined;
  refusal?: string;
}

/** The text of a file; undefined if it cannot be read. */
export function textOf(process: Process, path: string): string | undefined {
  return quietly(() => decoder.decode(process.files.readFile(path)));
}

/** Names in a directory; none if it cannot be read. */
export function namesIn(process: Process, path: string): readonly string[] {
  return quietly(() => process.files.readDirectory(path)) ?? [];
}

function quietly<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}

export class NamespaceFinder {
  readonly #process: Process;
  readonly #found = new Map<number, FoundNetns>();
  /** A process in each mount namespace but our own. */
  readonly #elsewhere = new Map<string, number>();
  readonly unread: string[] = [];

  constructor(process: Process) {
    this.#process = process;
  }

  /** All namespaces, the own one first. */
  find(): readonly FoundNetns[] {
    const { netns } = this.#process;
    this.#at(netns.inode).reference = netns;
    for (const name of [...namesIn(this.#process, NETNS_DIRECTORY)].sort()) this.#named(name);
    this.#ofProcesses();
    this.#ofOurs();
    this.#mounted();
    for (const pid of this.#elsewhere.values()) this.#mountedElsewhere(pid);
    return [...this.#found.values()];
  }

  #at(inode: number): FoundNetns {
    let found = this.#found.get(inode);
    if (found === undefined) {
      const own = inode === this.#process.netns.inode;
      found = { inode, own, names: [], mounts: [], processes: [], reference: undefined };
      this.#found.set(inode, found);
    }
    return found;
  }

  /** The namespace behind a file. */
  #open(path: string): FoundNetns | string {
    try {
      const reference = this.#process.system.openNetns(path, this.#process);
      const found = this.#at(reference.inode);
      found.reference ??= reference;
      return found;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return refusal.errno === ERRNO.EINVAL ? "no namespace is mounted there" : strerror(refusal.errno);
    }
  }

  #named(name: string): void {
    const path = `${NETNS_DIRECTORY}/${name}`;
    const found = this.#open(path);
    if (typeof found !== "string") found.names.push(name);
    // one that has gone since the directory was read is none
    else if (found !== strerror(ERRNO.ENOENT)) this.unread.push(`${path}: ${found}`);
  }

  #ofProcesses(): void {
    if (this.#processesHidden())
      this.unread.push("processes of others: /proc hides them (hidepid; root may see them)");
    let hidden = 0;
    const mountsOf = (pid: string): string | undefined =>
      quietly(() => this.#process.files.readLink(`/proc/${pid}/ns/mnt`));
    const own = mountsOf("self");
    for (const entry of namesIn(this.#process, "/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      const path = `/proc/${entry}/ns/net`;
      let link;
      try {
        link = this.#process.files.readLink(path);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        if (refusal.errno === ERRNO.EACCES || refusal.errno === ERRNO.EPERM) hidden++;
        continue; // it has ended, or is not ours to see
      }
      const inode = Number(/^net:\[(\d+)\]$/.exec(link)?.[1] ?? 0);
      if (inode === 0) continue;
      const mounts = mountsOf(entry);
      if (mounts !== undefined && mounts !== own) this.#elsewhere.set(mounts, Number(entry));
      const found = this.#at(inode);
      found.processes.push({
        pid: Number(entry),
        command: (textOf(this.#process, `/proc/${entry}/comm`) ?? "").trim(),
      });
      if (found.reference !== undefined) continue;
      const opened = this.#open(path);
      if (typeof opened === "string") found.refusal = opened;
    }
    if (hidden > 0) {
      const whose = hidden === 1 ? "the namespace of 1 process" : `namespaces of ${hidden} processes`;
      const advice = this.#isRoot() ? "" : " (root may read them)";
      this.unread.push(`${whose}: ${strerror(ERRNO.EACCES)}${advice}`);
    }
  }

  /** Not of a user namespace only; even so it may not look at every process. */
  #isRoot(): boolean {
    const read = (name: string): string => textOf(this.#process, `/proc/self/${name}`) ?? "";
    return /^Uid:\t\d+\t0\t/m.test(read("status")) && /^ *0 +0 +4294967295$/m.test(read("uid_map"));
  }

  /** Mounted so, /proc has only the processes that its reader may trace (proc(5)). */
  #processesHidden(): boolean {
    const mounted = (textOf(this.#process, "/proc/self/mountinfo") ?? "").split("\n").some((line) => {
      const [before = "", after = ""] = line.split(" - ");
      return before.split(" ")[4] === "/proc" && /\bhidepid=(?:2|4|invisible|ptraceable)\b/.test(after);
    });
    return mounted && quietly(() => this.#process.files.readLink("/proc/1/ns/net")) === undefined;
  }

  /** Our own processes, which a real kernel does not know one by one. */
  #ofOurs(): void {
    for (const { pid, netns, argv } of this.#process.everyone) {
      const found = this.#at(netns.inode);
      found.reference ??= netns;
      if (found.own || found.processes.some((each) => each.pid === pid)) continue;
      found.processes.push({ pid, command: (argv[0] ?? "").replace(/^.*\//, "") });
    }
  }

  /** Bind mounts of namespaces, e.g. those of container engines. */
  #mounted(): void {
    for (const { path } of this.#mounts("self")) {
      if (path.startsWith(`${NETNS_DIRECTORY}/`) || path.startsWith("/var/run/netns/")) continue;
      const found = this.#open(path);
      if (typeof found === "string") this.unread.push(`${path}: ${found}`);
      else if (!found.mounts.includes(path)) found.mounts.push(path);
    }
  }

  /** Namespaces that only another process has mounted. Most of its mounts are copies of ours. */
  #mountedElsewhere(pid: number): void {
    for (const { inode, path } of this.#mounts(String(pid))) {
      if (this.#found.get(inode)?.reference !== undefined) continue;
      const place = `/proc/${pid}/root${path}`;
      const found = this.#open(place);
      if (typeof found !== "string") found.mounts.push(place);
    }
  }

  /** Network namespaces that are mounted where a process is, and where (proc(5), mountinfo). */
  #mounts(pid: string): { readonly inode: number; readonly path: string }[] {
    return (textOf(this.#process, `/proc/${pid}/mountinfo`) ?? "").split("\n").flatMap((line) => {
      const [, , , root = "", path = "", ...rest] = line.split(" ");
      const inode = /^net:\[(\d+)\]$/.exec(root)?.[1];
      if (inode === undefined || !rest.includes("nsfs")) return [];
      const place = path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
      return [{ inode: Number(inode), path: place }];
    });
  }
}
