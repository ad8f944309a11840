// /proc/PID: what programs look up about processes (fs/proc/base.c), and the network of the process's namespace
// (fs/proc/proc_net.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { ProcessEntry } from "../../system/system.ts";
import type { Netns } from "../netns.ts";
import { generatedDirectory, generatedLink, procFile } from "./generated.ts";
import type { DirectoryNode, FileNode, Node } from "./node.ts";
import { HOST_MOUNTS_INODE, MountNamespace } from "./mount-namespace.ts";
import { netnsFile } from "./nsfs.ts";
import { openText } from "./open-text.ts";
import type { Host } from "./procfs.ts";

const COMMAND_LIMIT = 15; // TASK_COMM_LEN without the NUL

/** The directory of a process. A thread's, under task/, is the same without task/. */
export function processDirectory(
  host: Host,
  process: ProcessEntry,
  reader: number,
  thread = false,
): DirectoryNode {
  const path = `${process.pid}${thread ? "/task" : ""}`;
  const netns = (): Netns => host.netnsOf(process.netns);
  const file =
    (name: string, read: () => string, mode = 0o444) =>
    (): Node =>
      procFile(`${path}/${name}`, { read }, mode);
  const entries = new Map<string, () => Node>([
    ["ns", () => namespaces(path, netns(), process)],
    ["net", () => procNet(netns())],
    ["status", file("status", () => statusText(process, process.pid === reader))],
    ["comm", file("comm", () => `${commandName(process)}\n`, 0o644)],
    ["cmdline", file("cmdline", () => process.argv.map((word) => `${word}\0`).join(""))],
    ["stat", file("stat", () => statText(process, process.pid === reader))],
    ["cgroup", file("cgroup", () => cgroupText(process))],
    ["cwd", () => generatedLink("proc", `${path}/cwd`, process.cwd)],
    ["root", () => generatedLink("proc", `${path}/root`, "/")],
    ["mounts", file("mounts", () => host.mounts(mountsOf(process)))],
    ["fd", () => descriptors(host, process, path)],
  ]);
  if (!thread) entries.set("task", () => threads(host, process, reader));
  return generatedDirectory("proc", path, () => entries);
}

/** /proc/PID/fd. Of what is no socket only the number is known; it is shown as a pipe. */
function descriptors(host: Host, process: ProcessEntry, path: string): DirectoryNode {
  const entries = (): Map<string, () => Node> => {
    const found = new Map<string, () => Node>();
    const add = (number: number, target: string): void => {
      found.set(String(number), () => generatedLink("proc", `${path}/fd/${number}`, target));
    };
    for (const number of process.fds?.keys() ?? []) add(number, `pipe:[${number}]`);
    const taken = new Set(process.fds?.keys() ?? []);
    for (const [number, inode] of host.sockets(process.pid)) {
      let free = number;
      while (taken.has(free)) free++;
      taken.add(free);
      add(free, `socket:[${inode}]`);
    }
    return new Map([...found].sort(([a], [b]) => Number(a) - Number(b)));
  };
  return generatedDirectory("proc", `${path}/fd`, entries);
}

function threads(host: Host, process: ProcessEntry, reader: number): DirectoryNode {
  const only = new Map([[String(process.pid), () => processDirectory(host, process, reader, true)]]);
  return generatedDirectory("proc", `${process.pid}/tasks`, () => only);
}

/** Inode numbers of the kinds of which there is one (include/linux/proc_ns.h). */
const ONLY_NAMESPACES: ReadonlyMap<string, number> = new Map([
  ["cgroup", 4_026_531_835],
  ["ipc", 4_026_531_839],
  ["pid", 4_026_531_836],
  ["time", 4_026_531_834],
  ["user", 4_026_531_837],
  ["uts", 4_026_531_838],
]);

function namespaces(path: string, netns: Netns, process: ProcessEntry): DirectoryNode {
  const entry = (name: string, inode: number, node?: FileNode): (() => Node) => {
    const kind = name.replace("_for_children", "");
    return () => generatedLink("proc", `${path}/ns/${name}`, `${kind}:[${inode}]`, node);
  };
  const names = [...ONLY_NAMESPACES.keys(), "pid_for_children", "time_for_children"];
  const entries = new Map([
    ["mnt", entry("mnt", process.mounts?.inode ?? HOST_MOUNTS_INODE)],
    ["net", entry("net", netns.inode, netnsFile(netns))],
    ...names.map((name) => {
      const inode = ONLY_NAMESPACES.get(name.replace("_for_children", "")) ?? 0;
      return [name, entry(name, inode)] as const;
    }),
  ]);
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  return generatedDirectory("proc", `${path}/ns`, () => sorted);
}

