// What lies between two sightings of a packet, told from the tables that decided: routes, neighbours, forwarding databases of
// bridges, flows of Open vSwitch. They are read right afterwards, so that what decides and is gone by then is not told.

import type { Process } from "../../system/process.ts";
import type { PacketEvent, TraceDevice } from "../../trace/packet-event.ts";
import { ethDestination, EtherType } from "../../wire/ethernet.ts";
import { parseMac } from "../../wire/mac.ts";
import type { LinkState, NetworkState, PlaceState } from "../why/network-state.ts";
import { bridgeOf } from "../why/segment.ts";
import { ovsPortOf } from "../why/switch-state.ts";
import { flowEvents, frameWords } from "./ofproto-trace.ts";
import { traceDeviceOf } from "./predict/tree.ts";
import { addressOf } from "./predict/packet.ts";
import type { SeenPacket } from "./seen-packet.ts";
import type { Sighting } from "./sighting-tree.ts";

const TPID = 0x8100;

export interface NextHop {
  readonly link: LinkState;
  readonly address: Uint8Array;
}

export function destinationOf({ bytes, protocol }: SeenPacket): Uint8Array | undefined {
  if (protocol === EtherType.IPV4) return bytes.slice(16, 20);
  if (protocol === EtherType.IPV6) return bytes.slice(24, 40);
  return undefined;
}

function sourceOf({ bytes, protocol }: SeenPacket): Uint8Array | undefined {
  if (protocol === EtherType.IPV4) return bytes.slice(12, 16);
  if (protocol === EtherType.IPV6) return bytes.slice(8, 24);
  return undefined;
}

/** The route of a namespace to an address, and where a packet goes next by it. */
export function routeTold(
  place: PlaceState,
  to: Uint8Array,
): { readonly event: PacketEvent; readonly next: NextHop | undefined } | undefined {
  const answer = place.routeTo(to);
  if (typeof answer === "number" || answer.link === undefined) return undefined;
  const { link, gateway, local } = answer;
  const event = {
    kind: "route",
    netns: place.netns.inode,
    destination: addressOf(to),
    outcome: local ? "local" : "unicast",
    entry: local ? undefined : place.routeEntry(to),
    via: gateway && addressOf(gateway),
    device: local ? undefined : traceDeviceOf(link),
  } as const;
  return { event, next: local ? undefined : { link, address: gateway ?? to } };
}

/** What a namespace did to a packet's headers before it was seen again. */
export function changesTold(before: Sighting, device: TraceDevice, seen: Sighting): PacketEvent[] {
  const [was, packet] = [before.packet, seen.packet];
  const at = { netns: seen.device.netns, ifindex: seen.device.ifindex, name: seen.device.name };
  const events: PacketEvent[] = [];
  if (was.tunnel !== packet.tunnel) {
    if (packet.tunnel !== undefined) events.push({ kind: "encapsulate", device, protocol: packet.tunnel });
    else events.push({ kind: "decapsulate", device: at, protocol: was.tunnel ?? "" });
  }
  if (was.vlan !== packet.vlan) {
    if (was.vlan !== 0) events.push({ kind: "vlan-pop", device: at, tpid: TPID, tci: was.vlan });
    if (packet.vlan !== 0) events.push({ kind: "vlan-push", device: at, tpid: TPID, tci: packet.vlan });
  }
  return events;
}

/** A translation of addresses between two sightings; undefined if there was none. */
export function translationTold(
  { packet: was }: Sighting,
  { packet, device }: Sighting,
): Extract<PacketEvent, { kind: "translate" }> | undefined {
  if (was.source === packet.source && was.destination === packet.destination) return undefined;
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  const [sourceBefore, destinationBefore] = [sourceOf(was), destinationOf(was)];
  if (!source || !destination || !sourceBefore || !destinationBefore) return undefined;
  return {
    kind: "translate",
    netns: device.netns,
    source: addressOf(source),
    destination: addressOf(destination),
    sourceBefore: was.source === packet.source ? undefined : addressOf(sourceBefore),
    destinationBefore: was.destination === packet.destination ? undefined : addressOf(destinationBefore),
  };
}

/** The packet as it was when it was for another destination. */
export function readdressed({ bytes, protocol }: SeenPacket, destination: Uint8Array): Uint8Array {
  const before = bytes.slice();
  before.set(destination, protocol === EtherType.IPV4 ? 16 : 24);
  return before;
}

/** What the sender's own translation (its chain OUTPUT) has made of a destination. */
export function ownTranslation(
  packet: SeenPacket,
  meant: Uint8Array,
  place: PlaceState,
): Extract<PacketEvent, { kind: "translate" }> | undefined {
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  if (source === undefined || destination === undefined) return undefined;
  return {
    kind: "translate",
    netns: place.netns.inode,
    source: addressOf(source),
    destination: addressOf(destination),
    sourceBefore: undefined,
    destinationBefore: addressOf(meant),
  };
}

/** What a bridge looked up for a frame that came in by its port. */
function bridgeTold(link: LinkState, bridge: LinkState, { frame, packet }: Sighting): PacketEvent {
  const to = ethDestination(frame, 0);
  const filters = bridge.bridge?.vlanFiltering === true;
  const vlan = filters ? packet.vlan || (link.vlans.find(({ pvid }) => pvid)?.vid ?? 0) : 0;
  const entry = link.place.fdb.find(
    ({ mac, vlan: of, port }) =>
      parseMac(mac) === to && of === vlan && (port === bridge || bridgeOf(port) === bridge),
  );
  const own = parseMac(bridge.mac) === to || entry?.local === true;
  return {
    kind: "bridge-decide",
    bridge: traceDeviceOf(bridge),
    destination: to,
    vlan,
    decision: own ? "local" : entry === undefined ? "flood" : "forward",
    port: own || entry === undefined ? undefined : traceDeviceOf(entry.port),
    alsoLocal: false,
  };
}

/** What a bridge or a switch has looked up for a frame that came in; undefined if the device is a port of neither. */
export async function switchTold(
  process: Process,
  { switches }: NetworkState,
  link: LinkState,
  sighting: Sighting,
): Promise<PacketEvent[] | undefined> {
  const bridge = bridgeOf(link);
  if (bridge !== undefined) return [bridgeTold(link, bridge, sighting)];
  const port = ovsPortOf(switches, link);
  return port && flowEvents(process, port.bridge.name, frameWords(link.name, sighting.frame));
}
