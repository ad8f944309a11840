// The embedded system: our kernel behind the System interface. Programs reach it through system calls only.

import { ERRNO } from "./netlink/errno.ts";
import { formatJson } from "./ovsproto/json.ts";
import { openVswitchSchema } from "./ovsproto/ovsdb/open-vswitch-schema.ts";
import { Refusal } from "./netlink/refusal.ts";
import { boot } from "./kernel/boot.ts";
import { Driver } from "./kernel/driver.ts";
import type { HostLoop } from "./kernel/driver.ts";
import { VfsMounts } from "./kernel/files/mounts.ts";
import { Vfs } from "./kernel/files/vfs.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { ipv4Bytes } from "./kernel/ipv4/address-message.ts";
import { openDevice } from "./kernel/device-state.ts";
import { inetDevice } from "./kernel/ipv4/in-device.ts";
import { inet6Device } from "./kernel/ipv6/interface.ts";
import { layers } from "./kernel/layers.ts";
import { NetlinkEndpoint } from "./kernel/netlink/endpoint.ts";
import { dispatchGeneric } from "./kernel/netlink/generic-server.ts";
import { dispatchNetfilter } from "./kernel/netlink/netfilter.ts";
import { dispatchRtnetlink } from "./kernel/netlink/rtnetlink.ts";
import { createNetns, releaseNetns } from "./kernel/netns-life.ts";
import type { Netns } from "./kernel/netns.ts";
import { profileOf } from "./kernel/profile.ts";
import type { ProfileName } from "./kernel/profile.ts";
import { KernelCapture } from "./kernel/network-capture.ts";
import { KernelTrace } from "./kernel/packet-trace.ts";
import type { OpenSocket } from "./kernel/sockets/descriptors.ts";
import { SocketDescriptors } from "./kernel/sockets/descriptors.ts";
import { dispatchSockDiag } from "./kernel/sockets/diag/sock-diag.ts";
import { openInetSocket } from "./kernel/sockets/inet.ts";
import { openPacketSocket } from "./kernel/sockets/packet.ts";
import { UnixSockets } from "./kernel/sockets/unix.ts";
import { connectTcp, listenTcp, serveTcp } from "./kernel/tcp/streams.ts";
import { linkKinds } from "./links/devices.ts";
import { openTun } from "./links/tun/device.ts";
import { UserspaceVports } from "./links/openvswitch/userspace-vports.ts";
import { KernelVports } from "./links/openvswitch/vport-host.ts";
import type { FileSystem } from "./system/files.ts";
import type { Mounts } from "./system/mounts.ts";
import type { KernelModules } from "./system/kernel-modules.ts";
import type { NetworkCapture } from "./system/network-capture.ts";
import type { PacketTrace } from "./system/packet-trace.ts";
import type {
  InetAddress,
  InetSocket,
  InetSocketKind,
  NetlinkProtocol,
  NetlinkSocket,
  PacketSocket,
} from "./system/sockets.ts";
import type { StreamAddress, StreamListener, StreamOptions, StreamSocket } from "./system/stream-sockets.ts";
import { MILLISECOND } from "./system/system.ts";
import type { Tls } from "./system/tls.ts";
import type { TunFile, TunRequest } from "./system/tun.ts";
import type { DatagramSocket } from "./vswitch/export/collectors.ts";
import type { OpenVswitchHost } from "./vswitch/processes/daemon-host.ts";
import { installDatapathFamilies } from "./vswitch/netlink/families.ts";
import { DaemonsOnDemand } from "./vswitch/daemons-on-demand.ts";
import { RUN_DIRECTORY } from "./vswitch/standard-sockets.ts";
import { KernelDatapaths } from "./vswitch/datapath/kernel-datapaths.ts";
import { IpProtocol } from "./wire/ip-protocol.ts";
import { ipv6ToBytes } from "./wire/ipv6-address.ts";
import type {
  Credentials,
  IoctlRequest,
  Microseconds,
  Nanoseconds,
  NetnsReference,
  ProcessEntry,
  System,
  Timer,
} from "./system/system.ts";

/** The host has no netfilter. */

export type { HostLoop };

