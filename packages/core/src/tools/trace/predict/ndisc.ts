// Neighbour discovery as a host would do it, for `trace --dry-run`: asking, answering and learning (net/ipv6/ndisc.c; RFC 4861, 7.2).

import { IFA_F } from "../../../netlink/rtnl/address.ts";
import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { pseudoHeaderSumV6 } from "../../../wire/checksum.ts";
import { EtherType } from "../../../wire/ethernet.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import {
  formatIpv6,
  ipv6ToBytes,
  readIpv6Address,
  solicitedNodeMulticast,
} from "../../../wire/ipv6-address.ts";
import { formatMac, parseMac } from "../../../wire/mac.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { NdOption } from "../../../wire/ndisc-options.ts";
import { decodeNd, ndLength, writeNd } from "../../../wire/ndisc.ts";
import type { NdMessage } from "../../../wire/ndisc.ts";
import { isLinkLocal, samePrefix } from "../../why/network-state.ts";
import type { LinkState } from "../../why/network-state.ts";
import { destinationOf, icmpPacket, isMulticast, keptBytes, sourceOf, ttlOf } from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import { forwardsIpv6 } from "./stack.ts";
import type { Incoming, Stack } from "./stack.ts";
import { add, addChild, addDrop } from "./tree.ts";
import type { OpenNode } from "./tree.ts";

/** RFC 4861, 6.1 and 7.1: messages that passed a router are not of this link. */
export const ND_HOP_LIMIT = 255;
export function ndPacket(source: Uint8Array, destination: Uint8Array, message: NdMessage): IpPacket {
  const bytes = new Uint8Array(ndLength(message));
  const [from, to] = [readIpv6Address(source, 0), readIpv6Address(destination, 0)];
  writeNd(message, bytes, 0, pseudoHeaderSumV6(from, to, IpProtocol.ICMPV6, bytes.length));
  return icmpPacket(source, destination, bytes, { ttl: ND_HOP_LIMIT });
}

/** Sends a message on a link, without a route. */
export async function sendNd(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  source: Uint8Array,
  destination: Uint8Array,
  message: NdMessage,
): Promise<void> {
  const packet = ndPacket(source, destination, message);
  const { bytes } = packet;
  add(node, {
    kind: "originate",
    netns: link.place.netns.inode,
    by: "kernel",
    bytes: keptBytes(bytes),
    length: bytes.length,
    protocol: EtherType.IPV6,
  });
  await stack.toNeighbour(node, link, destination, packet);
}

function linkAddress(kind: "source-link-address" | "target-link-address", { mac }: LinkState): NdOption[] {
  const address = mac === "" ? undefined : parseMac(mac);
  return address === undefined ? [] : [{ kind, mac: address }];
}

/** Asks the link who has an address, because of a packet that waits. */
export async function askByNd(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  target: Uint8Array,
  packet: IpPacket,
): Promise<void> {
  const wanted = sourceOf(packet);
  const own = link.place.addresses.some(
    (one) => one.link === link && one.bytes.length === 16 && samePrefix(one.bytes, wanted, 128),
  );
  const local = link.place.addresses.find((one) => one.link === link && isLinkLocal(one.bytes));
  const source = own ? wanted : local?.bytes;
  if (source === undefined) return;
  const address = readIpv6Address(target, 0);
  const options = linkAddress("source-link-address", link);
  const group = ipv6ToBytes(solicitedNodeMulticast(address));
  await sendNd(stack, node, link, source, group, {
    kind: "neighbour-solicitation",
    target: address,
    options,
  });
}

/** ndisc_rcv(), after ICMPv6 has taken the message. */
export async function receiveNd(stack: Stack, incoming: Incoming, at: number): Promise<void> {
  const { node, link, packet } = incoming;
  const { bytes } = packet;
  if (ttlOf(packet) !== ND_HOP_LIMIT) {
    addDrop(node, link, "IPV6_NDISC_HOP_LIMIT");
    return;
  }
  const message = decodeNd(bytes, at, bytes.length);
  if (isMalformed(message)) {
    addDrop(node, link, message.reason === "truncated" ? "PKT_TOO_SMALL" : "IPV6_NDISC_BAD_OPTIONS");
    return;
  }
  if (message.kind === "neighbour-solicitation") await answerSolicitation(stack, incoming, message);
  else if (message.kind === "neighbour-advertisement") hearAdvertisement(stack, incoming, message);
}

/** ndisc_recv_ns() */
async function answerSolicitation(
  stack: Stack,
  { node, link, packet }: Incoming,
  { target, options }: Extract<NdMessage, { kind: "neighbour-solicitation" }>,
): Promise<void> {
  const wanted = ipv6ToBytes(target);
  const own = link.place.addresses.find(
    (one) => one.link === link && one.bytes.length === 16 && samePrefix(one.bytes, wanted, 128),
  );
  if (own === undefined) {
    addDrop(node, link, "IPV6_NDISC_NS_OTHERHOST");
    return;
  }
  if ((own.flags & (IFA_F.TENTATIVE | IFA_F.DADFAILED)) !== 0) {
    addDrop(node, link, "NOT_SPECIFIED");
    return;
  }
  const source = sourceOf(packet);
  const multicast = isMulticast(destinationOf(packet));
  const told = options.find(({ kind }) => kind === "source-link-address");
  if (told?.kind === "source-link-address") stack.memory.hear(link, source, formatMac(told.mac), NUD.STALE);
  await sendNd(stack, addChild(node, "answer"), link, wanted, source, {
    kind: "neighbour-advertisement",
    router: forwardsIpv6(link),
    solicited: true,
    override: multicast,
    target,
    options: multicast ? linkAddress("target-link-address", link) : [],
  });
}

/** ndisc_recv_na() */
function hearAdvertisement(
  stack: Stack,
  { node, link }: Incoming,
  { target, solicited, options }: Extract<NdMessage, { kind: "neighbour-advertisement" }>,
): void {
  const address = ipv6ToBytes(target);
  const known = stack.memory.neighbour(link, address);
  if (link.place.addresses.some((one) => one.link === link && one.text === formatIpv6(target))) return;
  if (known === undefined || (known.state & NUD.FAILED) !== 0) {
    addDrop(node, link, "NOT_SPECIFIED");
    return;
  }
  const told = options.find(({ kind }) => kind === "target-link-address");
  const mac = told?.kind === "target-link-address" ? formatMac(told.mac) : known.mac;
  stack.memory.hear(link, address, mac, solicited ? NUD.REACHABLE : NUD.STALE);
}
