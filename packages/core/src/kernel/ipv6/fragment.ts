// Cutting a packet into fragments (RFC 8200, 4.5; ip6_fragment in net/ipv6/ip6_output.c). Only the source of a packet does this.

import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV6_FRAGMENT_LENGTH } from "../../wire/ipv6-extensions.ts";
import { readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { IPV6_HEADER_LENGTH, ipv6NextHeader, setIpv6PayloadLength } from "../../wire/ipv6.ts";
import { derived, note } from "../journey.ts";
import { Packet } from "../packet.ts";

/** Where the fragmentable part begins, and which byte announces it (ip6_find_1stfragopt). */
interface Cut {
  readonly at: number;
  readonly announcedAt: number;
}

/** Hop-by-hop options, and a routing header with the destination options before it, go with every fragment. */
function findCut(bytes: Uint8Array, start: number, end: number): Cut | undefined {
  let at = start + IPV6_HEADER_LENGTH;
  let announcedAt = start + 6;
  let next = ipv6NextHeader(bytes, start);
  let routingSeen = false;
  for (;;) {
    if (next === IpProtocol.ROUTING) routingSeen = true;
    else if (next === IpProtocol.DESTINATION) {
      if (routingSeen) return { at, announcedAt };
    } else if (next !== IpProtocol.HOP_BY_HOP) return { at, announcedAt };
    if (at + 8 > end) return undefined;
    next = readU8(bytes, at);
    announcedAt = at;
    at += (readU8(bytes, at + 1) + 1) * 8;
    if (at > end) return undefined;
  }
}

/**
 * The fragments of a packet that starts at its IPv6 header; undefined if `mtu` leaves no room. `id` is the same in all of
 * them and should not repeat for this source and destination.
 */
export function fragmentPacket(packet: Packet, mtu: number, id: number): Packet[] | undefined {
  const { bytes, start, end } = packet;
  const cut = findCut(bytes, start, end);
  if (cut === undefined) return undefined;
  const unfragmentable = cut.at - start;
  // Every fragment but the last carries a multiple of 8 bytes.
  const room = (mtu - unfragmentable - IPV6_FRAGMENT_LENGTH) & ~7;
  if (room < 8) return undefined;
  const next = readU8(bytes, cut.announcedAt);
  const count = Math.ceil((end - cut.at) / room);
  if (packet.traced)
    note(packet, { kind: "fragmented", netns: packet.device.netns.inode, pieces: count, mtu });
  const pieces: Packet[] = [];
  for (let from = cut.at; from < end; from += room) {
    const length = Math.min(room, end - from);
    const piece = Packet.allocate(packet.device, unfragmentable + IPV6_FRAGMENT_LENGTH + length);
    const to = piece.start;
    piece.bytes.set(bytes.subarray(start, cut.at), to);
    piece.bytes.set(bytes.subarray(from, from + length), to + unfragmentable + IPV6_FRAGMENT_LENGTH);
    writeU8(piece.bytes, to + (cut.announcedAt - start), IpProtocol.FRAGMENT);
    const header = to + unfragmentable;
    writeU8(piece.bytes, header, next);
    writeU8(piece.bytes, header + 1, 0);
    writeU16BE(piece.bytes, header + 2, (from - cut.at) | (from + length < end ? 1 : 0));
    writeU32BE(piece.bytes, header + 4, id);
    setIpv6PayloadLength(
      piece.bytes,
      to,
      unfragmentable - IPV6_HEADER_LENGTH + IPV6_FRAGMENT_LENGTH + length,
    );
    piece.network = to;
    piece.protocol = packet.protocol;
    piece.mark = packet.mark;
    piece.priority = packet.priority;
    if (packet.traceId !== 0) derived(piece, packet, "fragment");
    pieces.push(piece);
  }
  return pieces;
}