/** What may be chosen about an embedded system. Equal options give equal bytes. */
export interface EmbeddedOptions {
  readonly host: HostLoop;
  readonly profile?: ProfileName;
  readonly seed?: number;
  readonly hostName?: string;
  /** Paths of the programs that there are, so that scripts find their files. */
  readonly programFiles?: Iterable<string>;
  /** Wall-clock time at boot, microseconds since the epoch. */
  readonly bootTime?: Microseconds;
  /** The loopback device of the first namespace is up, as init(8) leaves it; a kernel starts with it down. */
  readonly loopbackUp?: boolean;
  /** Virtual time that starting a program takes. */
  readonly startCost?: Nanoseconds;
  /** Virtual time that setting an option of an IP socket, or sending on one, takes the program. None if left out. */
  readonly callCost?: Nanoseconds;
  /** Without it Open vSwitch's programs are as if they had been built without SSL. */
  readonly tls?: Tls;
}

/** 2024-01-01T00:00:00Z: a fixed day, so that two runs print the same dates. */
const DEFAULT_BOOT_TIME: Microseconds = 1_704_067_200_000_000;
const DEFAULT_START_COST: Nanoseconds = MILLISECOND;
const FIRST_PID = 1000;
const INIT = { pid: 1, parentPid: 0, argv: ["/sbin/init"], cwd: "/" } as const;

export class EmbeddedSystem implements System {
  readonly name = "embedded";
  readonly hostName: string;
  readonly startCost: Nanoseconds;
  /** For whoever watches: traces, captures, pictures. Programs do not see it. */
  readonly kernel: Kernel;
  readonly unixSockets: UnixSockets;
  readonly trace: PacketTrace;
  readonly capture: NetworkCapture;
  readonly switchDaemons: DaemonsOnDemand;
  readonly mounts: Mounts;
  readonly kernelModules: KernelModules | undefined;
  readonly tls: Tls | undefined;
  readonly #callCost: Nanoseconds;
  readonly #driver: Driver;
  readonly #vfs: Vfs;
  #filesOfHost: FileSystem | undefined;
  readonly #descriptors = new SocketDescriptors();
  readonly #processes = new Map<number, ProcessEntry>();
  #lastPid = FIRST_PID - 1;
  #nextPortid = 0x8000_0001;

