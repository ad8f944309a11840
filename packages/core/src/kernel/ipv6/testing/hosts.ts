// IPv6 hosts on cables for tests: addresses and routes given as text, echo requests, and what comes back.

import type { AddressMessage } from "../../../netlink/rtnl/address.ts";
import { decodeAddress, encodeAddress } from "../../../netlink/rtnl/address.ts";
import type { NetlinkResult } from "../../../netlink/client.ts";
import { NLM_F } from "../../../netlink/message.ts";
import { decodeRoute, encodeRoute } from "../../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { Icmpv6Type, writeIcmpv6 } from "../../../wire/icmpv6.ts";
import { pseudoHeaderSumV6 } from "../../../wire/checksum.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { formatIpv6, IPV6_ANY, ipv6ToBytes, parseIpv6, readIpv6Address } from "../../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { ipv6Source } from "../../../wire/ipv6.ts";
import { TestNetwork } from "../../ipv4/testing/network.ts";
import type { Netns } from "../../netns.ts";
import { Packet } from "../../packet.ts";
import type { ProfileName } from "../../profile.ts";
import { inet6Device, inet6Netns } from "../interface.ts";
import type { Inet6Device } from "../interface.ts";
import { sendPacket, writeHeader } from "../output.ts";
import { routeOutput } from "../route-lookup.ts";
import { sourceForRoute } from "../source-selection.ts";

export function ip6(text: string): Ipv6Address {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`${text} is no IPv6 address`);
  return address;
}

const CREATE = NLM_F.CREATE | NLM_F.EXCL;

/** An ICMPv6 message that a host has received. */
export interface Heard {
  readonly type: number;
  readonly code: number;
  readonly from: string;
  /** The word after the checksum: MTU, pointer, or id and sequence number. */
  readonly parameter: number;
  readonly length: number;
}

export class Hosts {
  readonly network: TestNetwork;

  constructor(profile: ProfileName = "linux-6.1") {
    this.network = new TestNetwork(profile);
  }

  /** A namespace with loopback up. */
  host(): Netns {
    const netns = this.network.netns();
    this.network.up(netns, "lo");
    return netns;
  }

  /** A cable whose ends are up, with MACs 02:00:00:00:00:XX. */
  cable(a: Netns, aName: string, aMac: number, b: Netns, bName: string, bMac: number): void {
    this.network.cable(a, aName, aMac, b, bName, bMac);
    this.network.up(a, aName);
    this.network.up(b, bName);
  }

  owner(netns: Netns, name: string): Inet6Device {
    const owner = inet6Device.of(this.network.device(netns, name));
    if (!owner) throw new Error(`no IPv6 on ${name}`);
    return owner;
  }

  addAddress(
    netns: Netns,
    name: string,
    text: string,
    more: Partial<AddressMessage> = {},
    flags = CREATE,
  ): NetlinkResult {
    const [address = "", length = "128"] = text.split("/");
    const body = encodeAddress({
      family: AF.INET6,
      prefixlen: Number(length),
      index: this.network.device(netns, name).ifindex,
      address: ipv6ToBytes(ip6(address)),
      local: ipv6ToBytes(ip6(address)),
      ...more,
    });
    return this.network.client(netns).request(RTM.NEWADDR, flags, body);
  }

  deleteAddress(netns: Netns, name: string, text: string): NetlinkResult {
    const [address = "", length = "128"] = text.split("/");
    const body = encodeAddress({
      family: AF.INET6,
      prefixlen: Number(length),
      index: this.network.device(netns, name).ifindex,
      local: ipv6ToBytes(ip6(address)),
    });
    return this.network.client(netns).request(RTM.DELADDR, 0, body);
  }

  /** "prefix/length via gateway dev name": any of them may be missing but the prefix. */
  route(
    netns: Netns,
    text: string,
    more: Partial<RouteMessage> = {},
    flags = CREATE,
    type: number = RTM.NEWROUTE,
  ): NetlinkResult {
    const words = text.split(" ");
    const [address = "::", length = "128"] = (words[0] === "default" ? "::/0" : (words[0] ?? "")).split("/");
    const after = (word: string): string | undefined => {
      const at = words.indexOf(word);
      return at < 0 ? undefined : words[at + 1];
    };
    const gateway = after("via");
    const name = after("dev");
    const body = encodeRoute({
      family: AF.INET6,
      dstLen: Number(length),
      table: 254,
      protocol: 3,
      type: 1,
      dst: ipv6ToBytes(ip6(address)),
      gateway: gateway === undefined ? undefined : ipv6ToBytes(ip6(gateway)),
      oif: name === undefined ? undefined : this.network.device(netns, name).ifindex,
      ...more,
    });
    return this.network.client(netns).request(type, flags, body);
  }

  /** Addresses of a device as netlink tells them. */
  addresses(netns: Netns, name: string): AddressMessage[] {
    const index = this.network.device(netns, name).ifindex;
    const result = this.network.client(netns).dump(RTM.GETADDR, encodeAddress({ family: AF.INET6 }));
    if (!result.ok) throw new Error(JSON.stringify(result));
    return result.messages.flatMap(({ body }) => {
      const message = decodeAddress(body);
      return isMalformed(message) || message.index !== index ? [] : [message];
    });
  }

