// What a Linux host offers to programs. Two implementations exist: the embedded one and the real kernel; programs,
// the shell and labs see this interface and never know which one they run on.

import type { KernelModules } from "./kernel-modules.ts";
import type { FileSystem } from "./files.ts";
import type { KernelDropWatch } from "./kernel-drops.ts";
import type { NetworkCapture } from "./network-capture.ts";
import type { Mounts, MountsReference } from "./mounts.ts";
import type { PacketTrace } from "./packet-trace.ts";
import type { InetSocket, InetSocketKind, NetlinkProtocol, NetlinkSocket, PacketSocket } from "./sockets.ts";
import type { StreamAddress, StreamListener, StreamOptions, StreamSocket } from "./stream-sockets.ts";
import type { SwitchDaemons } from "./switch-daemons.ts";
import type { Tls } from "./tls.ts";
import type { TunFile, TunRequest } from "./tun.ts";

/** Since boot, like CLOCK_MONOTONIC. */
export type Nanoseconds = number;
/** Since the epoch, like CLOCK_REALTIME. */
export type Microseconds = number;

export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;

/** A timer that can be stopped. */
export interface Timer {
  cancel(): void;
}

/** A reference to a network namespace. Two references to one namespace have the same `inode`. */
export interface NetnsReference {
  /** Inode of /proc/PID/ns/net. */
  readonly inode: number;
}

/** umask(2) of what init starts. */
export const DEFAULT_UMASK = 0o022;

/** What a process brings to a system call: where it is and who it is. */
export interface Credentials {
  readonly pid: number;
  readonly cwd: string;
  readonly netns: NetnsReference;
  /** Absent: the host's. */
  readonly mounts?: MountsReference | undefined;
  /** Permissions that new files do not get (umask(2)); absent: 022. */
  readonly umask?: number;
}

/** A host. Calls that Linux can refuse throw Refusal. */
export interface System {
  readonly name: "embedded" | "linux";
  /** Release, as uname -r tells it. */
  readonly release: string;
  readonly hostName: string;

  monotonic(): Nanoseconds;
  realtime(): Microseconds;
  /** Calls `fire` once, `delay` from now. */
  after(delay: Nanoseconds, fire: () => void): Timer;
  /** Virtual time that starting a program takes; 0 where time is real. So a loop of commands always makes progress. */
  readonly startCost: Nanoseconds;
  /** Keeps a virtual clock from advancing until the returned function is called: for work that only takes real time. */
  hold(): () => void;
  /** Uniform 32-bit number: seeded on the embedded system, getrandom(2) on the real one. */
  random32(): number;

  /** Called once a process exists and once it is gone, so that /proc can show it. */
  processStarted(process: ProcessEntry): void;
  processEnded(pid: number): void;
  /** Called when a process begins to wait, so that a virtual clock knows whether any has run. */
  processWaits?(): void;
  nextPid(): number;

  readonly initialNetns: NetnsReference;
  /** unshare(CLONE_NEWNET): a new namespace that lives while it is referenced by a process, a mount or an open file. */
  createNetns(): NetnsReference;
  /** Opens a namespace file for setns(2). Errors: ENOENT, EINVAL (not a namespace file). */
  openNetns(path: string, caller: Credentials): NetnsReference;
  /** mount --bind /proc/self/ns/net PATH. */
  mountNetns(path: string, netns: NetnsReference): void;
  /** umount2(PATH, MNT_DETACH). Errors: EINVAL if nothing is mounted there. */
  unmount(path: string): void;

  /** open("/dev/net/tun") and TUNSETIFF. Errors: ENODEV without the module, EBUSY, EINVAL, EPERM. */
  openTun(caller: Credentials, request: TunRequest): TunFile;

  files(caller: Credentials): FileSystem;
  netlink(caller: Credentials, protocol: NetlinkProtocol): NetlinkSocket;
  packet(caller: Credentials, type: "raw" | "datagram"): PacketSocket;
  inet(caller: Credentials, kind: InetSocketKind): InetSocket;
  /** socket(2) and connect(2). Errors: ENOENT, ECONNREFUSED (also later, see StreamSocket), EINVAL. */
  connectStream(caller: Credentials, address: StreamAddress, options?: StreamOptions): StreamSocket;
  /** socket(2), bind(2) and listen(2). Errors: EADDRINUSE, ENOENT, EADDRNOTAVAIL. */
  listenStream(caller: Credentials, address: StreamAddress, options?: StreamOptions): StreamListener;
  /** Tells what happens to packets, where the system can: the real kernel has no such call. */
  readonly trace?: PacketTrace;
  /** Open vSwitch's daemons, where they are a part of the system. */
  readonly switchDaemons?: SwitchDaemons;
  /** TLS, where the host has it. */
  readonly tls?: Tls | undefined;
  /** Mounts, where the system keeps them itself. */
  readonly mounts?: Mounts;
  /** init_module(2) and delete_module(2), where the system lets programs call them. */
  readonly kernelModules?: KernelModules | undefined;
  /** Frames of all devices at once. */
  readonly capture?: NetworkCapture;
  /** Why packets were dropped, where the system tells it of all at once. */
  readonly kernelDrops?: KernelDropWatch;
  /** ioctl(2) on an AF_INET socket in the caller's namespace. */
  ioctl(caller: Credentials, request: IoctlRequest): void;
}

/**
 * ioctl requests in the shapes that network tools use. `data` is changed in place where the kernel writes.
 * - ifreq: struct ifreq, 40 bytes, name first (SIOCGIF*, SIOCSIF*, SIOCBRADDIF with ifr_ifindex, ...)
 * - ifreqPointer: struct ifreq whose ifr_data points to `data` (SIOCETHTOOL, SIOCDEVPRIVATE)
 * - pointer: the argument itself points to `data` (SIOCBRADDBR with a name, SIOCGIFBR with an array)
 */
export type IoctlRequest =
  | { readonly shape: "ifreq"; readonly number: number; readonly data: Uint8Array }
  | {
      readonly shape: "ifreqPointer";
      readonly number: number;
      readonly device: string;
      readonly data: Uint8Array;
    }
  | { readonly shape: "pointer"; readonly number: number; readonly data: Uint8Array };

/** What /proc shows of a process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly argv: readonly string[];
  /** When it began; left out: at boot. */
  readonly started?: Nanoseconds;
  /** Leaders of its process group and session; left out: itself. */
  readonly group?: number;
  readonly session?: number;
  readonly netns: NetnsReference;
  readonly cwd: string;
  readonly mounts?: MountsReference | undefined;
  /** The device that its IP sockets are bound to by its control group. */
  readonly socketDevice?: string | undefined;
  /** Open descriptors that are no sockets, by number. */
  readonly fds?: ReadonlyMap<number, unknown>;
}
