// What a device has to keep for the ipvlans above it (struct ipvl_port in drivers/net/ipvlan): the list of them, their mode, and which
// of them an address belongs to.

import type { NetDevice, RxHandler } from "../../kernel/device.ts";
import { inetDevice } from "../../kernel/ipv4/in-device.ts";
import { inet6Device } from "../../kernel/ipv6/interface.ts";
import type { Packet } from "../../kernel/packet.ts";
import { Slot } from "../../kernel/slot.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeArp } from "../../wire/arp.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { IpvlanDevice } from "./device.ts";
import { IPVLAN_FLAG, IPVLAN_MODE } from "./netlink.ts";

const ports = new Slot<IpvlanPort>();

export function portOf(lower: NetDevice): IpvlanPort | undefined {
  return ports.of(lower);
}

const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const ICMPV6 = 58;
const NEIGHBOUR_SOLICITATION = 135;
const FIRST_DEVICE_ID = 1;

export type PacketEnd = "source" | "destination";

export class IpvlanPort {
  readonly lower: NetDevice;
  /** In order of creation. */
  readonly devices: IpvlanDevice[] = [];
  /** IPVLAN_MODE.* of all of them. */
  mode: number = IPVLAN_MODE.L3;
  flags = 0;
  /** Registered devices; the port goes with the last. */
  count = 0;
  #nextId = FIRST_DEVICE_ID;

  private constructor(lower: NetDevice) {
    this.lower = lower;
  }

  /** ipvlan_port_create(). Errors: EBUSY if something else takes what the device receives. */
  static create(lower: NetDevice, handler: (port: IpvlanPort) => RxHandler): IpvlanPort {
    if (lower.rxHandler) throw new Refusal(ERRNO.EBUSY);
    const port = new IpvlanPort(lower);
    lower.rxHandler = handler(port);
    ports.set(lower, port);
    return port;
  }

  destroy(): void {
    this.lower.rxHandler = undefined;
    ports.set(this.lower, undefined);
  }

  get isPrivate(): boolean {
    return (this.flags & IPVLAN_FLAG.PRIVATE) !== 0;
  }

  get isVepa(): boolean {
    return (this.flags & IPVLAN_FLAG.VEPA) !== 0;
  }

  /** What tells devices of one address apart where interface identifiers are made of it. */
  takeId(): number {
    return this.#nextId++;
  }

  /** ipvlan_get_L3_hdr(), ipvlan_addr_lookup(): the device that is up with the address at one end of a packet. `at`: of its network layer. */
  find({ bytes, end, protocol }: Packet, at: number, which: PacketEnd): IpvlanDevice | undefined {
    const destination = which === "destination";
    switch (protocol) {
      case EtherType.ARP: {
        const arp = decodeArp(bytes, at, end);
        if (isMalformed(arp) || arp.kind !== "ipv4") return undefined;
        return this.withAddress(destination ? arp.targetIp : arp.senderIp);
      }
      case EtherType.IPV4:
        if (end - at < IPV4_LENGTH) return undefined;
        return this.withAddress(readU32BE(bytes, at + (destination ? 16 : 12)));
      case EtherType.IPV6: {
        if (end - at < IPV6_LENGTH) return undefined;
        const inner = at + IPV6_LENGTH;
        // A neighbour is asked for by a group; who is meant stands inside.
        const asked =
          bytes[at + 6] === ICMPV6 && bytes[inner] === NEIGHBOUR_SOLICITATION && end - inner >= 24;
        if (asked && destination) return this.withAddress(readIpv6Address(bytes, inner + 8));
        return this.withAddress(readIpv6Address(bytes, at + (destination ? 24 : 8)));
      }
      default:
        return undefined;
    }
  }

  /** ipvlan_addr_busy(), ipvlan_ht_addr_lookup(): the device that is up with the address. */
  withAddress(address: number | Ipv6Address): IpvlanDevice | undefined {
    return this.devices.find(
      (device) =>
        device.up &&
        (typeof address === "number"
          ? inetDevice.of(device)?.addresses.some(({ local }) => local === address)
          : inet6Device.of(device)?.addresses.some((each) => each.address === address)),
    );
  }
}
