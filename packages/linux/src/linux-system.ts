// The real kernel as a System. Its processes live in this one process: each system call is made on the main thread,
// inside the network namespace of the process that asks for it. Process ids are numbers above those of the kernel, so
// that they cannot be taken for another program's; where the kernel is told one (IFLA_NET_NS_PID), it gets the
// namespace instead.

import { randomBytes } from "node:crypto";
import { hostname, release } from "node:os";
import { readFileSync, statSync } from "node:fs";
import { NETLINK } from "@patchcord/core/netlink/message.ts";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { FileSystem } from "@patchcord/core/system/files.ts";
import type { Program } from "@patchcord/core/system/process.ts";
import type {
  InetSocket,
  InetSocketKind,
  NetlinkProtocol,
  NetlinkSocket,
  PacketSocket,
} from "@patchcord/core/system/sockets.ts";
import type {
  StreamAddress,
  StreamListener,
  StreamOptions,
  StreamSocket,
} from "@patchcord/core/system/stream-sockets.ts";
import type {
  Credentials,
  IoctlRequest,
  Microseconds,
  Nanoseconds,
  NetnsReference,
  ProcessEntry,
  System,
  Timer,
} from "@patchcord/core/system/system.ts";
import type { Tls } from "@patchcord/core/system/tls.ts";
import { TUN_FLAGS } from "@patchcord/core/system/tun.ts";
import type { TunFile, TunRequest } from "@patchcord/core/system/tun.ts";
import { LinuxDropWatch } from "./drop-watch.ts";
import { externalProgram } from "./external-program.ts";
import { LinuxInetSocket } from "./inet-socket.ts";
import { networkIoctl } from "./ioctl.ts";
import { libc, wallClock } from "./libc.ts";
import { LinuxFiles } from "./linux-files.ts";
import type { NetlinkHost } from "./netlink-socket.ts";
import { LinuxNetlinkSocket } from "./netlink-socket.ts";
import { LinuxCapture } from "./network-capture.ts";
import { NetworkNamespaces } from "./network-namespaces.ts";
import { LinuxPacketSocket } from "./packet-socket.ts";
import { pidsAsDescriptors } from "./pid-translation.ts";
import { markOf } from "./ownership/marks.ts";
import { Ownership } from "./ownership/ownership.ts";
import type { Journal } from "./ownership/journal.ts";
import { LinuxTunFile } from "./tun-file.ts";
import { connectStream, listenStream } from "./stream-socket.ts";

const MS = { REC: 0x4000, BIND: 0x1000, SHARED: 1 << 20 } as const;
const MNT_DETACH = 2;
/** What the kernel calls a TUN and a TAP that is given no name. */
const UNNAMED_TUN = ["tun%d", "tap%d"] as const;
const NETNS_DIRECTORY = /^(?:\/var)?\/run\/netns$/;
/** Larger than every pid (PID_MAX_LIMIT is 4194304), still exact in a float and an int. */
const FIRST_PID = 4_194_305;

