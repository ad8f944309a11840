// Two or more namespaces on one wire, for tests of sockets: devices that hand each frame to all others on the wire.

import { AddressList } from "../../address-list.ts";
import { boot } from "../../boot.ts";
import { registerDevice } from "../../device-register.ts";
import { openDevice } from "../../device-state.ts";
import { NetDevice } from "../../device.ts";
import type { Kernel } from "../../kernel.ts";
import { insertAddress } from "../../ipv4/addresses.ts";
import { inetDevice, InterfaceAddress } from "../../ipv4/in-device.ts";
import { layers } from "../../layers.ts";
import { createNetns } from "../../netns-life.ts";
import type { Netns } from "../../netns.ts";
import type { Packet } from "../../packet.ts";
import { profileOf } from "../../profile.ts";
import { netifRx } from "../../receive.ts";
import type { InetAddress, InetSocket, InetSocketKind } from "../../../system/sockets.ts";
import { parseIpv4 } from "../../../wire/ipv4-address.ts";
import { ipv6ToBytes, parseIpv6 } from "../../../wire/ipv6-address.ts";
import { openInetSocket } from "../inet.ts";

class WireDevice extends NetDevice {
  readonly #wire: WireDevice[];
  readonly #loses: (packet: Packet) => boolean;
  constructor(kernel: Kernel, netns: Netns, wire: WireDevice[], loses: (packet: Packet) => boolean) {
    super(kernel, netns, "eth0", undefined, { multicast: new AddressList(), unicast: new AddressList() }, {});
    this.#wire = wire;
    this.#loses = loses;
    wire.push(this);
    this.address = 0x0200_0000_0000 + wire.length;
  }
  transmit(packet: Packet): void {
    this.statistics.txPackets++;
    if (this.#loses(packet)) return;
    for (const other of this.#wire) if (other !== this && other.up) netifRx(packet.clone(), other);
  }
}

export interface Host {
  readonly netns: Netns;
  readonly device: NetDevice;
  open(kind: InetSocketKind): InetSocket;
}

export class Wire {
  readonly kernel = boot(
    { profile: profileOf("linux-6.1"), seed: 1, bootTime: 1_704_067_200_000_000 },
    [],
    layers,
  );
  readonly #devices: WireDevice[] = [];
  /** Whether a frame, which starts at its link-layer header, is lost on the wire. */
  loses: (packet: Packet) => boolean = () => false;

  /** A host on the wire with 10.0.0.N/24. */
  host(number: number): Host {
    const netns = createNetns(this.kernel);
    const device = new WireDevice(this.kernel, netns, this.#devices, (packet) => this.loses(packet));
    registerDevice(device);
    openDevice(netns.loopback);
    openDevice(device);
    const owner = inetDevice.require(device);
    const local = 0x0a00_0000 + number;
    insertAddress(new InterfaceAddress(owner, { local, prefixLength: 24, broadcast: 0x0a00_00ff }));
    return { netns, device, open: (kind) => openInetSocket(netns, kind, () => this.settle()) };
  }

  /** Runs what is due now. */
  settle(): void {
    const { softirq, clock } = this.kernel;
    while (softirq.pending || clock.fireDue()) softirq.run();
  }

  /** Lets time pass. */
  pass(seconds: number): void {
    const { clock } = this.kernel;
    const end = clock.now + seconds * 1e9;
    this.settle();
    for (let next = clock.next(); next !== undefined && next <= end; next = clock.next()) {
      clock.now = Math.max(clock.now, next);
      this.settle();
    }
    clock.now = Math.max(clock.now, end);
  }
}

export const UDP: InetSocketKind = { family: "inet", type: "datagram", protocol: 17 };
export const RAW_ICMP: InetSocketKind = { family: "inet", type: "raw", protocol: 1 };

/** "10.0.0.1" or "::1" with a port. */
export function at(text: string, port = 0, scope = 0): InetAddress {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) {
    return { address: Uint8Array.of(v4 >>> 24, (v4 >>> 16) & 255, (v4 >>> 8) & 255, v4 & 255), port, scope };
  }
  const v6 = parseIpv6(text);
  if (v6 === undefined) throw new Error(`no address: ${text}`);
  return { address: ipv6ToBytes(v6), port, scope };
}
