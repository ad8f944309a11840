// Putting fragments together (RFC 8200, 4.5; RFC 5722; net/ipv6/reassembly.c), with bounds on memory and time.

import { copyBytes, readU16BE, readU32BE, readU8, writeU8 } from "../../wire/bytes.ts";
import { Icmpv6ParameterProblem, Icmpv6TimeExceeded, Icmpv6Type } from "../../wire/icmpv6.ts";
import {
  IPV6_FRAGMENT_LENGTH,
  IPV6_FRAGMENT_OFFSET_MASK,
  IPV6_MORE_FRAGMENTS,
  IPV6_NO_UPPER_LAYER,
  skipIpv6Extensions,
  upperLayerOffset,
} from "../../wire/ipv6-extensions.ts";
import { isLinkLocalIpv6, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6PayloadLength,
  ipv6Source,
  setIpv6PayloadLength,
} from "../../wire/ipv6.ts";
import { SECOND } from "../../system/system.ts";
import type { Timer } from "../../system/system.ts";
import { derived, note } from "../journey.ts";
import { Packet } from "../packet.ts";
import { PACKET_GONE, refuse } from "./extension-input.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { count } from "./mib.ts";
import { Slot } from "../slot.ts";

const MAX_PAYLOAD = 0xffff;
/** What a kept fragment weighs beside its bytes (struct sk_buff and its shared part). */
const FRAGMENT_OVERHEAD = 640;

interface Fragment {
  /** Bytes of the fragmentable part, from `offset` to `end`. */
  readonly offset: number;
  readonly end: number;
  /** Where they are in `packet.bytes`. */
  readonly at: number;
  readonly packet: Packet;
}

interface Queue {
  readonly key: string;
  /** In order of offset, without gaps only when complete. */
  readonly fragments: Fragment[];
  /** Bytes of the whole fragmentable part; what is known of it so far. */
  length: number;
  lastSeen: boolean;
  received: number;
  memory: number;
  timer: Timer;
}

class Reassembly {
  readonly queues = new Map<string, Queue>();
  memory = 0;
}

const reassemblyOf = new Slot<Reassembly>();

function stateOf(namespace: Inet6Netns): Reassembly {
  let state = reassemblyOf.of(namespace.netns);
  if (state === undefined) reassemblyOf.set(namespace.netns, (state = new Reassembly()));
  return state;
}

function forget(namespace: Inet6Netns, queue: Queue): void {
  const state = stateOf(namespace);
  queue.timer.cancel();
  if (state.queues.delete(queue.key)) state.memory -= queue.memory;
}

function discard(namespace: Inet6Netns, queue: Queue): void {
  forget(namespace, queue);
  for (const { packet } of queue.fragments) namespace.kernel.drop(packet, "DUP_FRAG", packet.device.name);
}

/** ip6frag_expire_frag_queue() */
function expire(namespace: Inet6Netns, queue: Queue): void {
  forget(namespace, queue);
  const [first] = queue.fragments;
  if (!first) return;
  const owner = inet6Device.of(first.packet.device);
  count(namespace.mib, owner?.mib, "reasmFails");
  count(namespace.mib, owner?.mib, "reasmTimeout");
  // Without the first fragment nobody could tell what the error is about.
  if (first.offset === 0) {
    namespace.stack.sendError(first.packet, Icmpv6Type.TIME_EXCEEDED, Icmpv6TimeExceeded.REASSEMBLY, 0);
  }
  for (const { packet } of queue.fragments) {
    namespace.kernel.drop(packet, "FRAG_REASM_TIMEOUT", packet.device.name);
  }
}

function find(namespace: Inet6Netns, packet: Packet, id: number): Queue | undefined {
  const { bytes, network } = packet;
  const destination = ipv6Destination(bytes, network);
  const scoped = isLinkLocalIpv6(destination) || isMulticastIpv6(destination);
  const key = `${id}/${ipv6Source(bytes, network)}${destination}${scoped ? packet.device.ifindex : 0}`;
  const state = stateOf(namespace);
  const known = state.queues.get(key);
  if (known !== undefined) return known;
  if (state.memory > namespace.settings.ip6frag_high_thresh) return undefined;
  const lifetime = namespace.settings.ip6frag_time * SECOND;
  const queue: Queue = {
    key,
    fragments: [],
    length: 0,
    lastSeen: false,
    received: 0,
    memory: 0,
    timer: namespace.kernel.clock.after(lifetime, () => expire(namespace, queue)),
  };
  state.queues.set(key, queue);
  return queue;
}

