// Putting fragments together again (net/ipv4/ip_fragment.c, inet_fragment.c; RFC 791, 3.2; RFC 5722's rule for overlaps, which
// Linux applies to IPv4 as well): in memory and time that are bounded.

import type { Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import {
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  IPV4_MAX_PACKET,
  IPV4_MORE_FRAGMENTS,
  ipv4Destination,
  ipv4FragmentField,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Id,
  ipv4Protocol,
  ipv4Source,
  setIpv4FragmentField,
  setIpv4TotalLength,
} from "../../wire/ipv4.ts";
import { derived, note } from "../journey.ts";
import { Packet } from "../packet.ts";
import { afterOnWheel } from "../timer-wheel.ts";
import type { Ipv4Netns } from "./namespace.ts";

/** Memory of a waiting fragment beside its bytes. */
const OVERHEAD = 640;

interface Piece {
  readonly packet: Packet;
  /** Bytes of the datagram's payload that it covers. */
  readonly start: number;
  readonly end: number;
}

/** One datagram whose fragments come in (struct ipq). */
export interface ReassemblyQueue {
  readonly key: string;
  /** By offset, without gaps being filled. */
  readonly pieces: Piece[];
  /** Length of the payload, once the last fragment is there; -1 before. */
  total: number;
  received: number;
  memory: number;
  /** Largest fragment, and largest with "don't fragment", bytes. */
  maxSize: number;
  maxDfSize: number;
  readonly timer: Timer;
}

/**
 * ip_defrag(): takes a fragment that starts at its IP header. The whole datagram once it is complete, in the packet's
 * place; else undefined. `forwarded` says that the packet is not for this host: then nobody is told when time is up.
 */
export function reassemble(inet: Ipv4Netns, packet: Packet): Packet | undefined {
  const { ip } = inet;
  ip.reasmReqds++;
  const queue = queueOf(inet, packet);
  if (queue === undefined) {
    ip.reasmFails++;
    packet.device.kernel.drop(packet, "FRAG_MEMORY", packet.device.name);
    return undefined;
  }
  return addPiece(inet, queue, packet);
}

function queueOf(inet: Ipv4Netns, packet: Packet): ReassemblyQueue | undefined {
  const { bytes, start, device } = packet;
  const key = `${ipv4Source(bytes, start)} ${ipv4Destination(bytes, start)} ${ipv4Id(bytes, start)} ${ipv4Protocol(bytes, start)}`;
  const known = inet.reassembly.get(key);
  if (known !== undefined) return known;
  const { settings } = inet;
  if (settings.fragmentHighThreshold === 0 || inet.reassemblyMemory > settings.fragmentHighThreshold)
    return undefined;
  const queue: ReassemblyQueue = {
    key,
    pieces: [],
    total: -1,
    received: 0,
    memory: 0,
    maxSize: 0,
    maxDfSize: 0,
    timer: afterOnWheel(device.kernel, settings.fragmentTime * SECOND, () => expire(inet, queue)),
  };
  inet.reassembly.set(key, queue);
  return queue;
}

function forget(inet: Ipv4Netns, queue: ReassemblyQueue): void {
  queue.timer.cancel();
  inet.reassembly.delete(queue.key);
  inet.reassemblyMemory -= queue.memory;
}

/** The namespace is gone. */
export function forgetFragments(inet: Ipv4Netns): void {
  for (const queue of [...inet.reassembly.values()]) forget(inet, queue);
}

/** ip_expire(): RFC 1122, 3.3.2: the sender is told if the first fragment has come. */
function expire(inet: Ipv4Netns, queue: ReassemblyQueue): void {
  forget(inet, queue);
  inet.ip.reasmFails++;
  inet.ip.reasmTimeout++;
  const first = queue.pieces[0];
  if (first !== undefined && first.start === 0 && first.packet.device.registered) {
    inet.stack.sendError(first.packet, 11, 1, 0);
  }
  for (const { packet } of queue.pieces)
    packet.device.kernel.drop(packet, "FRAG_REASM_TIMEOUT", packet.device.name);
}

function discard(inet: Ipv4Netns, queue: ReassemblyQueue, packet: Packet): undefined {
  forget(inet, queue);
  inet.ip.reasmFails++;
  for (const piece of queue.pieces)
    packet.device.kernel.drop(piece.packet, "FRAG_INVALID", packet.device.name);
  packet.device.kernel.drop(packet, "FRAG_INVALID", packet.device.name);
  return undefined;
}

function addPiece(inet: Ipv4Netns, queue: ReassemblyQueue, packet: Packet): Packet | undefined {
  const { bytes, start } = packet;
  const headerLength = ipv4HeaderLength(bytes, start);
  const offset = ipv4FragmentOffset(bytes, start);
  const field = ipv4FragmentField(bytes, start);
  const more = (field & IPV4_MORE_FRAGMENTS) !== 0;
  let end = offset + packet.length - headerLength;
  if (!more) {
    if (end < farthest(queue) || (queue.total >= 0 && end !== queue.total))
      return discard(inet, queue, packet);
    queue.total = end;
  } else {
    if ((end & 7) !== 0) {
      end &= ~7;
      packet.end = start + headerLength + end - offset;
    }
    if (queue.total >= 0 && end > queue.total) return discard(inet, queue, packet);
  }
  if (end === offset) return discard(inet, queue, packet);

  const place = queue.pieces.findIndex((piece) => piece.start >= offset);
  const index = place < 0 ? queue.pieces.length : place;
  const before = queue.pieces[index - 1];
  const after = queue.pieces[index];
  if (after !== undefined && after.start === offset && after.end === end) {
    packet.device.kernel.drop(packet, "DUP_FRAG", packet.device.name);
    return undefined;
  }
  if ((before !== undefined && before.end > offset) || (after !== undefined && after.start < end)) {
    inet.ip.reasmOverlaps++;
    return discard(inet, queue, packet);
  }
  if (packet.traced) note(packet, { kind: "reassemble", netns: packet.device.netns.inode, offset });
  queue.pieces.splice(index, 0, { packet, start: offset, end });
  const weight = packet.room + OVERHEAD;
  queue.received += end - offset;
  queue.memory += weight;
  inet.reassemblyMemory += weight;
  queue.maxSize = Math.max(queue.maxSize, packet.length);
  if ((field & IPV4_DONT_FRAGMENT) !== 0) queue.maxDfSize = Math.max(queue.maxDfSize, packet.length);
  return queue.received === queue.total ? join(inet, queue, packet) : undefined;
}

function farthest({ pieces }: ReassemblyQueue): number {
  return pieces.at(-1)?.end ?? 0;
}

/** ip_frag_reasm(): the header of the first fragment with the payload of all. */
function join(inet: Ipv4Netns, queue: ReassemblyQueue, last: Packet): Packet | undefined {
  const first = (queue.pieces[0] as Piece).packet; // complete, so it is there
  const headerLength = ipv4HeaderLength(first.bytes, first.start);
  const length = headerLength + queue.total;
  if (length > IPV4_MAX_PACKET) return discard(inet, queue, last);
  const whole = Packet.allocate(last.device, length);
  const to = whole.start;
  whole.bytes.set(first.bytes.subarray(first.start, first.start + headerLength), to);
  for (const { packet, start } of queue.pieces) {
    const from = packet.start + ipv4HeaderLength(packet.bytes, packet.start);
    whole.bytes.set(packet.bytes.subarray(from, packet.end), to + headerLength + start);
  }
  whole.protocol = last.protocol;
  whole.packetType = last.packetType;
  whole.mark = last.mark;
  whole.priority = last.priority;
  whole.arrivedOn = last.arrivedOn;
  if (last.traceId !== 0) derived(whole, last, "reassembly");
  whole.route = last.route;
  whole.control = first.control;
  whole.network = to;
  whole.mac = to;
  const dontFragment = queue.maxDfSize !== 0 && queue.maxDfSize === queue.maxSize;
  setIpv4FragmentField(whole.bytes, to, dontFragment ? IPV4_DONT_FRAGMENT : 0);
  setIpv4TotalLength(whole.bytes, to, length);
  fillIpv4Checksum(whole.bytes, to);
  forget(inet, queue);
  inet.ip.reasmOks++;
  return whole;
}
