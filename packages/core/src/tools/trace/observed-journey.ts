// Sightings of a packet on the devices that it passed, joined into the tree that `trace` prints, with the tables that decided
// (observed-tables.ts) and with why the kernel let it go, where it tells. What a kernel does not show is said to be unknown,
// never guessed.

import type { Process } from "../../system/process.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { PacketEvent, TraceDevice } from "../../trace/packet-event.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { parseMac } from "../../wire/mac.ts";
import { formatBytes } from "../why/network-state.ts";
import type { LinkState, NetworkState, PlaceState } from "../why/network-state.ts";
import { INCIDENTAL } from "./describe-event.ts";
import type { DropFinder } from "./drop-finder.ts";
import {
  changesTold,
  destinationOf,
  ownTranslation,
  readdressed,
  routeTold,
  switchTold,
  translationTold,
} from "./observed-tables.ts";
import type { NextHop } from "./observed-tables.ts";
import { datapathActions } from "./ofproto-trace.ts";
import { traceDeviceOf } from "./predict/tree.ts";
import type { OpenNode } from "./predict/tree.ts";
import { addressOf, echoRequest } from "./predict/packet.ts";
import { IDENTIFIER } from "./probe.ts";
import type { Probe } from "./probe.ts";
import type { SeenPacket } from "./seen-packet.ts";
import { linkOf, sightingTrees } from "./sighting-tree.ts";
import type { Point, Sighting } from "./sighting-tree.ts";

interface Observation {
  readonly state: NetworkState;
  /** Who has sent. */
  readonly place: PlaceState;
  readonly sightings: readonly Sighting[];
  /** Of the packet; undefined if it was never seen. */
  readonly key: string | undefined;
  readonly probe: Probe;
  readonly drops: DropFinder;
  /** Why the kernel tells no reasons, for people; undefined if it does. */
  readonly untold: string | undefined;
}

/** The pieces that a packet was seen in, by their place in it. */
interface Pieces {
  /** Keys, the beginning first. */
  readonly keys: readonly string[];
  /** Bytes of the whole packet. */
  readonly length: number;
  readonly mtu: number;
}

const FRAGMENT_HEADER = 8; // bytes, of IPv6

class Builder {
  readonly #process: Process;
  readonly #seen: Observation;
  readonly #numbers = { last: 0 };
  /** Packets that have their place in the tree. */
  readonly #told = new Set<string>();
  /** Where packets end that are not delivered: told once, at the end. */
  #last: Point | undefined;
  #delivered = false;
  /** It is known why it ends. */
  #ended = false;

  constructor(process: Process, observation: Observation) {
    this.#process = process;
    this.#seen = observation;
  }

  node(origin: TraceNode["origin"]): OpenNode {
    return { packet: ++this.#numbers.last, origin, steps: [], numbers: this.#numbers };
  }

  /** A packet with everything that came of it. `begun`: when it was made, if that was before it was first seen. */
  async tell(node: OpenNode, key: string, place: PlaceState, by: string, begun = Infinity): Promise<void> {
    this.#told.add(key);
    const pieces = this.#piecesOf(key);
    const roots = this.#trees(pieces?.keys[0] ?? key);
    const [first] = roots;
    if (first === undefined) return;
    const { packet } = first.sighting;
    const time = Math.min(begun, first.sighting.time);
    const meant = key === this.#seen.key ? this.#meantFor(packet) : undefined;
    add(node, time, {
      kind: "originate",
      netns: place.netns.inode,
      by,
      bytes: meant === undefined ? packet.bytes : readdressed(packet, meant),
      length: pieces?.length ?? packet.bytes.length,
      protocol: packet.protocol,
    });
    if (meant !== undefined) {
      this.route(node, place, meant, time);
      const translated = ownTranslation(packet, meant, place);
      if (translated !== undefined) add(node, time, translated);
    }
    if (packet.role !== "question" && packet.role !== "told" && by !== RAW)
      await this.#leave(node, place, packet, time, first.link);
    if (pieces !== undefined) {
      const { keys, mtu } = pieces;
      add(node, time, { kind: "fragmented", netns: place.netns.inode, pieces: keys.length, mtu });
      for (const piece of keys)
        for (const root of this.#trees(piece))
          await this.#walk(this.#child(node, "fragment", root.sighting.time), undefined, root);
      return;
    }
    if (roots.length === 1) await this.#walk(node, undefined, first);
    else
      for (const root of roots)
        await this.#walk(this.#child(node, "copy", root.sighting.time), undefined, root);
  }

  /** Whom the program sent to, if its own host has translated that before the packet was seen. */
  #meantFor(packet: SeenPacket): Uint8Array | undefined {
    const { probe } = this.#seen;
    if (probe.kind === "frame" || probe.kind === "arp") return undefined;
    const { address } = probe.to;
    return packet.destination === formatBytes(address) ? undefined : address;
  }

  #trees(key: string): Point[] {
    return sightingTrees(this.#seen.state, this.#seen.sightings, key);
  }

  /** Undefined if it was seen whole. */
  #piecesOf(key: string): Pieces | undefined {
    const { sightings, state } = this.#seen;
    const first = sightings.find(({ packet }) => packet.fragment?.whole === key);
    if (first === undefined) return undefined;
    const id = first.packet.fragment?.id;
    const offsets = new Map<string, number>();
    let length = 0;
    for (const { packet } of sightings) {
      const { fragment, bytes, protocol } = packet;
      if (fragment === undefined || fragment.id !== id) continue;
      offsets.set(packet.key, fragment.offset);
      const extra = protocol === EtherType.IPV6 ? FRAGMENT_HEADER : 0;
      length = Math.max(length, fragment.offset + bytes.length - extra);
    }
    const keys = [...offsets].sort(([, a], [, b]) => a - b).map(([piece]) => piece);
    return { keys, length, mtu: linkOf(state, first)?.mtu ?? 0 };
  }

