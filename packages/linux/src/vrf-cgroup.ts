// Binds the sockets of real programs to a device, as `ip vrf exec` does: in a control group of their own with a BPF program that runs
// when a socket is made and sets its device (Documentation/networking/vrf.rst; linux/bpf.h, BPF_CGROUP_INET_SOCK_CREATE).
// The hierarchy of control groups is mounted where nobody else sees it.

import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { ERRNO, strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { writeU32Host, writeU64HostBig } from "@patchcord/core/netlink/host-bytes.ts";
import { detachedMount, libc, payloadAddress, payloadBytes } from "./libc.ts";

const BPF = process.arch === "arm64" ? 280 : 321;
/** Commands of bpf(2), and what is loaded and where it is attached. */
const COMMAND = { PROG_LOAD: 5, PROG_ATTACH: 8 } as const;
const PROG_TYPE_CGROUP_SOCK = 9;
const CGROUP_INET_SOCK_CREATE = 2;
const O_DIRECTORY_CLOEXEC = 0o200000 | 0o2000000;
const ATTRIBUTES = 64; // bytes of union bpf_attr; what follows stands behind them
const LICENCE = 128;
const PROGRAM = 192;

/** struct bpf_insn: code, registers (destination, source << 4), offset, immediate. bpf_sock.bound_dev_if is the first member. */
const instructions = (ifindex: number): readonly (readonly [number, number, number])[] => [
  [0xb7, 0x03, ifindex], // r3 = ifindex
  [0x63, 0x31, 0], // *(u32 *)(r1 + 0) = r3
  [0xb7, 0x00, 1], // r0 = 1: let the socket be made
  [0x95, 0x00, 0], // exit
];

function load(ifindex: number): number {
  payloadBytes.fill(0, 0, PROGRAM + 64);
  const program = instructions(ifindex);
  for (const [at, [code, registers, immediate]] of program.entries()) {
    payloadBytes[PROGRAM + 8 * at] = code;
    payloadBytes[PROGRAM + 8 * at + 1] = registers;
    writeU32Host(payloadBytes, PROGRAM + 8 * at + 4, immediate);
  }
  payloadBytes.set(Buffer.from("MIT\0"), LICENCE);
  writeU32Host(payloadBytes, 0, PROG_TYPE_CGROUP_SOCK);
  writeU32Host(payloadBytes, 4, program.length);
  writeU64HostBig(payloadBytes, 8, payloadAddress + BigInt(PROGRAM));
  writeU64HostBig(payloadBytes, 16, payloadAddress + BigInt(LICENCE));
  return libc.syscall(BPF, COMMAND.PROG_LOAD, payloadAddress, ATTRIBUTES, 0, 0);
}

function attach(program: number, directory: string): void {
  const target = libc.open(directory, O_DIRECTORY_CLOEXEC, 0);
  try {
    payloadBytes.fill(0, 0, ATTRIBUTES);
    writeU32Host(payloadBytes, 0, target);
    writeU32Host(payloadBytes, 4, program);
    writeU32Host(payloadBytes, 8, CGROUP_INET_SOCK_CREATE);
    libc.syscall(BPF, COMMAND.PROG_ATTACH, payloadAddress, ATTRIBUTES, 0, 0);
  } finally {
    libc.close(target);
  }
}

/** Descriptor of the hierarchy's root. */
let hierarchy: number | undefined;

/** A path for this process's children too. */
function root(): string {
  hierarchy ??= detachedMount("cgroup2");
  return `/proc/${process.pid}/fd/${hierarchy}`;
}

/** The control group that this process is in. */
function ownGroup(): string {
  const [, path = "/"] = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8")) ?? [];
  return path === "/" ? "" : path;
}

/** Directories of a group that Patchcord makes, from the root of the hierarchy, outermost first. */
function directoriesOf(group: string): readonly string[] {
  const [own = "", inside = ""] = group.split(/(?=\/patchcord-)/);
  const parts = inside.split("/").slice(1);
  return parts.map((_, at) => `${own}/${parts.slice(0, at + 1).join("/")}`);
}

/** A group for sockets on a device; `netns` is the inode of the namespace that it is in. */
export function vrfGroup(netns: number, device: string): string {
  return `${ownGroup()}/patchcord-${netns}/vrf/${device}`;
}

/** Makes the group. @returns the file that processes join it by. Errors: Refusal */
export function makeVrfGroup(group: string, ifindex: number): string {
  try {
    mkdirSync(`${root()}${group}`, { recursive: true });
  } catch (error) {
    throw new Refusal(-((error as NodeJS.ErrnoException).errno ?? -ERRNO.EPERM));
  }
  const program = load(ifindex);
  try {
    attach(program, `${root()}${group}`);
  } finally {
    libc.close(program);
  }
  return `${root()}${group}/cgroup.procs`;
}

export function vrfGroupIsThere(group: string): boolean {
  return existsSync(`${root()}${group}`);
}

/** Removes it. @returns the text of the errno if that cannot be */
export function removeVrfGroup(group: string): string | undefined {
  for (const each of directoriesOf(group).toReversed()) {
    try {
      rmdirSync(`${root()}${each}`);
    } catch (error) {
      const errno = -((error as NodeJS.ErrnoException).errno ?? -ERRNO.EPERM);
      if (errno !== ERRNO.ENOENT) return strerror(errno);
    }
  }
  return undefined;
}