function mountsOf({ mounts }: ProcessEntry): MountNamespace | undefined {
  return mounts instanceof MountNamespace ? mounts : undefined;
}

function commandName(process: ProcessEntry): string {
  const word = process.argv[0] ?? "";
  return word.slice(word.lastIndexOf("/") + 1).slice(0, COMMAND_LIMIT);
}

/** cgroups(7): the second version only, with the group that `ip vrf exec` makes for a VRF. */
function cgroupText({ socketDevice }: ProcessEntry): string {
  return `0::/${socketDevice === undefined ? "" : `vrf/${socketDevice}`}\n`;
}

function statusText(process: ProcessEntry, reader: boolean): string {
  const rows = [
    `Name:\t${commandName(process)}`,
    "Umask:\t0022",
    `State:\t${reader ? "R (running)" : "S (sleeping)"}`,
    `Tgid:\t${process.pid}`,
    "Ngid:\t0",
    `Pid:\t${process.pid}`,
    `PPid:\t${process.parentPid}`,
    "TracerPid:\t0",
    "Uid:\t0\t0\t0\t0",
    "Gid:\t0\t0\t0\t0",
    "Threads:\t1",
    "NoNewPrivs:\t0",
  ];
  return `${rows.join("\n")}\n`;
}

const USER_HZ = 100; // ticks a second
const SUPER_USER = 0x100; // PF_SUPERPRIV
const PRIORITY = 20; // of nice 0

/** proc_pid_stat(5): 52 fields, of which the embedded host knows a few. Whoever reads this runs. */
function statText(process: ProcessEntry, reader: boolean): string {
  const { pid, parentPid, group = pid, session = pid, started = 0 } = process;
  const fields = Array<number>(49).fill(0);
  const set = (number: number, value: number): void => void (fields[number - 4] = value);
  set(4, parentPid);
  set(5, group);
  set(6, session);
  set(8, -1); // no terminal
  set(9, SUPER_USER);
  set(18, PRIORITY);
  set(20, 1);
  set(22, Math.floor((started / 1e9) * USER_HZ));
  return `${pid} (${commandName(process)}) ${reader ? "R" : "S"} ${fields.join(" ")}\n`;
}

/** /proc/PID/net: files that layers registered, in the order of procfs, and directories made from "vlan/config". */
export function procNet(netns: Netns): DirectoryNode {
  return netDirectory(netns, "");
}

function netDirectory(netns: Netns, directory: string): DirectoryNode {
  const { kernel } = netns;
  const prefix = directory === "" ? "" : `${directory}/`;
  const entries = (): Map<string, () => Node> => {
    const found = new Map<string, () => Node>();
    const add = (path: string): void => {
      const cut = path.indexOf("/", prefix.length);
      const name = cut < 0 ? path.slice(prefix.length) : path.slice(prefix.length, cut);
      if (name !== "") found.set(name, () => netEntry(netns, `${prefix}${name}`));
    };
    for (const path of kernel.procNet.keys()) if (path.startsWith(prefix)) add(path);
    for (const path of kernel.procNetDirectories.keys()) if (`${path}/`.startsWith(prefix)) add(`${path}/`);
    for (const name of kernel.procNetDirectories.get(directory)?.names(netns) ?? []) add(`${prefix}${name}`);
    return new Map([...found].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)));
  };
  return {
    ...generatedDirectory("proc", `net/${netns.inode}/${directory}`, entries),
    lookup(name) {
      const path = `${prefix}${name}`;
      if (kernel.procNet.has(path)) return netEntry(netns, path);
      return entries().get(name)?.();
    },
  };
}

function netEntry(netns: Netns, path: string): Node {
  const { kernel } = netns;
  const inode = `net/${netns.inode}/${path}`;
  const cut = path.lastIndexOf("/");
  const directory = cut < 0 ? undefined : kernel.procNetDirectories.get(path.slice(0, cut));
  const name = path.slice(cut + 1);
  const read = kernel.procNet.get(path);
  if (read) return netFile(inode, () => read(netns), directory?.mode);
  if (directory?.names(netns).includes(name) === true)
    return netFile(inode, () => directory.read(netns, name), directory.mode);
  return netDirectory(netns, path);
}

/** Files of /proc/net without a write operation refuse to be opened for it (seq_open_net). */
function netFile(path: string, read: () => string, mode = 0o444): Node {
  return {
    ...procFile(path, { read }, mode),
    open(flags) {
      if (flags.write === true) throw new Refusal(ERRNO.EACCES);
      return openText({ read }, flags);
    },
  };
}
