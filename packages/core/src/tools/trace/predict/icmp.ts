// ICMP and ICMPv6 that a host would send because of a packet, for `trace --dry-run`: echo replies, errors, redirects (net/ipv4/icmp.c,
// net/ipv6/icmp.c; RFC 792, RFC 4443). That errors are limited in their rate is left out: a prediction is the first of its kind.

import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { writeU32BE } from "../../../wire/bytes.ts";
import { EtherType } from "../../../wire/ethernet.ts";
import { IcmpType, IcmpUnreachable, isIcmpError } from "../../../wire/icmpv4.ts";
import { Icmpv6Type, isIcmpv6Error } from "../../../wire/icmpv6.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { readIpv6Address } from "../../../wire/ipv6-address.ts";
import { IPV6_MIN_MTU } from "../../../wire/ipv6.ts";
import { parseMac } from "../../../wire/mac.ts";
import type { NdOption } from "../../../wire/ndisc-options.ts";
import { sourceOn } from "../../why/address-choice.ts";
import { isLinkLocal } from "../../why/network-state.ts";
import type { LinkState, PlaceState } from "../../why/network-state.ts";
import { hasAddress } from "../../why/tunnel-state.ts";
import { isGroup } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { sendNd } from "./ndisc.ts";
import { destinationOf, icmpPacket, isMulticast, isV4, keptBytes, sourceOf, upperLayerOf } from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import { refusalOf } from "./refusal.ts";
import { conf, domainOf, refusalEvent, routeEvent, ttlFor } from "./stack.ts";
import type { Incoming, Stack } from "./stack.ts";
import { add, addChild } from "./tree.ts";
import type { OpenNode } from "./tree.ts";

const HEADER = 8; // bytes of an error and of an echo
/** RFC 1812, 4.3.2.3: an error over IPv4 carries as much of the packet as fits into 576 bytes. */
const V4_ERROR_LIMIT = 576;
const V4_HEADER = 20;
const V6_HEADER = 40;
/** Precedence of ICMP errors (RFC 1812, 4.3.2.5). */
const INTERNETWORK_CONTROL = 0xc0;

/** A packet of this host that no program has sent: its first event, its route, and its way. */
export async function sendFromKernel(
  stack: Stack,
  cause: OpenNode,
  place: PlaceState,
  packet: IpPacket,
  question: { readonly source?: Uint8Array; readonly out: LinkState | undefined },
  protocol: number = isV4(packet) ? IpProtocol.ICMP : IpProtocol.ICMPV6,
): Promise<void> {
  const destination = destinationOf(packet);
  const asked = { ...question, protocol };
  const way = place.routeTo(destination, asked);
  if (typeof way === "number") return;
  const node = addChild(cause, "answer");
  const { bytes } = packet;
  add(node, {
    kind: "originate",
    netns: place.netns.inode,
    by: "kernel",
    bytes: keptBytes(bytes),
    length: bytes.length,
    protocol: isV4(packet) ? EtherType.IPV4 : EtherType.IPV6,
  });
  add(node, routeEvent(place, destination, way, place.routeEntry(destination, asked), false));
  await stack.output(node, place, packet, way);
}

/** Where answers to what came in by a device go out: by the same device to its neighbours, else inside of its VRF. */
export function outFor(link: LinkState, destination: Uint8Array): LinkState | undefined {
  return isLinkLocal(destination) ? link : domainOf(link);
}

/** An echo reply to a request that came to this host. */
export async function answerEcho(stack: Stack, incoming: Incoming, at: number): Promise<void> {
  const { node, place, link, packet } = incoming;
  const v4 = isV4(packet);
  const [asker, asked] = [sourceOf(packet), destinationOf(packet)];
  const own = hasAddress(place, asked) ? asked : undefined;
  const out = outFor(link, asker);
  const question = { ...(own !== undefined && { source: own }), out };
  const protocol = v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
  const way = place.routeTo(asker, { ...question, protocol });
  if (typeof way === "number") {
    add(node, refusalEvent(place, asker, refusalOf(way).outcome));
    return;
  }
  const source = own ?? way.source ?? asked;
  const message = packet.bytes.slice(at);
  message[0] = v4 ? IcmpType.ECHO_REPLY : Icmpv6Type.ECHO_REPLY;
  const tos = v4 ? (packet.bytes[1] ?? 0) : 0;
  const reply = icmpPacket(source, asker, message, { ttl: ttlFor(place, asker, way), tos });
  await sendFromKernel(stack, node, place, reply, question);
}

