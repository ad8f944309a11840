// Sightings of a packet on the devices that it passed, joined into the tree that `trace` prints. What lies between two
// sightings is told from the tables that decided (routes, neighbours, FDB, flows), as they are right afterwards. What a
// kernel does not show, such as why a packet went no further, is said to be unknown, never guessed.

import type { SeenDevice } from "../../system/network-capture.ts";
import type { Process } from "../../system/process.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { IpAddress, TraceDevice } from "../../trace/packet-event.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { ethDestination, EtherType } from "../../wire/ethernet.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { parseMac } from "../../wire/mac.ts";
import type { LinkState, NetworkState, PlaceState } from "../why/network-state.ts";
import { formatBytes } from "../why/read-state.ts";
import { bridgeOf } from "../why/segment.ts";
import { ovsPortOf } from "../why/switch-state.ts";
import { datapathActions, flowEvents, frameWords } from "./ofproto-trace.ts";
import type { OpenNode } from "./predict-frame.ts";
import { echo } from "./predict.ts";
import type { SeenPacket } from "./seen-packet.ts";
import { linkOf, sightingTrees } from "./sighting-tree.ts";
import type { Point, Sighting } from "./sighting-tree.ts";

interface Observation {
  readonly state: NetworkState;
  /** Who has sent. */
  readonly place: PlaceState;
  readonly sightings: readonly Sighting[];
  /** The first one of the packet; undefined if it was never seen. */
  readonly first: Sighting | undefined;
  readonly to: Uint8Array;
}

const TPID = 0x8100;

function deviceOf({ netns, ifindex, name }: SeenDevice): TraceDevice {
  return { netns, ifindex, name };
}

function traced(link: LinkState): TraceDevice {
  return { netns: link.place.netns.inode, ifindex: link.index, name: link.name };
}

function addressOf(bytes: Uint8Array): IpAddress {
  return bytes.length === 4 ? readIpv4Address(bytes, 0) : readIpv6Address(bytes, 0);
}

class Builder {
  readonly #process: Process;
  readonly #state: NetworkState;
  readonly #sightings: readonly Sighting[];
  readonly #numbers = { last: 0 };
  /** Packets that have their place in the tree. */
  readonly #told = new Set<string>();
  /** Where packets end that are not delivered: told once, at the end. */
  #last: Point | undefined;
  #delivered = false;
  /** A table has said why it ends. */
  #ended = false;

  constructor(process: Process, { state, sightings }: Observation) {
    this.#process = process;
    this.#state = state;
    this.#sightings = sightings;
  }