/** RFC 8200, 4.5: the first fragment has all headers up to the upper layer's. */
function isFirstTruncated(packet: Packet, at: number): boolean {
  const { bytes, end } = packet;
  if ((readU16BE(bytes, at + 2) & IPV6_FRAGMENT_OFFSET_MASK) !== 0) return false;
  const found = skipIpv6Extensions(bytes, at + IPV6_FRAGMENT_LENGTH, end, readU8(bytes, at));
  if (found === IPV6_NO_UPPER_LAYER) return true;
  const smallest = (found & 0xff) === 6 ? 20 : (found & 0xff) === 59 ? 0 : 1;
  return upperLayerOffset(found) + smallest > end;
}

const HEADERS_INCOMPLETE = 3; // code of "parameter problem", RFC 7112

/** What became of a fragment: nothing yet, or a packet whose header at `at` is the one after the fragment header. */
export interface Reassembled {
  readonly packet: Packet;
  readonly at: number;
  /** Offset of the byte that announces that header. */
  readonly announcedAt: number;
}

/**
 * ipv6_frag_rcv(): takes a fragment whose fragment header is at `at`, announced by the byte at `announcedAt`. Undefined
 * if the packet was kept or is gone.
 */
export function receiveFragment(
  namespace: Inet6Netns,
  packet: Packet,
  at: number,
  announcedAt: number,
): Reassembled | undefined {
  const { bytes, end, network } = packet;
  const owner = inet6Device.of(packet.device);
  count(namespace.mib, owner?.mib, "reasmReqds");
  if (ipv6PayloadLength(bytes, network) === 0 || at + IPV6_FRAGMENT_LENGTH > end) {
    count(namespace.mib, owner?.mib, "inHdrErrors");
    refuse(namespace, packet, Icmpv6ParameterProblem.HEADER_FIELD, at);
    return undefined;
  }
  const field = readU16BE(bytes, at + 2);
  if ((field & (IPV6_FRAGMENT_OFFSET_MASK | IPV6_MORE_FRAGMENTS)) === 0) {
    // RFC 6946: an atomic fragment is whole by itself
    count(namespace.mib, owner?.mib, "reasmOks");
    return { packet, at: at + IPV6_FRAGMENT_LENGTH, announcedAt: at };
  }
  if (isFirstTruncated(packet, at)) {
    count(namespace.mib, owner?.mib, "inHdrErrors");
    refuse(namespace, packet, HEADERS_INCOMPLETE, network);
    return undefined;
  }
  const queue = find(namespace, packet, readU32BE(bytes, at + 4));
  if (queue === undefined) {
    count(namespace.mib, owner?.mib, "reasmFails");
    namespace.kernel.drop(packet, "NOMEM", packet.device.name);
    return undefined;
  }
  const problem = add(namespace, queue, packet, at);
  if (problem !== PACKET_GONE) {
    count(namespace.mib, owner?.mib, "inHdrErrors");
    refuse(namespace, packet, Icmpv6ParameterProblem.HEADER_FIELD, problem);
    return undefined;
  }
  if (!queue.lastSeen || queue.received !== queue.length) return undefined;
  forget(namespace, queue);
  return assemble(namespace, queue, packet, at, announcedAt);
}