  constructor(options: EmbeddedOptions) {
    this.hostName = options.hostName ?? "patchcord";
    this.tls = options.tls;
    this.startCost = options.startCost ?? DEFAULT_START_COST;
    this.#callCost = options.callCost ?? 0;
    this.kernel = boot(
      {
        profile: profileOf(options.profile ?? "linux-6.1"),
        seed: options.seed ?? 1,
        bootTime: options.bootTime ?? DEFAULT_BOOT_TIME,
      },
      linkKinds,
      layers,
    );
    this.kernelModules = this.kernel.modules;
    this.trace = new KernelTrace(this.kernel);
    this.capture = new KernelCapture(this.kernel);
    this.kernel.netnsOfPid = (pid) => {
      const process = this.#processes.get(pid);
      return process && this.#netns(process.netns);
    };
    this.#processes.set(INIT.pid, { ...INIT, netns: this.kernel.init });
    this.#driver = new Driver(this.kernel, options.host);
    this.#vfs = new Vfs(this.kernel, {
      hostName: this.hostName,
      processes: () => this.#allProcesses(),
      settle: () => this.#driver.settle(),
      sockets: (pid) => this.#descriptors.of(pid),
    });
    for (const path of options.programFiles ?? []) this.#vfs.addFile(path, "\x7fELF", 0o755);
    this.mounts = new VfsMounts(this.#vfs, {
      bind: (path, netns) => this.mountNetns(path, netns),
      unbind: (path) => this.unmount(path),
    });
    this.unixSockets = new UnixSockets(this.#vfs);
    this.unixSockets.onOpen = (pid, socket) => this.#descriptors.add(pid, socket);
    this.#hostFiles.makeDirectory(RUN_DIRECTORY, 0o755);
    this.#vfs.addFile(
      "/usr/share/openvswitch/vswitch.ovsschema",
      `${formatJson(openVswitchSchema, { pretty: true })}\n`,
    );
    const vports = new KernelVports(this.kernel, this.kernel.init);
    const datapaths = new KernelDatapaths(vports, (netns) => new KernelVports(this.kernel, netns));
    installDatapathFamilies(this.kernel, datapaths);
    const host: OpenVswitchHost = {
      hostName: this.hostName,
      release: this.release,
      vports,
      userspaceVports: new UserspaceVports(this.kernel, this.kernel.init),
      monotonic: () => this.monotonic(),
      after: (delay, fire) => this.kernel.clock.after(delay, fire),
      hold: () => this.hold(),
      tls: this.tls,
      random32: () => this.kernel.random.uint32(),
      realtime: () => this.realtime(),
      readFile: (path) => this.#readHostFile(path),
      openAppending: (path) => {
        const file = this.#hostFiles.open(path, { write: true, create: true, append: true });
        return {
          append: (bytes) => file.write(bytes),
          appendLater: (make) => (file.appendLater ? file.appendLater(make) : file.write(make())),
        };
      },
      fileLength: (path) => this.#hostFiles.status(path).size,
      replaceFile: (path, bytes) => {
        this.#hostFiles.writeFile(`${path}.tmp`, bytes);
        this.#hostFiles.rename(`${path}.tmp`, path);
      },
      connectDatagram: (to) => this.#connectDatagram(to),
      addressOf: (device) => this.#addressOf(device),
      connectStream: (address) =>
        address.family === "unix"
          ? this.unixSockets.connect(address.path, this.#host)
          : connectTcp(this.kernel.init, address, { noDelay: true }, () => {}),
      listenStream: (address, mode, connected, bound) => {
        if (address.family !== "unix") {
          const service = serveTcp(
            this.kernel.init,
            address,
            { noDelay: true, backlog: 10 },
            () => {},
            connected,
          );
          bound?.(service.address.port);
          return service.close;
        }
        this.#removeSocket(address.path);
        const service = this.unixSockets.serve(address.path, mode, connected);
        return () => service.close();
      },
      serve: (path, mode, connected) => {
        const service = this.unixSockets.serve(path, mode, connected);
        return () => service.close();
      },
      createFile: (path, bytes) => {
        this.#hostFiles.open(path, { write: true, create: true, exclusive: true }).write(bytes);
      },
      writeFile: (path, text) => this.#hostFiles.writeFile(path, new TextEncoder().encode(text)),
      removeFile: (path) => this.#hostFiles.unlink(path),
    };
    this.switchDaemons = new DaemonsOnDemand(host, datapaths);
    if (options.loopbackUp) openDevice(this.kernel.init.loopback);
  }

  /** For the switch daemon, whose datagrams are sent while the kernel runs. */
  #connectDatagram(to: InetAddress): DatagramSocket {
    const family = to.address.length === 4 ? "inet" : "inet6";
    const kind = { family, type: "datagram", protocol: IpProtocol.UDP } as const;
    const socket = openInetSocket(this.kernel.init, kind, () => {});
    socket.connect(to);
    return {
      send: (bytes) => socket.sendTo(bytes),
      local: socket.localAddress(),
      remote: to,
      close: () => socket.close(),
    };
  }

  #addressOf(name: string): Uint8Array | undefined {
    const device = this.kernel.init.names.get(name);
    if (!device) return undefined;
    const [v4] = inetDevice.of(device)?.addresses ?? [];
    if (v4) return ipv4Bytes(v4.local);
    const [v6] = inet6Device.of(device)?.addresses ?? [];
    return v6 && ipv6ToBytes(v6.address);
  }

  get #host(): Credentials {
    return { pid: INIT.pid, cwd: "/", netns: this.kernel.init };
  }

  get #hostFiles(): FileSystem {
    return (this.#filesOfHost ??= this.#vfs.filesFor(this.#host));
  }

  /** What an earlier listener has left. */
  #removeSocket(path: string): void {
    try {
      if (this.#hostFiles.linkStatus(path).type === "socket") this.#hostFiles.unlink(path);
    } catch (error) {
      if (!(error instanceof Refusal && error.errno === ERRNO.ENOENT)) throw error;
    }
  }

  #readHostFile(path: string): Uint8Array | undefined {
    try {
      return this.#hostFiles.readFile(path);
    } catch (error) {
      if (error instanceof Refusal && error.errno === ERRNO.ENOENT) return undefined;
      throw error;
    }
  }

  get release(): string {
    return this.kernel.profile.release;
  }

  /** Runs everything until `done` returns true. */
  run(done: () => boolean): Promise<void> {
    return this.#driver.run(done);
  }

  monotonic(): Nanoseconds {
    return this.kernel.clock.now;
  }

  realtime(): Microseconds {
    return this.kernel.clock.realtime();
  }

  after(delay: Nanoseconds, fire: () => void): Timer {
    return this.#driver.after(delay, fire);
  }

  processWaits(): void {
    this.#driver.active();
  }

  hold(): () => void {
    return this.#driver.hold();
  }

  random32(): number {
    return this.kernel.random.uint32();
  }

  nextPid(): number {
    return ++this.#lastPid;
  }

  /** Init, the daemons that no program has started, and those that programs are. */
  #allProcesses(): ProcessEntry[] {
    const daemons = this.switchDaemons.standard.map(({ pid, argv }) => ({
      ...INIT,
      pid,
      argv,
      parentPid: INIT.pid,
      netns: this.kernel.init,
    }));
    return [...this.#processes.values(), ...daemons].sort((a, b) => a.pid - b.pid);
  }

  processStarted(process: ProcessEntry): void {
    this.#processes.set(process.pid, process);
  }

  processEnded(pid: number): void {
    this.#processes.delete(pid);
    this.#descriptors.ended(pid);
    for (const netns of [...this.kernel.unreferenced]) this.#releaseIfUnused(netns);
  }

  get initialNetns(): NetnsReference {
    return this.kernel.init;
  }

  createNetns(): NetnsReference {
    return createNetns(this.kernel);
  }

  openNetns(path: string, caller: Credentials): NetnsReference {
    return this.#vfs.openNetns(path, caller);
  }

  mountNetns(path: string, reference: NetnsReference): void {
    const netns = this.#netns(reference);
    this.#vfs.mountNetns(path, netns);
    netns.retain();
  }

  /** umount2(2) of a namespace's name. */
  unmount(path: string): void {
    const netns = this.#vfs.unmount(path);
    netns.release();
    this.#releaseIfUnused(netns);
  }

  openTun(caller: Credentials, request: TunRequest): TunFile {
    return openTun(this.kernel, this.#netns(caller.netns), request, () => this.#driver.settle());
  }

  files(caller: Credentials): FileSystem {
    return this.#vfs.filesFor(caller);
  }

  netlink(caller: Credentials, protocol: NetlinkProtocol): NetlinkSocket {
    const { kernel } = this;
    const streams = { unix: this.unixSockets };
    const endpoint = new NetlinkEndpoint(
      this.#netns(caller.netns),
      protocol,
      this.#portid(caller, protocol),
      (from, message) => {
        if (protocol === 0) dispatchRtnetlink(kernel, from, message);
        else if (protocol === 4) dispatchSockDiag(streams, from, message);
        else if (protocol === 12) dispatchNetfilter(kernel, from, message);
        else dispatchGeneric(kernel, from, message);
      },
      () => this.#driver.settle(),
    );
    this.#descriptors.add(caller.pid, endpoint);
    return endpoint;
  }

  /** netlink_autobind(): the process's id if that is free. */
  #portid({ pid, netns }: Credentials, protocol: NetlinkProtocol): number {
    for (const endpoint of this.#netns(netns).endpoints)
      if (endpoint.protocol === protocol && endpoint.portid === pid) return this.#nextPortid++;
    return pid;
  }

  packet(caller: Credentials, type: "raw" | "datagram"): PacketSocket {
    const socket = openPacketSocket(this.#netns(caller.netns), type, () => this.#driver.settle());
    this.#descriptors.add(caller.pid, socket);
    return socket;
  }

  inet(caller: Credentials, kind: InetSocketKind): InetSocket {
    const socket = openInetSocket(this.#netns(caller.netns), kind, () => {
      this.kernel.clock.now += this.#callCost;
      this.#driver.settle();
    });
    this.#descriptors.add(caller.pid, socket);
    return socket;
  }

  connectStream(caller: Credentials, address: StreamAddress, options: StreamOptions = {}): StreamSocket {
    if (address.family === "unix") return this.unixSockets.connect(address.path, caller);
    const settle = (): void => this.#driver.settle();
    const socket = connectTcp(this.#netns(caller.netns), address, options, settle);
    this.#descriptors.add(caller.pid, socket);
    return socket;
  }

  listenStream(caller: Credentials, address: StreamAddress, options: StreamOptions = {}): StreamListener {
    if (address.family === "unix") return this.unixSockets.listen(address.path, caller);
    const settle = (): void => this.#driver.settle();
    const accepted = (socket: OpenSocket): void => this.#descriptors.add(caller.pid, socket);
    const listener = listenTcp(this.#netns(caller.netns), address, options, settle, accepted);
    accepted(listener);
    return listener;
  }

  ioctl(caller: Credentials, request: IoctlRequest): void {
    this.kernel.ioctls.call(this.#netns(caller.netns), request);
    this.#driver.settle();
  }

  #netns(reference: NetnsReference): Netns {
    const netns = this.kernel.netnses.get(reference.inode);
    if (!netns) throw new Refusal(ERRNO.EINVAL);
    return netns;
  }

  #releaseIfUnused(netns: Netns): void {
    if (netns.references > 0 || netns === this.kernel.init) return;
    for (const process of this.#processes.values()) if (process.netns.inode === netns.inode) return;
    releaseNetns(netns);
  }
}
