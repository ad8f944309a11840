// ipvlan devices in mode l2 (drivers/net/ipvlan): several hosts that share the device below and its address, and are told apart by
// their IP addresses. Modes l3 and l3s are not implemented.

import { AddressList } from "../../kernel/address-list.ts";
import { unsyncAddresses } from "../../kernel/address-sync.ts";
import type { NetDevice as Lower } from "../../kernel/device.ts";
import { IFF } from "../../kernel/device.ts";
import { forwardFrame } from "../../kernel/forward-frame.ts";
import { StackedDevice } from "../../kernel/stacked-device.ts";
import type { RxVerdict } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import { derived } from "../../kernel/journey.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { PACKET_BROADCAST, PACKET_HOST, PACKET_LOOPBACK, PACKET_MULTICAST } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ETHERNET_HEADER_LENGTH, ethDestination, ethSource } from "../../wire/ethernet.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { isMulticastMac } from "../../wire/mac.ts";
import { ipvlanEthtool } from "./ethtool.ts";
import type { IpvlanPort } from "./port.ts";

const MIN_MTU = 68;

export class IpvlanDevice extends StackedDevice {
  readonly port: IpvlanPort;

  constructor(kernel: Kernel, netns: Netns, name: string, kind: LinkKind, port: IpvlanPort) {
    const { lower } = port;
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, kind, lists, {
      minMtu: MIN_MTU,
      maxMtu: lower.maxMtu,
      mtu: lower.mtu,
      tsoMaxSize: lower.tsoMaxSize,
    });
    this.port = port;
    this.address = lower.address;
    this.carrier = lower.carrier;
    this.dormant = lower.dormant;
    this.interfaceId = port.takeId();
  }

  get lower(): Lower {
    return this.port.lower;
  }

  override afterRegister(): void {
    this.port.count++;
  }

  override beforeUnregister(): void {
    this.port.count--;
    if (this.port.count === 0) this.port.destroy();
  }

  /** ipvlan_start_xmit(), ipvlan_xmit_mode_l2() */
  transmit(packet: Packet): void {
    const { statistics, lower, port } = this;
    const { bytes, start, length } = packet;
    statistics.txPackets++;
    statistics.txBytes += length;
    const to = ethDestination(bytes, start);
    if (!port.isVepa && to === ethSource(bytes, start)) {
      const other = port.find(packet, start + ETHERNET_HEADER_LENGTH, "destination");
      if (other && port.isPrivate) {
        this.kernel.drop(packet, "NOT_SPECIFIED", this.name);
        return;
      }
      // to one of them, or to the device below, as if it had come in there
      forwardFrame(packet, other ?? lower);
      if (other) count(other, length, false);
      return;
    }
    if (isMulticastMac(to)) {
      for (const each of port.devices) if (each !== this && wants(each, to)) copyAcross(packet, each);
    }
    packet.device = lower;
    transmit(packet);
  }

  override stop(): void {
    unsyncAddresses(this, this.lower);
  }

  override changeAddress(): void {
    throw new Refusal(ERRNO.EOPNOTSUPP);
  }

  /** ipvlan_addr_validator_event(): no two have one address. */
  override validateAddress(address: number | Ipv6Address): void {
    if (this.port.withAddress(address))
      throw new Refusal(ERRNO.EADDRINUSE, "Address already assigned to an ipvlan device");
  }

  override get refusesVlans(): boolean {
    return true;
  }

  override get ethtool(): EthtoolOperations {
    return ipvlanEthtool;
  }
}

function wants(device: IpvlanDevice, to: number): boolean {
  const all = (device.flags & (IFF.PROMISC | IFF.ALLMULTI)) !== 0;
  return device.up && (all || device.broadcast === to || device.multicast.has(to));
}

/** ipvlan_count_rx(): a header on top of what the packet starts with, even if that is one. */
function count({ statistics }: IpvlanDevice, length: number, multicast: boolean): void {
  statistics.rxPackets++;
  statistics.rxBytes += length + ETHERNET_HEADER_LENGTH;
  if (multicast) statistics.multicast++;
}

function copyAcross(packet: Packet, device: IpvlanDevice): void {
  const copy = packet.clone();
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  count(device, packet.length, true);
  forwardFrame(copy, device);
}

/** A frame to many that came in below comes in on `device` as well. */
function copyUp(packet: Packet, device: IpvlanDevice): void {
  const copy = packet.clone();
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  copy.device = device;
  const broadcast = ethDestination(copy.bytes, copy.mac) === device.broadcast;
  copy.packetType = broadcast ? PACKET_BROADCAST : PACKET_MULTICAST;
  if (device.kernel.softirq.enqueue(copy)) count(device, packet.length, true);
  else {
    device.statistics.rxDropped++;
    device.kernel.drop(copy, "CPU_BACKLOG", device.name);
  }
}

/** ipvlan_handle_frame(), ipvlan_handle_mode_l2(): the rx handler of the lower device. */
export function handleFrame(port: IpvlanPort, packet: Packet): RxVerdict {
  if (packet.packetType === PACKET_LOOPBACK) return "pass";
  const to = ethDestination(packet.bytes, packet.mac);
  if (isMulticastMac(to)) {
    // What one of them sent has been seen by the others on its way out.
    const own =
      ethSource(packet.bytes, packet.mac) === port.lower.address &&
      port.find(packet, packet.start, "source") !== undefined;
    if (!own) for (const device of port.devices) if (wants(device, to)) copyUp(packet, device);
    return "pass";
  }
  const device = port.find(packet, packet.start, "destination");
  if (!device) return "pass";
  count(device, packet.length, false);
  packet.device = device;
  packet.packetType = PACKET_HOST;
  return "another";
}