  #child(node: OpenNode, origin: TraceNode["origin"], time: number): OpenNode {
    const child = this.node(origin);
    node.steps.push({ kind: "child", time, child });
    return child;
  }

  /** The tables that send a packet out of a namespace: its route, and its neighbour. */
  async #leave(
    node: OpenNode,
    place: PlaceState,
    packet: SeenPacket,
    time: number,
    link: LinkState | undefined,
  ): Promise<void> {
    const to = destinationOf(packet);
    if (to === undefined || link?.bridge?.vlanFiltering === true) return;
    const next = this.route(node, place, to, time);
    if (next !== undefined) await this.neighbour(node, place, next, time, undefined);
  }

  /** Where the packet is to go next by the routes of a namespace. */
  route(node: OpenNode, place: PlaceState, to: Uint8Array, time: number): NextHop | undefined {
    const told = routeTold(place, to);
    if (told === undefined) return undefined;
    add(node, time, told.event);
    return told.next;
  }

  /** The neighbour's entry, and the questions that were asked for it. `lost`: the packet itself was never seen. */
  async neighbour(
    node: OpenNode,
    place: PlaceState,
    { link, address }: NextHop,
    time: number,
    lost: "lost" | undefined,
  ): Promise<void> {
    const { sightings, state } = this.#seen;
    const text = formatBytes(address);
    const known = place.neighbours.find((one) => one.link === link && one.text === text);
    const device = traceDeviceOf(link);
    const entry = { kind: "neighbour", device, address: addressOf(address) } as const;
    let since = time;
    const asked = sightings.find(
      ({ packet, outgoing, device: { netns } }) =>
        packet.role === "question" && packet.destination === text && outgoing && netns === place.netns.inode,
    );
    if (asked !== undefined && !this.#told.has(asked.packet.key)) {
      add(node, asked.time, { ...entry, outcome: "wait", state: NUD.INCOMPLETE, mac: undefined });
      const question = this.#child(node, "resolution", asked.time);
      await this.tell(question, asked.packet.key, place, KERNEL);
      const reply = sightings.find(({ packet }) => packet.of === asked.packet.key);
      const from = reply && linkOf(state, reply)?.place;
      since = Math.max(time, reply?.time ?? 0);
      // Who has the address answers where the question came to; somebody else may answer for it.
      if (reply !== undefined && from !== undefined && !this.#told.has(reply.packet.key))
        await this.tell(this.#child(question, "answer", reply.time), reply.packet.key, from, KERNEL);
    }
    const failed = known === undefined || (known.state & (NUD.FAILED | NUD.INCOMPLETE)) !== 0;
    if (lost !== undefined && failed && asked !== undefined)
      this.#drop(node, device, time, "NEIGH_FAILED", link.name);
    else if (known !== undefined && known.mac !== "")
      add(node, since, { ...entry, outcome: "known", state: known.state, mac: parseMac(known.mac) });
  }

  async #walk(node: OpenNode, before: Point | undefined, point: Point): Promise<void> {
    const { sighting, next } = point;
    const { outgoing, time, device } = sighting;
    const at = { netns: device.netns, ifindex: device.ifindex, name: device.name };
    if (before !== undefined) {
      const from = before.link ? traceDeviceOf(before.link) : at;
      for (const event of changesTold(before.sighting, from, sighting)) add(node, time, event);
      const translated = translationTold(before.sighting, sighting);
      // Another destination was there before the route was looked up (#decided), another source comes after it.
      if (translated !== undefined && (translated.sourceBefore !== undefined || before.sighting.outgoing))
        add(node, time, translated);
    }
    add(node, time, { kind: outgoing ? "transmit" : "receive", device: at, length: sighting.frame.length });
    this.#last = point;
    if (!outgoing) {
      await this.#decided(node, point);
      if (next.length === 0) await this.#arrive(node, point);
    } else if (next.length === 0) this.#tellDrop(node, point);
    const [only] = next;
    if (next.length === 1 && only !== undefined) await this.#walk(node, point, only);
    else for (const one of next) await this.#walk(this.#child(node, "copy", one.sighting.time), point, one);
  }

  /** What a bridge, a switch or a router has looked up for a frame that came in. */
  async #decided(node: OpenNode, { sighting, link, next }: Point): Promise<void> {
    const { time, ethernet, packet } = sighting;
    if (link === undefined || !ethernet) return;
    const looked = await switchTold(this.#process, this.#seen.state, link, sighting);
    if (looked !== undefined) {
      for (const event of looked) add(node, time, event);
      if (next.length === 0 && datapathActions(looked) === "drop")
        this.#drop(node, traceDeviceOf(link), time, "OVS_DROP_LAST_ACTION", link.name);
      return;
    }
    const [out] = next;
    if (out === undefined || !out.sighting.outgoing || out.sighting.packet.ttl >= packet.ttl) return;
    const translated = translationTold(sighting, out.sighting);
    if (translated !== undefined && translated.sourceBefore === undefined) add(node, time, translated);
    const destination = destinationOf(out.sighting.packet);
    const hop = destination && this.route(node, link.place, destination, time);
    add(node, time, { kind: "forward", netns: link.place.netns.inode, ttl: out.sighting.packet.ttl });
    if (hop !== undefined) await this.neighbour(node, link.place, hop, time, undefined);
  }

  #drop(node: OpenNode, device: TraceDevice, time: number, reason: DropReason, place: string): void {
    add(node, time, { kind: "drop", device, reason, place });
    // A stranger that ignores its copy is not where the packet ends.
    if (!INCIDENTAL.has(reason)) this.#ended = true;
  }

  /** Why the kernel let it go, if it says. */
  #tellDrop(node: OpenNode, { sighting, link }: Point): void {
    const found = this.#seen.drops.after(sighting);
    if (found === undefined || link === undefined) return;
    this.#drop(node, traceDeviceOf(link), sighting.time, found.reason, found.place);
  }

  /** A frame that goes no further: it is for this host, or what became of it is told by the kernel or not at all. */
  async #arrive(node: OpenNode, point: Point): Promise<void> {
    const { sighting, link } = point;
    const { packet, time } = sighting;
    const place = link?.place;
    if (place === undefined) return;
    if (!place.addresses.some(({ text }) => text === packet.destination)) {
      this.#tellDrop(node, point);
      return;
    }
    const netns = place.netns.inode;
    if (packet.fragment !== undefined) {
      const { fragment } = packet;
      add(node, time, { kind: "reassemble", netns, offset: fragment.offset });
      const whole = this.#reassembled(sighting, fragment.id);
      if (whole !== undefined)
        await this.#deliver(
          this.#child(node, "reassembly", time),
          place,
          whole.packet,
          whole.key,
          time,
          point,
        );
      return;
    }
    await this.#deliver(node, place, packet, packet.key, time, point);
  }

  /** The packet that the last fragment completes here. */
  #reassembled({ time, device }: Sighting, id: string): { packet: SeenPacket; key: string } | undefined {
    const pieces = this.#seen.sightings.filter(
      (one) => one.packet.fragment?.id === id && !one.outgoing && one.device === device,
    );
    const first = pieces.find(({ packet }) => packet.fragment?.whole !== undefined)?.packet;
    const key = first?.fragment?.whole;
    if (first === undefined || key === undefined || pieces.some((one) => one.time > time)) return undefined;
    return { packet: first, key };
  }

  async #deliver(
    node: OpenNode,
    place: PlaceState,
    packet: SeenPacket,
    key: string,
    time: number,
    point: Point,
  ): Promise<void> {
    const netns = place.netns.inode;
    const answer = this.#seen.sightings.find(
      (one) => one.packet.of === key && !this.#told.has(keyOf(one.packet)),
    );
    if (packet.role === "question" || packet.role === "told") {
      if (answer !== undefined)
        await this.tell(this.#child(node, "answer", answer.time), answer.packet.key, place, KERNEL);
      const to = packet.protocol === EtherType.ARP ? "ARP" : "ICMPv6";
      if (packet.role === "told" || answer !== undefined) add(node, time, { kind: "deliver", netns, to });
      if (key === this.#seen.key) this.#delivered = true;
      return;
    }
    const to = destinationOf(packet);
    if (to !== undefined) this.route(node, place, to, time);
    // That it came to this host is seen. That somebody took it is only known by the answer, or by who waits for one.
    if (packet.role === "request" && answer === undefined) {
      this.#tellDrop(node, point);
      return;
    }
    this.#delivered = true;
    const receiver = packet.role === "request" ? "who answers" : "who asked";
    add(node, time, { kind: "deliver", netns, to: receiver });
    if (answer === undefined) return;
    await this.tell(this.#child(node, "answer", answer.time), keyOf(answer.packet), place, KERNEL);
  }

  /** Errors come from routers on the way, which are no place of delivery. */
  async errors(node: OpenNode, key: string): Promise<void> {
    const { sightings, state } = this.#seen;
    for (const { packet, time, device } of sightings) {
      if (packet.of !== key || packet.role !== "error" || this.#told.has(packet.key)) continue;
      const place = state.places.find(({ netns }) => netns.inode === device.netns);
      if (place !== undefined) await this.tell(this.#child(node, "answer", time), packet.key, place, KERNEL);
    }
  }

  /** What is not known: the last line of a packet that was not delivered. */
  end(node: OpenNode): void {
    const last = this.#last;
    if (this.#delivered || this.#ended || last === undefined) return;
    const { device, outgoing, time } = last.sighting;
    const where = `${device.name} in ${last.link?.place.name ?? `netns:[${device.netns}]`}`;
    const text = `last seen ${outgoing ? "leaving by" : "coming in by"} ${where}; what became of it there, the kernel does not show${this.#seen.untold ?? ""}`;
    add(node, time, { kind: "switch-note", bridge: device.name, text });
  }

  /** It was seen nowhere: it waits for a neighbour that does not answer, or a device or rule has taken it. */
  async unseen(node: OpenNode, to: Uint8Array): Promise<void> {
    const { place, sightings, drops, untold } = this.#seen;
    const answer = place.routeTo(to);
    const source = typeof answer === "number" ? undefined : answer.source;
    const time = sightings[0]?.time ?? 0;
    if (source !== undefined) {
      const { bytes } = echoRequest(source, to, IDENTIFIER, 0, { ttl: 0 });
      const protocol = to.length === 4 ? EtherType.IPV4 : EtherType.IPV6;
      const netns = place.netns.inode;
      add(node, time, { kind: "originate", netns, by: SOCKET, bytes, length: bytes.length, protocol });
    }
    const hop = this.route(node, place, to, time);
    if (hop !== undefined) await this.neighbour(node, place, hop, time, "lost");
    if (node.steps.length === 0 || this.#ended) return;
    const link = hop?.link ?? place.links.find(({ loopback }) => loopback);
    const drop = drops.unsent();
    if (drop !== undefined && link !== undefined) {
      this.#drop(node, traceDeviceOf(link), time, drop.reason, drop.place);
      return;
    }
    const text = `it was not seen on any device of ${place.name}; why not, the kernel does not show${untold ?? ""}`;
    add(node, time, { kind: "switch-note", bridge: hop?.link.name ?? "", text });
  }
}

/** Who makes a packet. */
const SOCKET = "socket";
const RAW = "packet socket";
const KERNEL = "kernel";

function keyOf({ key, fragment }: SeenPacket): string {
  return fragment?.whole ?? key;
}

function add(node: OpenNode, time: number, event: PacketEvent): void {
  node.steps.push({ kind: "event", time, event });
}

/** The tree of the packet that `place` has sent; undefined if nothing at all was seen of it. */
export async function observedJourney(
  process: Process,
  observation: Observation,
): Promise<TraceNode | undefined> {
  const { place, key, probe, sightings } = observation;
  const builder = new Builder(process, observation);
  const root = builder.node(undefined);
  if (key === undefined) {
    if (probe.kind === "frame") return undefined;
    await builder.unseen(root, probe.to.address);
    return root;
  }
  // It waits while its neighbour is asked for.
  const asked = sightings.find(
    ({ packet, outgoing, device }) =>
      packet.role === "question" && outgoing && device.netns === place.netns.inode,
  );
  const raw = probe.kind === "frame" || probe.kind === "arp";
  await builder.tell(root, key, place, raw ? RAW : SOCKET, raw ? undefined : asked?.time);
  await builder.errors(root, key);
  builder.end(root);
  return root;
}
