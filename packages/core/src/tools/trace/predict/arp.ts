// ARP as a host would do it, for `trace --dry-run`: asking for a neighbour, answering, and learning (net/ipv4/arp.c; RFC 826).

import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { RTN } from "../../../netlink/rtnl/route-constants.ts";
import {
  ARP_HARDWARE_ETHERNET,
  ARP_LENGTH,
  ArpOperation,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  isArpForIpv4,
  writeArp,
} from "../../../wire/arp.ts";
import { EtherType } from "../../../wire/ethernet.ts";
import { readIpv4Address, writeIpv4Address } from "../../../wire/ipv4-address.ts";
import { formatMac, parseMac } from "../../../wire/mac.ts";
import { covers } from "../../why/network-state.ts";
import type { LinkState } from "../../why/network-state.ts";
import { hasAddress } from "../../why/tunnel-state.ts";
import { BROADCAST } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { isMulticast, isV4, sourceOf } from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import { conf, either, forwardsIpv4 } from "./stack.ts";
import type { Stack } from "./stack.ts";
import { add, addChild, addDrop } from "./tree.ts";
import type { OpenNode } from "./tree.ts";

const ALL_ZEROS = "00:00:00:00:00:00";

interface ArpFields {
  readonly operation: number;
  readonly senderMac: string;
  readonly senderIp: Uint8Array;
  readonly targetMac: string;
  readonly targetIp: Uint8Array;
}