/** ip6_frag_queue(): PACKET_GONE if the fragment was kept or dropped, else the offset of a bad field. */
function add(namespace: Inet6Netns, queue: Queue, packet: Packet, at: number): number {
  const { bytes, network } = packet;
  const field = readU16BE(bytes, at + 2);
  const offset = field & IPV6_FRAGMENT_OFFSET_MASK;
  const data = at + IPV6_FRAGMENT_LENGTH;
  const length = network + IPV6_HEADER_LENGTH + ipv6PayloadLength(bytes, network) - data;
  const end = offset + length;
  if (end > MAX_PAYLOAD) return at + 2;
  if ((field & IPV6_MORE_FRAGMENTS) === 0) {
    if (end < queue.length || (queue.lastSeen && end !== queue.length))
      return reject(namespace, queue, packet);
    queue.lastSeen = true;
    queue.length = end;
  } else {
    if ((end & 7) !== 0) return network + 4;
    if (end > queue.length) {
      if (queue.lastSeen) return reject(namespace, queue, packet);
      queue.length = end;
    }
  }
  if (length <= 0) return reject(namespace, queue, packet);
  const { fragments } = queue;
  let place = fragments.length;
  while (place > 0 && (fragments[place - 1] as Fragment).offset >= offset) place--;
  const before = fragments[place - 1];
  const after = fragments[place];
  if (after !== undefined && after.offset === offset && after.end === end) {
    namespace.kernel.drop(packet, "DUP_FRAG", packet.device.name);
    return PACKET_GONE;
  }
  if ((before !== undefined && before.end > offset) || (after !== undefined && after.offset < end)) {
    count(namespace.mib, inet6Device.of(packet.device)?.mib, "reasmOverlaps");
    return reject(namespace, queue, packet);
  }
  if (packet.traced) note(packet, { kind: "reassemble", netns: packet.device.netns.inode, offset });
  fragments.splice(place, 0, { offset, end, at: data, packet });
  queue.received += length;
  const weight = packet.room + FRAGMENT_OVERHEAD;
  queue.memory += weight;
  stateOf(namespace).memory += weight;
  return PACKET_GONE;
}

/** RFC 5722, 4: overlapping or contradicting fragments end the whole datagram. */
function reject(namespace: Inet6Netns, queue: Queue, packet: Packet): typeof PACKET_GONE {
  count(namespace.mib, inet6Device.of(packet.device)?.mib, "reasmFails");
  discard(namespace, queue);
  namespace.kernel.drop(packet, "DUP_FRAG", packet.device.name);
  return PACKET_GONE;
}

/** ip6_frag_reasm(): headers of the first fragment, without the fragment header. `last`: the one that came last. */
function assemble(
  namespace: Inet6Netns,
  queue: Queue,
  last: Packet,
  headerAt: number,
  announcedAt: number,
): Reassembled | undefined {
  const [first] = queue.fragments as [Fragment, ...Fragment[]];
  const head = first.packet;
  const owner = inet6Device.of(head.device);
  const fragmentHeader = first.at - IPV6_FRAGMENT_LENGTH;
  const unfragmentable = fragmentHeader - head.network;
  const announced = announcedAt - (headerAt - unfragmentable);
  const payload = unfragmentable - IPV6_HEADER_LENGTH + queue.length;
  if (payload > MAX_PAYLOAD) {
    count(namespace.mib, owner?.mib, "reasmFails");
    for (const { packet } of queue.fragments)
      namespace.kernel.drop(packet, "PKT_TOO_BIG", packet.device.name);
    return undefined;
  }
  const whole = Packet.allocate(head.device, unfragmentable + queue.length);
  const { bytes, start } = whole;
  copyBytes(head.bytes, head.network, bytes, start, unfragmentable);
  writeU8(bytes, start + announced, readU8(head.bytes, fragmentHeader));
  for (const { offset, end, at, packet } of queue.fragments) {
    copyBytes(packet.bytes, at, bytes, start + unfragmentable + offset, end - offset);
  }
  setIpv6PayloadLength(bytes, start, payload);
  whole.network = start;
  whole.mac = start;
  whole.protocol = head.protocol;
  whole.packetType = head.packetType;
  whole.route = head.route;
  whole.mark = head.mark;
  if (last.traceId !== 0) derived(whole, last, "reassembly");
  whole.arrivedOn = head.arrivedOn;
  count(namespace.mib, owner?.mib, "reasmOks");
  return { packet: whole, at: start + unfragmentable, announcedAt: start + announced };
}
