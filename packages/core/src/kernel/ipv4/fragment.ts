// Cutting a packet that is too large for its link into fragments (ip_do_fragment; RFC 791, 3.2).

import {
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  IPV4_FRAGMENT_MASK,
  IPV4_MIN_HEADER,
  IPV4_MORE_FRAGMENTS,
  ipv4FragmentField,
  ipv4HeaderLength,
  setIpv4FragmentField,
  setIpv4TotalLength,
} from "../../wire/ipv4.ts";
import { derived, note } from "../journey.ts";
import { Packet } from "../packet.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { stripUncopied } from "./options.ts";

/** Sends the fragments, first to last, by `send`. The packet starts at its IP header and is used up. */
export function fragment(
  inet: Ipv4Netns,
  packet: Packet,
  mtu: number,
  send: (fragment: Packet) => void,
): void {
  const { bytes, start, end } = packet;
  const headerLength = ipv4HeaderLength(bytes, start);
  const room = (mtu - headerLength) & ~7;
  if (room <= 0) {
    inet.ip.fragFails++;
    packet.device.kernel.drop(packet, "PKT_TOO_BIG", packet.device.name);
    return;
  }
  const field = ipv4FragmentField(bytes, start);
  const moreAfter = (field & IPV4_MORE_FRAGMENTS) !== 0;
  const flags = field & IPV4_DONT_FRAGMENT;
  let offset = field & IPV4_FRAGMENT_MASK; // units of 8 bytes
  if (packet.traced) {
    const pieces = Math.ceil((end - start - headerLength) / room);
    note(packet, { kind: "fragmented", netns: packet.device.netns.inode, pieces, mtu });
  }
  for (let at = start + headerLength; at < end; at += room) {
    const last = at + room >= end;
    const length = last ? end - at : room;
    const piece = Packet.allocate(packet.device, headerLength + length);
    const to = piece.start;
    piece.bytes.set(bytes.subarray(start, start + headerLength), to);
    piece.bytes.set(bytes.subarray(at, at + length), to + headerLength);
    piece.protocol = packet.protocol;
    piece.mark = packet.mark;
    piece.priority = packet.priority;
    piece.route = packet.route;
    if (packet.traceId !== 0) derived(piece, packet, "fragment");
    piece.network = to;
    if (offset !== 0 && headerLength > IPV4_MIN_HEADER) {
      stripUncopied(piece.bytes, to, to + headerLength);
    }
    setIpv4FragmentField(piece.bytes, to, flags | offset | (last && !moreAfter ? 0 : IPV4_MORE_FRAGMENTS));
    setIpv4TotalLength(piece.bytes, to, headerLength + length);
    fillIpv4Checksum(piece.bytes, to);
    offset += room >>> 3;
    inet.ip.fragCreates++;
    send(piece);
  }
  inet.ip.fragOks++;
}
