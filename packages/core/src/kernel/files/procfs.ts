// /proc (fs/proc): processes, the network of the viewer's namespace, and the few facts about the host that scripts read.

import type { ProcessEntry } from "../../system/system.ts";
import type { Kernel } from "../kernel.ts";
import type { Sysctl } from "../sysctl.ts";
import type { Netns } from "../netns.ts";
import type { MountNamespace } from "./mount-namespace.ts";
import { generatedDirectory, generatedLink, procFile } from "./generated.ts";
import type { DirectoryNode, Node, View } from "./node.ts";
import { processDirectory } from "./proc-process.ts";
import { procSys } from "./proc-sys.ts";

/** What /proc shows beside the kernel: the host's processes, name and mounts. */
export interface Host {
  readonly kernel: Kernel;
  readonly processes: () => Iterable<ProcessEntry>;
  /** Descriptor and inode number of a process's open sockets. */
  readonly sockets: (pid: number) => Iterable<readonly [descriptor: number, inode: number]>;
  /** Values outside net/: kernel/hostname and the like. */
  readonly hostSysctls: ReadonlyMap<string, Sysctl>;
  netnsOf(reference: ProcessEntry["netns"]): Netns;
  /** /proc/PID/mounts */
  mounts(mounts?: MountNamespace): string;
}

/** The root of procfs as `view` sees it. */
export function procRoot(host: Host, view: View): DirectoryNode {
  const { kernel } = host;
  const link = (name: string, target: string) => (): Node => generatedLink("proc", name, target);
  const file = (name: string, read: () => string) => (): Node => procFile(name, { read });
  // Registered entries stand ordered by length and name; then come self and the processes.
  const fixed = new Map<string, () => Node>([
    ["net", link("net", "self/net")],
    ["sys", () => procSys(view.netns, host.hostSysctls)],
    ["stat", file("stat", () => statText(kernel))],
    ["mounts", link("mounts", "self/mounts")],
    ["uptime", file("uptime", () => uptimeText(kernel))],
    [
      "cmdline",
      file("cmdline", () => `BOOT_IMAGE=/vmlinuz-${kernel.profile.release} root=/dev/root ro quiet\n`),
    ],
    ["cpuinfo", file("cpuinfo", () => cpuText(kernel))],
    ["loadavg", file("loadavg", () => loadText(host))],
    [
      "version",
      file("version", () => `Linux version ${kernel.profile.release} (patchcord) ${kernel.profile.build}\n`),
    ],
    ...(kernel.modules ? [["modules", file("modules", () => kernel.modules?.text() ?? "")] as const] : []),
    ["self", link("self", String(view.pid))],
    ["thread-self", link("thread-self", `${view.pid}/task/${view.pid}`)],
  ]);
  const root = generatedDirectory("proc", "proc", () => fixed);
  return {
    ...root,
    lookup(name) {
      const made = fixed.get(name);
      if (made) return made();
      if (!/^[1-9]\d*$/.test(name)) return undefined;
      const process = processOf(host, Number(name));
      return process && processDirectory(host, process, view.pid);
    },
    names: () => [...fixed.keys(), ...[...host.processes()].map((process) => String(process.pid))],
  };
}

function processOf(host: Host, pid: number): ProcessEntry | undefined {
  for (const process of host.processes()) if (process.pid === pid) return process;
  return undefined;
}

function hundredths(nanoseconds: number): string {
  return (Math.floor(nanoseconds / 1e7) / 100).toFixed(2);
}

/** Uptime and the idle time of all CPUs, seconds. The embedded host computes nothing, so it was idle all along. */
function uptimeText(kernel: Kernel): string {
  const { now } = kernel.clock;
  return `${hundredths(now)} ${hundredths(now * kernel.profile.cpus)}\n`;
}

const USER_HZ = 100; // unit of /proc/stat, ticks a second

function statText(kernel: Kernel): string {
  const { cpus } = kernel.profile;
  const idle = Math.floor((kernel.clock.now / 1e9) * USER_HZ);
  const lines = [`cpu  0 0 0 ${idle * cpus} 0 0 0 0 0 0`];
  for (let cpu = 0; cpu < cpus; cpu++) lines.push(`cpu${cpu} 0 0 0 ${idle} 0 0 0 0 0 0`);
  lines.push(
    `btime ${Math.floor(kernel.clock.bootTime / 1e6)}`,
    "processes 0",
    "procs_running 1",
    "procs_blocked 0",
  );
  return `${lines.join("\n")}\n`;
}

function cpuText(kernel: Kernel): string {
  const blocks: string[] = [];
  for (let cpu = 0; cpu < kernel.profile.cpus; cpu++) {
    const rows = [
      `processor\t: ${cpu}`,
      "vendor_id\t: Patchcord",
      "model name\t: embedded",
      "siblings\t: 1",
      "cpu cores\t: 1",
    ];
    blocks.push(`${rows.join("\n")}\n\n`);
  }
  return blocks.join("");
}

function loadText(host: Host): string {
  const pids = [...host.processes()].map((process) => process.pid);
  return `0.00 0.00 0.00 1/${pids.length} ${Math.max(0, ...pids)}\n`;
}