  node(origin: TraceNode["origin"]): OpenNode {
    return { packet: ++this.#numbers.last, origin, steps: [], numbers: this.#numbers };
  }

  /** A packet with everything that came of it. `begun`: when it was made, if that was before it was first seen. */
  async tell(node: OpenNode, key: string, place: PlaceState, by: string, begun = Infinity): Promise<void> {
    this.#told.add(key);
    const roots = sightingTrees(this.#state, this.#sightings, key);
    const [first] = roots;
    if (first === undefined) return;
    const { packet } = first.sighting;
    const time = Math.min(begun, first.sighting.time);
    const netns = place.netns.inode;
    node.steps.push({
      kind: "event",
      time,
      event: {
        kind: "originate",
        netns,
        by,
        bytes: packet.bytes,
        length: packet.bytes.length,
        protocol: packet.protocol,
      },
    });
    if (packet.role === "question" || packet.role === "told") {
      for (const root of roots) await this.#walk(node, undefined, root);
      return;
    }
    await this.#leave(node, place, packet, time, first.link);
    if (roots.length === 1) await this.#walk(node, undefined, first);
    else
      for (const root of roots)
        await this.#walk(this.#child(node, "copy", root.sighting.time), undefined, root);
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
    const to = bytesOf(packet);
    if (to === undefined || link?.bridge?.vlanFiltering === true) return;
    const nextHop = this.route(node, place, to, time);
    if (nextHop !== undefined)
      await this.neighbour(node, place, nextHop.link, nextHop.address, time, undefined);
  }

  /** The route of a namespace to an address; where the packet is to go next. */
  route(
    node: OpenNode,
    place: PlaceState,
    to: Uint8Array,
    time: number,
  ): { readonly link: LinkState; readonly address: Uint8Array } | undefined {
    const answer = place.routeTo(to);
    if (typeof answer === "number" || answer.link === undefined) return undefined;
    const { link, gateway, local } = answer;
    node.steps.push({
      kind: "event",
      time,
      event: {
        kind: "route",
        netns: place.netns.inode,
        destination: addressOf(to),
        outcome: local ? "local" : "unicast",
        entry: local ? undefined : place.routeEntry(to),
        via: gateway && addressOf(gateway),
        device: local ? undefined : traced(link),
      },
    });
    return local ? undefined : { link, address: gateway ?? to };
  }

  /** The neighbour's entry, and the questions that were asked for it. `lost`: the packet itself was never seen. */
  async neighbour(
    node: OpenNode,
    place: PlaceState,
    link: LinkState,
    address: Uint8Array,
    time: number,
    lost: "lost" | undefined,
  ): Promise<void> {
    const text = formatBytes(address);
    const known = place.neighbours.find((one) => one.link === link && one.text === text);
    const device = traced(link);
    const asked = this.#sightings.find(
      ({ packet, outgoing, device: { netns } }) =>
        packet.role === "question" && packet.destination === text && outgoing && netns === place.netns.inode,
    );
    if (asked !== undefined && !this.#told.has(asked.packet.key)) {
      const event = {
        kind: "neighbour",
        device,
        address: addressOf(address),
        outcome: "wait",
        state: NUD.INCOMPLETE,
        mac: undefined,
      } as const;
      node.steps.push({ kind: "event", time: asked.time, event });
      const question = this.#child(node, "resolution", asked.time);
      await this.tell(question, asked.packet.key, place, "kernel");
      const reply = this.#sightings.find(({ packet }) => packet.of === asked.packet.key);
      const from = reply && linkOf(this.#state, reply)?.place;
      if (reply !== undefined && from !== undefined)
        await this.tell(this.#child(question, "answer", reply.time), reply.packet.key, from, "kernel");
    }
    const failed = known === undefined || (known.state & (NUD.FAILED | NUD.INCOMPLETE)) !== 0;
    if (lost !== undefined && failed && asked !== undefined)
      node.steps.push({
        kind: "event",
        time,
        event: { kind: "drop", device, reason: "NEIGH_FAILED", place: link.name },
      });
    else if (known !== undefined && known.mac !== "") {
      const event = {
        kind: "neighbour",
        device,
        address: addressOf(address),
        outcome: "known",
        state: known.state,
        mac: parseMac(known.mac),
      } as const;
      node.steps.push({ kind: "event", time, event });
    }
  }

  async #walk(node: OpenNode, before: Point | undefined, point: Point): Promise<void> {
    const { sighting, next } = point;
    const { outgoing, packet, time, device } = sighting;
    const was = before?.sighting.packet;
    const at = deviceOf(device);
    const tell = (
      event: TraceNode["steps"][number] extends infer S ? (S extends { event: infer E } ? E : never) : never,
    ): void => {
      node.steps.push({ kind: "event", time, event });
    };
    if (was !== undefined && was.tunnel !== packet.tunnel) {
      if (packet.tunnel !== undefined)
        tell({
          kind: "encapsulate",
          device: before?.link ? traced(before.link) : at,
          protocol: packet.tunnel,
        });
      else tell({ kind: "decapsulate", device: at, protocol: was.tunnel ?? "" });
    }
    if (was !== undefined && was.vlan !== packet.vlan) {
      if (was.vlan !== 0) tell({ kind: "vlan-pop", device: at, tpid: TPID, tci: was.vlan });
      if (packet.vlan !== 0) tell({ kind: "vlan-push", device: at, tpid: TPID, tci: packet.vlan });
    }
    tell({ kind: outgoing ? "transmit" : "receive", device: at, length: sighting.frame.length });
    this.#last = point;
    if (!outgoing) {
      await this.#decided(node, point);
      if (next.length === 0) await this.#arrive(node, point);
    }
    const [only] = next;
    if (next.length === 1 && only !== undefined) await this.#walk(node, point, only);
    else for (const one of next) await this.#walk(this.#child(node, "copy", one.sighting.time), point, one);
  }

  /** What a bridge, a switch or a router has looked up for a frame that came in. */
  async #decided(node: OpenNode, { sighting, link, next }: Point): Promise<void> {
    const { time, frame, ethernet, packet } = sighting;
    if (link === undefined || !ethernet) return;
    const bridge = bridgeOf(link);
    const to = ethDestination(frame, 0);
    if (bridge !== undefined) {
      const vlan =
        bridge.bridge?.vlanFiltering === true
          ? packet.vlan || (link.vlans.find(({ pvid }) => pvid)?.vid ?? 0)
          : 0;
      const entry = link.place.fdb.find(
        ({ mac, vlan: of, port }) =>
          parseMac(mac) === to && of === vlan && (port === bridge || bridgeOf(port) === bridge),
      );
      const own = parseMac(bridge.mac) === to || entry?.local === true;
      node.steps.push({
        kind: "event",
        time,
        event: {
          kind: "bridge-decide",
          bridge: traced(bridge),
          destination: to,
          vlan,
          decision: own ? "local" : entry === undefined ? "flood" : "forward",
          port: own || entry === undefined ? undefined : traced(entry.port),
          alsoLocal: false,
        },
      });
      return;
    }
    const port = ovsPortOf(this.#state.switches, link);
    if (port !== undefined) {
      const events = await flowEvents(this.#process, port.bridge.name, frameWords(link.name, frame));
      for (const event of events) node.steps.push({ kind: "event", time, event });
      if (next.length === 0 && datapathActions(events) === "drop")
        this.#drop(node, link, time, "OVS_DROP_LAST_ACTION");
      return;
    }
    const [out] = next;
    if (out === undefined || !out.sighting.outgoing || out.sighting.packet.ttl >= packet.ttl) return;
    const destination = bytesOf(packet);
    const hop = destination && this.route(node, link.place, destination, time);
    node.steps.push({
      kind: "event",
      time,
      event: { kind: "forward", netns: link.place.netns.inode, ttl: out.sighting.packet.ttl },
    });
    if (hop !== undefined) await this.neighbour(node, link.place, hop.link, hop.address, time, undefined);
  }

  /** The tables themselves say that it ends here. */
  #drop(node: OpenNode, link: LinkState, time: number, reason: DropReason): void {
    const event = { kind: "drop", device: traced(link), reason, place: link.name } as const;
    node.steps.push({ kind: "event", time, event });
    this.#ended = true;
  }

  /** A frame that goes no further: it is for this host, or what became of it is not shown. */
  async #arrive(node: OpenNode, { sighting, link }: Point): Promise<void> {
    const { packet, time } = sighting;
    const place = link?.place;
    if (place === undefined || !place.addresses.some(({ text }) => text === packet.destination)) return;
    const answer = this.#sightings.find(
      (one) => one.packet.of === packet.key && !this.#told.has(one.packet.key),
    );
    if (packet.role === "question" || packet.role === "told") {
      if (packet.role === "told" || answer !== undefined)
        node.steps.push({
          kind: "event",
          time,
          event: {
            kind: "deliver",
            netns: place.netns.inode,
            to: packet.protocol === EtherType.ARP ? "ARP" : "ICMPv6",
          },
        });
      return;
    }
    const to = bytesOf(packet);
    if (to !== undefined) this.route(node, place, to, time);
    // That it came to this host is seen. That somebody took it is only known by the answer, or by who waits for one.
    if (packet.role === "request" && answer === undefined) return;
    this.#delivered = true;
    const receiver = packet.role === "request" ? "who answers" : "who asked";
    node.steps.push({
      kind: "event",
      time,
      event: { kind: "deliver", netns: place.netns.inode, to: receiver },
    });
    if (answer === undefined) return;
    await this.tell(this.#child(node, "answer", answer.time), answer.packet.key, place, "kernel");
  }

  /** Errors come from routers on the way, which are no place of delivery. */
  async errors(node: OpenNode, key: string): Promise<void> {
    for (const { packet, time, device } of this.#sightings) {
      if (packet.of !== key || packet.role !== "error" || this.#told.has(packet.key)) continue;
      const place = this.#state.places.find(({ netns }) => netns.inode === device.netns);
      if (place !== undefined)
        await this.tell(this.#child(node, "answer", time), packet.key, place, "kernel");
    }
  }

  /** What is not known: the last line of a packet that was not delivered. */
  end(node: OpenNode): void {
    const last = this.#last;
    if (this.#delivered || this.#ended || last === undefined) return;
    const { device, outgoing, time } = last.sighting;
    const where = `${device.name} in ${last.link?.place.name ?? `netns:[${device.netns}]`}`;
    const text = `last seen ${outgoing ? "leaving by" : "coming in by"} ${where}; what became of it there, the kernel does not show`;
    node.steps.push({ kind: "event", time, event: { kind: "switch-note", bridge: device.name, text } });
  }
}

function bytesOf({ bytes, protocol }: SeenPacket): Uint8Array | undefined {
  if (protocol === EtherType.IPV4) return bytes.slice(16, 20);
  if (protocol === EtherType.IPV6) return bytes.slice(24, 40);
  return undefined;
}

/** The tree of the packet that `place` has sent; undefined if nothing at all was seen of it. */
export async function observedJourney(
  process: Process,
  observation: Observation,
): Promise<TraceNode | undefined> {
  const { place, first, to, sightings } = observation;
  const builder = new Builder(process, observation);
  const root = builder.node(undefined);
  if (first !== undefined) {
    // It waits while its neighbour is asked for.
    const asked = sightings.find(
      ({ packet, outgoing, device }) =>
        packet.role === "question" && outgoing && device.netns === place.netns.inode,
    );
    await builder.tell(root, first.packet.key, place, "socket", asked?.time);
    await builder.errors(root, first.packet.key);
    builder.end(root);
    return root;
  }
  // It never left: it waits for a neighbour that does not answer, or a device or rule has taken it.
  const answer = place.routeTo(to);
  const source = typeof answer === "number" ? undefined : answer.source;
  const time = sightings[0]?.time ?? 0;
  if (source !== undefined) {
    const bytes = echo(source, to, false);
    const event = {
      kind: "originate",
      netns: place.netns.inode,
      by: "socket",
      bytes,
      length: bytes.length,
      protocol: to.length === 4 ? EtherType.IPV4 : EtherType.IPV6,
    } as const;
    root.steps.push({ kind: "event", time, event });
  }
  const hop = builder.route(root, place, to, time);
  if (hop !== undefined) await builder.neighbour(root, place, hop.link, hop.address, time, "lost");
  if (
    root.steps.length > 0 &&
    !root.steps.some((step) => step.kind === "event" && step.event.kind === "drop")
  ) {
    const text = `it was not seen on any device of ${place.name}; why not, the kernel does not show`;
    root.steps.push({
      kind: "event",
      time,
      event: { kind: "switch-note", bridge: hop?.link.name ?? "", text },
    });
  }
  return root;
}
