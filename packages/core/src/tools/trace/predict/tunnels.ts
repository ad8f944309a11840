// Frames in tunnels, for `trace --dry-run`: the outer packet that a device or a switch makes of one, and who takes it out at the
// other end (RFC 7348, RFC 8926, RFC 2784).

import { EtherType } from "../../../wire/ethernet.ts";
import { setEthDestination, setEthSource, setEthType } from "../../../wire/ethernet.ts";
import { writeU16BE } from "../../../wire/bytes.ts";
import { GENEVE_ETHERNET, GENEVE_HEADER_LENGTH, writeGeneveHeader } from "../../../wire/geneve.ts";
import { GRE_ETHERNET, GRE_KEY, greHeaderLength, writeGreHeader } from "../../../wire/gre.ts";
import { IcmpType, IcmpUnreachable } from "../../../wire/icmpv4.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { parseMac } from "../../../wire/mac.ts";
import { VXLAN_HEADER_LENGTH, writeVxlanHeader } from "../../../wire/vxlan.ts";
import { lengthOf, TPID } from "./frame.ts";
import type { Departure, Frame, FrameEnd } from "./frame.ts";
import { sendError } from "./icmp.ts";
import type { LinkLayer } from "./link-layer.ts";
import { destinationOf, dontFragment, isV4, otherPacket, sourceOf, ttlOf, udpPacket } from "./packet.ts";
import type { HeaderFields, IpPacket } from "./packet.ts";
import { routeEvent, ttlFor } from "./stack.ts";
import type { Incoming, Stack } from "./stack.ts";
import { carrierName, tunnelPort } from "./switch-tunnel.ts";
import { add, addDrop, traceDeviceOf } from "./tree.ts";
import { outerHeaders, TUNNEL_NAMES, tunnelEnd } from "./tunnel-way.ts";
import type { TunnelWay } from "./tunnel-way.ts";

/** Tunnels in tunnels: the kernel counts devices on its stack, too. */
const DEEPEST = 4;
const ETHERNET = 14; // bytes of header
const TAG = 4;

/** The whole frame, its tag inside; of a device that carries packets, the packet. */
function frameBytes({ from, to, vlan, protocol, payload }: Frame): Uint8Array {
  if (from === "") return payload.bytes;
  const header = ETHERNET + (vlan === 0 ? 0 : TAG);
  const bytes = new Uint8Array(header + payload.bytes.length);
  setEthDestination(bytes, 0, parseMac(to) ?? 0);
  setEthSource(bytes, 0, parseMac(from) ?? 0);
  setEthType(bytes, 0, vlan === 0 ? protocol : TPID);
  if (vlan !== 0) {
    writeU16BE(bytes, ETHERNET, vlan);
    writeU16BE(bytes, ETHERNET + 2, protocol);
  }
  bytes.set(payload.bytes, header);
  return bytes;
}

