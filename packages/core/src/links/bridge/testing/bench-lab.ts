// A kernel with bridges and cables for tests: each cable has a host end ("h1"), where frames are sent and seen, and a port
// end ("p1") on a bridge.

import { boot } from "../../../kernel/boot.ts";
import type { NetDevice } from "../../../kernel/device.ts";
import { IFF } from "../../../kernel/device.ts";
import { changeFlags } from "../../../kernel/device-state.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import { NetlinkEndpoint } from "../../../kernel/netlink/endpoint.ts";
import { dispatchRtnetlink } from "../../../kernel/netlink/rtnetlink.ts";
import { Packet } from "../../../kernel/packet.ts";
import { profileOf } from "../../../kernel/profile.ts";
import type { ProfileName } from "../../../kernel/profile.ts";
import { transmit } from "../../../kernel/transmit.ts";
import { NetlinkClient } from "../../../netlink/client.ts";
import { NLM_F } from "../../../netlink/message.ts";
import { encodeLink } from "../../../netlink/rtnl/link.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { writeEthernetHeader } from "../../../wire/ethernet.ts";
import { writeMac } from "../../../wire/mac.ts";
import { linkKinds } from "../../devices.ts";
import { encodeVethData } from "../../veth/netlink.ts";
import type { Bridge } from "../bridge.ts";
import type { BridgeData } from "../netlink.ts";
import { encodeBridgeData } from "../netlink.ts";
import type { BridgePort } from "../port.ts";
import { portOf } from "../port.ts";
import { bridgeOf } from "../sysfs-bridge.ts";

const SECOND = 1_000_000_000;

export function macBytes(mac: number): Uint8Array {
  const bytes = new Uint8Array(6);
  writeMac(bytes, 0, mac);
  return bytes;
}

/** What a tap saw: bytes from the link-layer header on, and the tag beside them. */
export interface SeenFrame {
  readonly bytes: Uint8Array;
  readonly tci: number;
}

export class BenchLab {
  readonly kernel: Kernel;
  readonly client: NetlinkClient;
  readonly endpoint: NetlinkEndpoint;

  constructor(profile: ProfileName = "linux-6.1") {
    const kernel = boot({ profile: profileOf(profile), seed: 1, bootTime: 0 }, linkKinds, []);
    this.kernel = kernel;
    this.endpoint = new NetlinkEndpoint(
      kernel.init,
      0,
      1,
      (endpoint, message) => dispatchRtnetlink(kernel, endpoint, message),
      () => this.settle(),
    );
    this.endpoint.setOption("extAck", true);
    this.client = new NetlinkClient(this.endpoint);
  }

  settle(): void {
    this.kernel.softirq.run();
    while (this.kernel.clock.fireDue()) this.kernel.softirq.run();
  }

  /** Lets virtual time pass. */
  run(seconds: number): void {
    const { clock, softirq } = this.kernel;
    const end = clock.now + seconds * SECOND;
    for (;;) {
      softirq.run();
      if (softirq.pending) continue;
      const next = clock.next();
      if (next === undefined || next > end) break;
      clock.now = Math.max(clock.now, next);
      clock.fireDue();
    }
    clock.now = Math.max(clock.now, end);
  }

  device(name: string): NetDevice {
    const device = this.kernel.init.device(name);
    if (!device) throw new Error(`no device ${name}`);
    return device;
  }

  bridge(name: string): Bridge {
    return bridgeOf(this.device(name));
  }

  port(name: string): BridgePort {
    const port = portOf(this.device(name));
    if (!port) throw new Error(`${name} is no port`);
    return port;
  }

  /** Sends a request that must succeed. */
  ok(type: number, flags: number, body: Uint8Array): void {
    const result = this.client.request(type, flags, body);
    if (!result.ok) throw new Error(`errno ${result.errno} ${result.text}`);
  }

  addBridge(name: string, data: BridgeData = {}, address?: number): Bridge {
    const body = encodeLink({
      ifname: name,
      ...(address === undefined ? {} : { address: macBytes(address) }),
      linkinfo: { kind: "bridge", data: encodeBridgeData(data) },
    });
    this.ok(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, body);
    return this.bridge(name);
  }

  setBridge(name: string, data: BridgeData): void {
    this.ok(
      RTM.NEWLINK,
      0,
      encodeLink({ ifname: name, linkinfo: { kind: "bridge", data: encodeBridgeData(data) } }),
    );
  }

  /** A veth pair; addresses are given so that bridge ids are known. */
  cable(near: string, far: string, nearMac?: number, farMac?: number): void {
    const peer = { ifname: far, ...(farMac === undefined ? {} : { address: macBytes(farMac) }) };
    const body = encodeLink({
      ifname: near,
      ...(nearMac === undefined ? {} : { address: macBytes(nearMac) }),
      linkinfo: { kind: "veth", data: encodeVethData({ peer }) },
    });
    this.ok(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, body);
  }

  up(...names: string[]): void {
    for (const name of names) this.flags(name, IFF.UP);
  }

  down(...names: string[]): void {
    for (const name of names) this.flags(name, 0);
  }

  private flags(name: string, up: number): void {
    const device = this.device(name);
    changeFlags(device, (device.visibleFlags & ~IFF.UP) | up);
    this.settle();
  }

  enslave(port: string, bridge: string): void {
    this.ok(RTM.NEWLINK, 0, encodeLink({ ifname: port, master: this.device(bridge).ifindex }));
  }

  /** A bridge "br0" that is up, with ports p1..pN and cables to h1..hN, all up and forwarding. */
  star(count: number, data: BridgeData = {}): void {
    this.addBridge("br0", data, 0x0200_0000_00aa);
    this.up("br0");
    for (let n = 1; n <= count; n++) {
      this.cable(`p${n}`, `h${n}`, 0x0200_0000_0001 + n * 0x100, 0x0200_0000_0002 + n * 0x100);
      this.enslave(`p${n}`, "br0");
      this.up(`p${n}`, `h${n}`);
    }
    this.settle();
  }

  /** Sends a frame with a little content out of a device. */
  send(
    name: string,
    to: number,
    from: number,
    options: { type?: number; tci?: number; tpid?: number; length?: number } = {},
  ): void {
    const device = this.device(name);
    const packet = Packet.allocate(device, options.length ?? 60);
    writeEthernetHeader(packet.bytes, packet.start, to, from, options.type ?? 0x88b5);
    packet.protocol = options.type ?? 0x88b5;
    if (options.tci !== undefined) {
      packet.vlanTci = options.tci;
      packet.vlanTpid = options.tpid ?? 0x8100;
    }
    transmit(packet);
    this.settle();
  }

  /** Collects the frames that come in on a device from now on. */
  watch(name: string): SeenFrame[] {
    const seen: SeenFrame[] = [];
    this.kernel.init.taps.add({
      protocol: 3,
      device: this.device(name),
      deliver: (packet) => {
        if (packet.packetType !== 4) seen.push({ bytes: packet.copyBytes(), tci: packet.vlanTci });
      },
    });
    return seen;
  }
}