/** An error is not about errors, nor about anything but the first fragment (RFC 1122, 3.2.2; RFC 4443, 2.4). */
function mayComplain(packet: IpPacket): boolean {
  const v4 = isV4(packet);
  const { protocol, at, fragment } = upperLayerOf(packet);
  if (fragment !== undefined && fragment > 0) return false;
  const source = sourceOf(packet);
  if (source.every((byte) => byte === 0) || isMulticast(source)) return false;
  if (protocol !== (v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6)) return true;
  const type = packet.bytes[at];
  return type !== undefined && !(v4 ? isIcmpError(type) : isIcmpv6Error(type));
}

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** The second word: an MTU, a gateway. */
  readonly info?: number;
}

/**
 * Tells the sender of a packet why it goes no further. `frame`: as what it came in by the device; undefined of a packet that was
 * to leave by it.
 */
export async function sendError(
  stack: Stack,
  node: OpenNode,
  packet: IpPacket,
  { type, code, info = 0 }: IcmpError,
  device: LinkState,
  frame?: Frame,
): Promise<void> {
  const { place } = device;
  const came = frame === undefined ? undefined : device;
  const v4 = isV4(packet);
  const [sender, destination] = [sourceOf(packet), destinationOf(packet)];
  const group = (frame !== undefined && isGroup(frame.to)) || isMulticast(destination);
  const always = !v4 && type === Icmpv6Type.PACKET_TOO_BIG;
  if ((group && !always) || !mayComplain(packet)) return;
  // What a router may send to a host within a second is one account: a redirect has emptied it (ip_rt_send_redirect).
  const limited = v4 && type !== IcmpType.REDIRECT && code !== IcmpUnreachable.FRAGMENTATION_NEEDED;
  if (limited && stack.memory.hasRedirected(place, sender)) return;
  const out = outFor(device, sender);
  let own = hasAddress(place, destination) && came !== undefined ? destination : undefined;
  if (
    own === undefined &&
    v4 &&
    came !== undefined &&
    place.sysctl("ipv4/icmp_errors_use_inbound_ifaddr") === "1"
  )
    own = place.addresses.find(({ link, family }) => link === came && family === "inet")?.bytes;
  const question = { ...(own !== undefined && { source: own }), out };
  const way = place.routeTo(sender, { ...question, protocol: v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6 });
  if (typeof way === "number") return;
  const source = own ?? (v4 ? way.source : ((came && sourceOn(came, sender)) ?? way.source)) ?? destination;
  const room = v4 ? V4_ERROR_LIMIT - V4_HEADER - HEADER : IPV6_MIN_MTU - V6_HEADER - HEADER;
  const quoted = packet.bytes.subarray(0, room);
  const message = new Uint8Array(HEADER + quoted.length);
  message[0] = type;
  message[1] = code;
  writeU32BE(message, 4, info);
  message.set(quoted, HEADER);
  const tos = v4 ? ((packet.bytes[1] ?? 0) & 0x1e) | INTERNETWORK_CONTROL : 0;
  const error = icmpPacket(source, sender, message, { ttl: ttlFor(place, sender, way), tos });
  await sendFromKernel(stack, node, place, error, question);
}

/** Tells the sender that another router on its own link is nearer (ip_rt_send_redirect, ndisc_send_redirect). */
export async function sendRedirect(
  stack: Stack,
  { node, place, link, packet, frame }: Incoming,
  target: Uint8Array,
): Promise<void> {
  if (isV4(packet)) {
    const { all, own } = conf(link, "send_redirects");
    if ((all === 0 && own === 0) || !stack.memory.mayRedirect(place, sourceOf(packet))) return;
    const [a = 0, b = 0, c = 0, d = 0] = target;
    const info = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    await sendError(stack, node, packet, { type: IcmpType.REDIRECT, code: 1, info }, link, frame);
    return;
  }
  const [sender, destination] = [sourceOf(packet), destinationOf(packet)];
  const source = place.addresses.find((one) => one.link === link && isLinkLocal(one.bytes))?.bytes;
  const direct = target.every((byte, at) => byte === destination[at]);
  if (source === undefined || (!direct && !isLinkLocal(target))) return;
  const back = place.routeTo(sender, { out: link });
  if (typeof back === "number" || back.gateway !== undefined) return;
  const known = stack.memory.neighbour(link, target);
  const mac = known === undefined || (known.state & NUD.FAILED) !== 0 ? undefined : parseMac(known.mac);
  const options: NdOption[] = mac === undefined ? [] : [{ kind: "target-link-address", mac }];
  const used = V6_HEADER + 40 + 8 * options.length;
  const room = Math.min(IPV6_MIN_MTU - used, packet.bytes.length + HEADER) & ~7;
  options.push({ kind: "redirected-header", original: packet.bytes.slice(0, room - HEADER) });
  const [to, about] = [readIpv6Address(target, 0), readIpv6Address(destination, 0)];
  const message = { kind: "redirect", target: to, destination: about, options } as const;
  await sendNd(stack, addChild(node, "answer"), link, source, sender, message);
}