/** What a tunnel puts around a frame. Its UDP source port comes from a hash of the flow, and is left 0. */
function outerPacket(way: TunnelWay, source: Uint8Array, frame: Frame, fields: HeaderFields): IpPacket {
  const { kind, vni, port, remote } = way;
  const inner = frameBytes(frame);
  switch (kind) {
    case "vxlan": {
      const payload = new Uint8Array(VXLAN_HEADER_LENGTH + inner.length);
      writeVxlanHeader(payload, 0, vni);
      payload.set(inner, VXLAN_HEADER_LENGTH);
      return udpPacket(source, remote, [0, port], payload, fields);
    }
    case "geneve": {
      const payload = new Uint8Array(GENEVE_HEADER_LENGTH + inner.length);
      writeGeneveHeader(payload, 0, { vni, protocol: GENEVE_ETHERNET, flags: 0, options: new Uint8Array(0) });
      payload.set(inner, GENEVE_HEADER_LENGTH);
      return udpPacket(source, remote, [0, port], payload, fields);
    }
    case "gre":
    case "gretap": {
      const flags = vni === 0 ? 0 : GRE_KEY;
      const header = greHeaderLength(flags);
      const payload = new Uint8Array(header + inner.length);
      payload.set(inner, header);
      const protocol = kind === "gretap" ? GRE_ETHERNET : frame.protocol;
      writeGreHeader(payload, 0, payload.length, { flags, protocol, key: vni, sequence: 0 });
      return otherPacket(source, remote, IpProtocol.GRE, payload, fields);
    }
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** A tunnel sends a frame to its other end. */
export async function wrap(stack: Stack, departure: Departure): Promise<void> {
  const { node, place, device, way, frame } = departure;
  const depth = frame.payload.inside?.depth ?? 0;
  const drop = (reason: "RECURSION_LIMIT" | "IP_OUTNOROUTES" | "PKT_TOO_BIG"): void =>
    add(node, { kind: "drop", device, reason, place: device.name });
  if (depth >= DEEPEST) {
    drop("RECURSION_LIMIT");
    return;
  }
  const out = way.link === 0 ? undefined : place.links.find(({ index }) => index === way.link);
  const isGre = way.kind === "gre" || way.kind === "gretap";
  const question = { source: way.local, out, ...(!isGre && { protocol: IpProtocol.UDP }) };
  const answer = place.routeTo(way.remote, question);
  if (typeof answer === "number") {
    drop("IP_OUTNOROUTES");
    return;
  }
  const ip = frame.protocol === EtherType.IPV4 || frame.protocol === EtherType.IPV6;
  const inner = ip ? frame.payload : undefined;
  // GRE hands on that what is inside must not be fragmented.
  const keepsWhole = inner !== undefined && isV4(inner) && dontFragment(inner);
  const whole = way.dontFragment || (isGre && keepsWhole);
  const size = frameBytes(frame).length + outerHeaders(way);
  if (isGre && keepsWhole && answer.link !== undefined && size > answer.link.mtu) {
    drop("PKT_TOO_BIG");
    return;
  }
  add(node, { kind: "encapsulate", device, protocol: TUNNEL_NAMES[way.kind] });
  const source = way.local ?? answer.source ?? way.remote;
  const ttl = way.ttl || (isGre && inner !== undefined ? ttlOf(inner) : ttlFor(place, way.remote, answer));
  const outer = outerPacket(way, source, frame, { ttl, dontFragment: whole });
  const packet = { ...outer, inside: { way, frame, depth: depth + 1 } };
  add(node, routeEvent(place, way.remote, answer, place.routeEntry(way.remote, question), false));
  await stack.output(node, place, packet, answer);
}

/** The other end takes the frame out: a device of the kernel's, or a port of Open vSwitch. Undefined: it is for no tunnel. */
export async function unwrap(
  stack: Stack,
  layer: LinkLayer,
  { node, place, link, packet, frame: outerFrame }: Incoming,
): Promise<FrameEnd[] | undefined> {
  const { inside } = packet;
  if (inside === undefined) return undefined;
  const { way, frame } = inside;
  const protocol = TUNNEL_NAMES[way.kind];
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  const carried: Frame = { ...frame, devices: 0 };
  const end = tunnelEnd(place, way, source, destination);
  if (typeof end !== "string") {
    if (frame.from !== "" && end.mac === frame.from) {
      addDrop(node, end, "LOCAL_MAC"); // one's own multicast
      return [];
    }
    add(node, { kind: "decapsulate", device: traceDeviceOf(end), protocol });
    stack.memory.learnTunnel(end, frame.from, source);
    return layer.receive(node, end, carried);
  }
  const port = place.isHost ? tunnelPort(stack.state.switches, way, source, destination) : undefined;
  if (port === undefined) {
    // Nobody has a tunnel of the kind: it is a packet like any other.
    if (end === "NO_SOCKET" || end === "IP_NOPROTO") return undefined;
    if (way.kind === "gre" || way.kind === "gretap") {
      const error = { type: IcmpType.DESTINATION_UNREACHABLE, code: IcmpUnreachable.PORT };
      await sendError(stack, node, packet, error, link, outerFrame);
    }
    addDrop(node, link, end);
    return [];
  }
  const name = carrierName(way.kind, way.port);
  const carrier = place.links.find((one) => one.name === name);
  const device = carrier ? traceDeviceOf(carrier) : { netns: place.netns.inode, ifindex: 0, name: port.name };
  add(node, { kind: "decapsulate", device, protocol });
  if (carrier !== undefined) add(node, { kind: "receive", device, length: lengthOf(carried) });
  return layer.receiveTunnelled(node, link, carried, port, source);
}