export class LinuxSystem implements System {
  readonly name = "linux";
  readonly release = release();
  readonly hostName = hostname();
  readonly startCost: Nanoseconds = 0;
  readonly #namespaces = new NetworkNamespaces();
  readonly capture = new LinuxCapture(this.#namespaces);
  readonly kernelDrops = new LinuxDropWatch();
  readonly tls: Tls | undefined;
  readonly #ownership: Ownership | undefined;
  readonly #processes = new Map<number, ProcessEntry>();
  /** Namespaces that a process has opened, by its pid: they stay open until it ends. */
  readonly #opened = new Map<number, Set<number>>();
  /** Made since the last process ended: whoever made it has not gone there yet. */
  readonly #fresh = new Set<number>();
  /** Namespaces that sockets have given descriptors of, with the number of those. */
  readonly #kept = new Map<number, number>();
  #lastPid = FIRST_PID - 1;

  /** With a journal, what is made on the machine is noted there first; `mark`: and marked then. */
  constructor(
    journal?: Journal,
    { mark = false, tls }: { readonly mark?: boolean; readonly tls?: Tls } = {},
  ) {
    this.tls = tls;
    const own = mark ? markOf(process.pid) : undefined;
    this.#ownership = journal && new Ownership(journal, this.#namespaces, own);
  }

  monotonic(): Nanoseconds {
    return Number(process.hrtime.bigint());
  }

  realtime(): Microseconds {
    return wallClock();
  }

  after(delay: Nanoseconds, fire: () => void): Timer {
    const timer = setTimeout(fire, delay / 1e6);
    return { cancel: () => clearTimeout(timer) };
  }

  hold(): () => void {
    return () => {};
  }

  random32(): number {
    return randomBytes(4).readUInt32LE();
  }

  /** Resolves once `done` returns true. It is asked whenever a process has ended. */
  async run(done: () => boolean): Promise<void> {
    const awake = setInterval(() => {}, 0x7fff_ffff); // a program that waits for a signal alone must not end Node
    try {
      while (!done()) {
        await new Promise<void>((resolve) => {
          this.#ended = resolve;
          if (done()) resolve();
        });
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      clearInterval(awake);
    }
  }
  #ended: () => void = () => {};

  // ---- processes

  nextPid(): number {
    return ++this.#lastPid;
  }

  processStarted(entry: ProcessEntry): void {
    this.#processes.set(entry.pid, entry);
  }

  processEnded(pid: number): void {
    this.#processes.delete(pid);
    this.#opened.delete(pid);
    this.#fresh.clear();
    const used = new Set([...this.#opened.values()].flatMap((inodes) => [...inodes]));
    for (const entry of this.#processes.values()) used.add(entry.netns.inode);
    this.#namespaces.closeUnused((inode) => used.has(inode) || this.#kept.has(inode));
    setImmediate(() => this.#ended());
  }

  /** A real program. It runs in the process's namespace. */
  external(path: string): Program {
    return externalProgram(path, {
      namespaces: this.#namespaces,
      makingGroup: (group) => this.#ownership?.makingGroup(group),
    });
  }

  // ---- namespaces

  get initialNetns(): NetnsReference {
    return this.#namespaces.home;
  }

  createNetns(): NetnsReference {
    const netns = this.#namespaces.create();
    this.#fresh.add(netns.inode);
    this.#ownership?.created(netns);
    this.capture.made(netns);
    return netns;
  }

  openNetns(path: string, caller: Credentials): NetnsReference {
    const netns = this.#within(caller, () =>
      this.#namespaces.open(this.#translate(this.#absolute(path, caller), caller)),
    );
    const opened = this.#opened.get(caller.pid) ?? new Set();
    this.#opened.set(caller.pid, opened.add(netns.inode));
    return netns;
  }

  mountNetns(path: string, netns: NetnsReference): void {
    const directory = path.slice(0, path.lastIndexOf("/"));
    shareDirectory(directory, () => this.#ownership?.sharing(directory));
    this.#ownership?.naming(path, this.#namespaces.get(netns));
    libc.mount(`/proc/self/fd/${this.#namespaces.get(netns).fd}`, path, "none", MS.BIND, null);
  }

  unmount(path: string): void {
    const { ino } = statSync(path, { throwIfNoEntry: false }) ?? { ino: 0 };
    this.capture.losing(ino);
    this.#ownership?.unmounting(path);
    libc.umount2(path, MNT_DETACH);
  }

  #within<T>(caller: Credentials, visit: () => T): T {
    return this.#namespaces.within(caller.netns, visit);
  }

  // ---- files

  #absolute(path: string, caller: Credentials): string {
    return path.startsWith("/") ? path : `${caller.cwd}/${path}`;
  }

  /** Paths that mean something else to one of our processes than to the process that we are. */
  #translate(path: string, caller: Credentials): string {
    if (path.startsWith("/sys")) return this.#namespaces.pathIn(this.#namespaces.get(caller.netns), path);
    const [, digits = "", rest = ""] = /^\/proc\/(\d+)(\/.*)?$/.exec(path) ?? [];
    const entry = digits === "" ? undefined : this.#processes.get(Number(digits));
    if (entry === undefined) return path;
    if (rest === "/ns/net") return `/proc/self/fd/${this.#namespaces.get(entry.netns).fd}`;
    return `/proc/self${rest}`;
  }

  files(caller: Credentials): FileSystem {
    return new LinuxFiles({
      cwd: caller.cwd,
      within: (visit) => this.#within(caller, visit),
      translate: (path) => this.#translate(path, caller),
      making: (path, type, make) =>
        this.#ownership === undefined ? make() : this.#ownership.making(path, type, make),
      writing: (path) => this.#ownership?.writing(path, this.#namespaces.get(caller.netns)),
    });
  }

  // ---- sockets

  netlink(caller: Credentials, protocol: NetlinkProtocol): NetlinkSocket {
    if (protocol !== NETLINK.ROUTE) {
      const watch =
        protocol === NETLINK.GENERIC
          ? this.#ownership?.watchGenericSocket(this.#namespaces.get(caller.netns))
          : undefined;
      const sending = (bytes: Uint8Array): Uint8Array => {
        watch?.sending(bytes);
        return bytes;
      };
      const host = { sending, keepNetns: this.#keepNetns, ...(watch ? { sent: watch.sent } : {}) };
      return this.#within(caller, () => new LinuxNetlinkSocket(protocol, host));
    }
    const watch = this.#ownership?.watchSocket(this.#namespaces.get(caller.netns));
    const host: NetlinkHost = {
      sending: (bytes) => {
        const datagram = pidsAsDescriptors(bytes, (pid) => {
          const entry = this.#processes.get(pid);
          return entry && this.#namespaces.get(entry.netns).fd;
        });
        watch?.sending(datagram);
        return datagram;
      },
      ...(watch ? { sent: watch.sent, received: watch.received } : {}),
      keepNetns: this.#keepNetns,
    };
    return this.#within(caller, () => new LinuxNetlinkSocket(protocol, host));
  }

  readonly #keepNetns: NonNullable<NetlinkHost["keepNetns"]> = (reference) => {
    const { inode, fd } = this.#namespaces.get(reference);
    this.#kept.set(inode, (this.#kept.get(inode) ?? 0) + 1);
    return {
      fd,
      release: () => {
        const left = (this.#kept.get(inode) ?? 1) - 1;
        if (left > 0) this.#kept.set(inode, left);
        else this.#kept.delete(inode);
      },
    };
  };

  openTun(caller: Credentials, request: TunRequest): TunFile {
    const netns = this.#namespaces.get(caller.netns);
    const losing = (name: string): (() => void) => this.#ownership?.losingTun(netns, name) ?? (() => {});
    const make = (): TunFile => this.#within(caller, () => new LinuxTunFile(request, losing));
    const name = request.name === "" ? UNNAMED_TUN[request.flags & TUN_FLAGS.TAP ? 1 : 0] : request.name;
    return this.#ownership === undefined ? make() : this.#ownership.makingTun(netns, name, make);
  }

  packet(caller: Credentials, type: "raw" | "datagram"): PacketSocket {
    return this.#within(caller, () => new LinuxPacketSocket(type, () => this.realtime()));
  }

  inet(caller: Credentials, kind: InetSocketKind): InetSocket {
    return this.#within(caller, () => new LinuxInetSocket(kind, () => this.realtime()));
  }

  connectStream(caller: Credentials, address: StreamAddress, options?: StreamOptions): StreamSocket {
    const place = this.#inDirectory(address, caller);
    const socket = this.#within(caller, () => connectStream(place, options));
    return this.#ownership === undefined || place.family !== "unix"
      ? socket
      : this.#ownership.watchingStream(socket, place.path);
  }

  listenStream(caller: Credentials, address: StreamAddress, options?: StreamOptions): StreamListener {
    return this.#within(caller, () => listenStream(this.#inDirectory(address, caller), options));
  }

  #inDirectory(address: StreamAddress, caller: Credentials): StreamAddress {
    if (address.family !== "unix" || address.path.startsWith("\0")) return address;
    return { family: "unix", path: this.#absolute(address.path, caller) };
  }

  ioctl(caller: Credentials, request: IoctlRequest): void {
    const call = (): void => this.#within(caller, () => networkIoctl(request));
    if (this.#ownership === undefined) call();
    else this.#ownership.ioctl(this.#namespaces.get(caller.netns), request, call);
  }
}

/**
 * Mounts in /run/netns have to reach the other mount namespaces, so the directory is a shared mount of its own, made so by
 * whoever mounts there first (ip-netns(8)).
 */
function shareDirectory(directory: string, announce: () => void): void {
  if (!NETNS_DIRECTORY.test(directory)) return;
  try {
    libc.mount("", directory, "none", MS.SHARED | MS.REC, null);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.EINVAL) throw refusal;
    announce();
    libc.mount(directory, directory, "none", MS.BIND | MS.REC, null);
    libc.mount("", directory, "none", MS.SHARED | MS.REC, null);
  }
}

/** Why this machine cannot serve as the real system, for the person who asked for it; undefined if it can. */
export function linuxUnusable(advice = "use sudo"): string | undefined {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  const CAP_NET_ADMIN = 1n << 12n;
  const CAP_SYS_ADMIN = 1n << 21n;
  const needed = CAP_NET_ADMIN | CAP_SYS_ADMIN;
  if ((BigInt(`0x${capabilities}`) & needed) === needed) return undefined;
  return `the real kernel needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN): ${advice}`;
}