  /** Routes as "destination/length via gateway dev name table metric". */
  routes(netns: Netns, table?: number): string[] {
    const result = this.network.client(netns).dump(RTM.GETROUTE, encodeRoute({ family: AF.INET6 }));
    if (!result.ok) throw new Error(JSON.stringify(result));
    return result.messages.flatMap(({ body }) => {
      const message = decodeRoute(body);
      if (isMalformed(message) || (table !== undefined && message.rtaTable !== table)) return [];
      const destination = message.dst === undefined ? "::" : formatIpv6(readIpv6Address(message.dst, 0));
      const gateway =
        message.gateway === undefined ? "" : ` via ${formatIpv6(readIpv6Address(message.gateway, 0))}`;
      const name = netns.deviceByIndex(message.oif ?? 0)?.name ?? "?";
      return [`${destination}/${message.dstLen}${gateway} dev ${name} metric ${message.priority ?? 0}`];
    });
  }

  /** Sends an echo request as ping does; a positive errno if it is refused. */
  ping(
    from: Netns,
    to: string,
    options: {
      readonly device?: string;
      readonly hopLimit?: number;
      readonly size?: number;
      readonly mayFragment?: boolean;
    } = {},
  ): number {
    const namespace = inet6Netns.require(from);
    const destination = ip6(to);
    const oif = options.device === undefined ? 0 : this.network.device(from, options.device).ifindex;
    const route = routeOutput(namespace, { destination, oif, protocol: IpProtocol.ICMPV6 });
    if (route.error !== 0) return route.error;
    const source = sourceForRoute(namespace, route, destination) ?? IPV6_ANY;
    const payload = new Uint8Array(options.size ?? 56);
    const length = 8 + payload.length;
    const packet = Packet.allocate(route.device, length);
    const message = { kind: "echo-request", id: 0x1234, sequence: 1, payload } as const;
    const sum = pseudoHeaderSumV6(source, destination, IpProtocol.ICMPV6, length);
    writeIcmpv6(message, packet.bytes, packet.start, sum);
    const hopLimit = options.hopLimit ?? 64;
    writeHeader(packet, {
      trafficClass: 0,
      flowLabel: 0,
      nextHeader: IpProtocol.ICMPV6,
      hopLimit,
      source,
      destination,
    });
    const errno = sendPacket(namespace, route, packet, { mayFragment: options.mayFragment ?? true });
    this.network.settle();
    return errno;
  }

  /** Notes echo replies and errors that come to a host. */
  listen(netns: Netns): Heard[] {
    const heard: Heard[] = [];
    inet6Netns.require(netns).stack.rawHooks.add((packet, protocol, namespace) => {
      if (protocol !== IpProtocol.ICMPV6 || namespace.netns !== netns) return false;
      const { bytes, start, end, network } = packet;
      const type = bytes[start] ?? -1;
      if (type !== Icmpv6Type.ECHO_REPLY && type >= 128) return false;
      const parameter = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start + 4);
      const from = formatIpv6(ipv6Source(bytes, network));
      heard.push({ type, code: bytes[start + 1] ?? -1, from, parameter, length: end - start });
      return true;
    });
    return heard;
  }

  /** Two hosts on a cable, 2001:db8::1/64 and 2001:db8::2/64, all addresses proven. */
  static pair(profile: ProfileName = "linux-6.1"): { hosts: Hosts; a: Netns; b: Netns } {
    const hosts = new Hosts(profile);
    const a = hosts.host();
    const b = hosts.host();
    hosts.cable(a, "eth0", 0x0a, b, "eth0", 0x0b);
    hosts.network.expectOk(hosts.addAddress(a, "eth0", "2001:db8::1/64"));
    hosts.network.expectOk(hosts.addAddress(b, "eth0", "2001:db8::2/64"));
    hosts.network.run(5);
    return { hosts, a, b };
  }

  /** Host a, router, host b: 2001:db8:a::1 - ::ffff, 2001:db8:b::ffff - ::1, default routes through the router. */
  static routed(profile: ProfileName = "linux-6.1"): { hosts: Hosts; a: Netns; router: Netns; b: Netns } {
    const hosts = new Hosts(profile);
    const [a, router, b] = [hosts.host(), hosts.host(), hosts.host()];
    hosts.cable(a, "eth0", 0x0a, router, "eth1", 0x1a);
    hosts.cable(router, "eth2", 0x1b, b, "eth0", 0x0b);
    const { network } = hosts;
    inet6Netns.require(router).all.forwarding = 1;
    network.expectOk(hosts.addAddress(a, "eth0", "2001:db8:a::1/64"));
    network.expectOk(hosts.addAddress(router, "eth1", "2001:db8:a::ffff/64"));
    network.expectOk(hosts.addAddress(router, "eth2", "2001:db8:b::ffff/64"));
    network.expectOk(hosts.addAddress(b, "eth0", "2001:db8:b::1/64"));
    network.run(5);
    network.expectOk(hosts.route(a, "default via 2001:db8:a::ffff"));
    network.expectOk(hosts.route(b, "default via 2001:db8:b::ffff"));
    return { hosts, a, router, b };
  }
}