function isZero(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

async function sendArp(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  to: string,
  { operation, senderMac, senderIp, targetMac, targetIp }: ArpFields,
): Promise<void> {
  const bytes = new Uint8Array(ARP_LENGTH);
  const arp = {
    kind: "ipv4",
    hardwareType: ARP_HARDWARE_ETHERNET,
    operation,
    senderMac: parseMac(senderMac) ?? 0,
    senderIp: readIpv4Address(senderIp, 0),
    targetMac: parseMac(targetMac) ?? 0,
    targetIp: readIpv4Address(targetIp, 0),
  } as const;
  writeArp(arp, bytes, 0);
  const netns = link.place.netns.inode;
  add(node, { kind: "originate", netns, by: "ARP", bytes, length: bytes.length, protocol: EtherType.ARP });
  const frame = { from: link.mac, to, vlan: 0, protocol: EtherType.ARP, payload: { bytes }, devices: 0 };
  await stack.emit(node, link, frame);
}

/** The sender's address in a request, as arp_announce restricts it (arp_solicit). */
function solicitationSource(link: LinkState, target: Uint8Array, packet: IpPacket): Uint8Array {
  const { place } = link;
  const announce = Math.max(...Object.values(conf(link, "arp_announce")));
  const own = place.addresses.filter((one) => one.link === link && one.family === "inet");
  const source = isV4(packet) ? sourceOf(packet) : undefined;
  if (source !== undefined && announce < 2 && hasAddress(place, source)) {
    const near = own.some((one) => covers(one, target) && covers(one, source));
    if (announce === 0 || near) return source;
  }
  const chosen =
    own.find((one) => covers(one, target)) ??
    own[0] ??
    place.addresses.find(({ family, link: of }) => family === "inet" && !of.loopback);
  return chosen?.bytes ?? new Uint8Array(4);
}

/** Asks the link who has an address, because of a packet that waits. */
export function askByArp(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  target: Uint8Array,
  packet: IpPacket,
): Promise<void> {
  return sendArp(stack, node, link, BROADCAST, {
    operation: ArpOperation.REQUEST,
    senderMac: link.mac,
    senderIp: solicitationSource(link, target, packet),
    targetMac: ALL_ZEROS,
    targetIp: target,
  });
}

function readFields(bytes: Uint8Array): ArpFields | undefined {
  if (!isArpForIpv4(bytes, 0, bytes.length)) return undefined;
  const operation = arpOperation(bytes, 0);
  if (operation !== ArpOperation.REQUEST && operation !== ArpOperation.REPLY) return undefined;
  const address = (value: number): Uint8Array => {
    const four = new Uint8Array(4);
    writeIpv4Address(four, 0, value);
    return four;
  };
  return {
    operation,
    senderMac: formatMac(arpSenderMac(bytes, 0)),
    senderIp: address(arpSenderIp(bytes, 0)),
    targetMac: formatMac(arpTargetMac(bytes, 0)),
    targetIp: address(arpTargetIp(bytes, 0)),
  };
}

/** arp_rcv() and arp_process() */
export async function receiveArp(stack: Stack, node: OpenNode, link: LinkState, frame: Frame): Promise<void> {
  const forOthers = frame.vlan !== 0 || (frame.to !== BROADCAST && frame.to !== link.mac);
  if (link.noArp || forOthers) {
    addDrop(node, link, forOthers ? "OTHERHOST" : "ARP_IGNORED");
    return;
  }
  const arp = readFields(frame.payload.bytes);
  if (arp === undefined) {
    addDrop(node, link, "ARP_INVALID");
    return;
  }
  const { operation, senderIp, senderMac, targetIp } = arp;
  const gratuitous = senderIp.every((byte, at) => byte === targetIp[at]);
  const forbidden =
    isMulticast(targetIp) ||
    (targetIp[0] === 127 && !either(link, "route_localnet")) ||
    (gratuitous && either(link, "drop_gratuitous_arp"));
  if (forbidden) {
    addDrop(node, link, "ARP_IGNORED");
    return;
  }
  const { inode: netns } = link.place.netns;
  const asks = operation === ArpOperation.REQUEST;
  if (isZero(senderIp)) {
    // Somebody asks whether an address is free (RFC 5227).
    const own = link.place.addresses.some(({ bytes }) => isSame(bytes, targetIp));
    if (asks && own && !isIgnored(link, senderIp, targetIp)) await reply(stack, node, link, arp);
    add(node, { kind: "deliver", netns, to: "ARP" });
    return;
  }
  if (asks) {
    const answer = answers(link, senderIp, targetIp);
    if (answer !== "not asked") {
      if (answer !== "silent") {
        stack.memory.hear(link, senderIp, senderMac, NUD.STALE);
        await reply(stack, node, link, arp);
      }
      add(node, { kind: "deliver", netns, to: "ARP" });
      return;
    }
  }
  learn(stack, node, link, arp, gratuitous, frame.to === link.mac);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

async function reply(stack: Stack, node: OpenNode, link: LinkState, arp: ArpFields): Promise<void> {
  await sendArp(stack, addChild(node, "answer"), link, arp.senderMac, {
    operation: ArpOperation.REPLY,
    senderMac: link.mac,
    senderIp: arp.targetIp,
    targetMac: arp.senderMac,
    targetIp: arp.senderIp,
  });
}

/** Whether a request is for this host, or for one that it stands in for (proxy_arp). */
function answers(
  link: LinkState,
  sender: Uint8Array,
  target: Uint8Array,
): "answers" | "silent" | "not asked" {
  const way = link.place.routeTo(target, { source: sender, came: link });
  if (typeof way === "number") return "not asked";
  if (way.local) {
    const silent =
      isIgnored(link, sender, target) || (either(link, "arp_filter") && isFiltered(link, sender, target));
    return silent ? "silent" : "answers";
  }
  if (!forwardsIpv4(link) || way.type !== RTN.UNICAST) return "not asked";
  const stands = either(link, way.link === link ? "proxy_arp_pvlan" : "proxy_arp");
  return stands ? "answers" : "not asked";
}

/** arp_ignore() */
function isIgnored(link: LinkState, sender: Uint8Array, target: Uint8Array): boolean {
  const { all, own } = conf(link, "arp_ignore");
  const here = link.place.addresses.filter((one) => one.link === link && isSame(one.bytes, target));
  switch (Math.max(all, own)) {
    case 1:
      return here.length === 0;
    case 2:
      return !here.some((one) => covers(one, sender));
    case 3:
      return target[0] === 127;
    case 8:
      return true;
    default:
      return false;
  }
}

/** arp_filter(): answer only where packets to the asking host would leave. */
function isFiltered(link: LinkState, sender: Uint8Array, target: Uint8Array): boolean {
  const back = link.place.routeTo(sender, { source: target });
  return typeof back === "number" || back.link !== link;
}

/** The last part of arp_process(): what the packet tells about its sender. */
function learn(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  { operation, senderIp, senderMac, targetMac }: ArpFields,
  same: boolean,
  forHost: boolean,
): void {
  const isReply = operation === ArpOperation.REPLY;
  const accept = Math.max(...Object.values(conf(link, "arp_accept")));
  const near = link.place.addresses.some((one) => one.link === link && covers(one, senderIp));
  const accepts = accept === 1 || (accept === 2 && near);
  const known = stack.memory.neighbour(link, senderIp) !== undefined;
  const gratuitous = same && (!isReply || targetMac === senderMac);
  if (!known && !(accepts && (gratuitous || isReply))) {
    addDrop(node, link, "ARP_IGNORED");
    return;
  }
  const to = isReply ? "ARP" : "ARP, which is not asked, but learns about the sender";
  add(node, { kind: "deliver", netns: link.place.netns.inode, to });
  stack.memory.hear(link, senderIp, senderMac, isReply && forHost ? NUD.REACHABLE : NUD.STALE);
}
