// What a switch writes into a frame before it leaves, for `trace --dry-run`: datapath actions set(eth(...)), set(ipv4(...)) and their
// kin, as odp-util prints them. Fields that no later look-up asks for are left as they are.

import { writeU16BE } from "../../../wire/bytes.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { fillIpv4Checksum, setIpv4Ttl } from "../../../wire/ipv4.ts";
import { setIpv6HopLimit } from "../../../wire/ipv6.ts";
import { fillUdpChecksum } from "../../../wire/udp.ts";
import { EtherType } from "../../../wire/ethernet.ts";
import { pseudoHeaderSumV4 } from "../../../wire/checksum.ts";
import { readIpv4Address } from "../../../wire/ipv4-address.ts";
import { ipv6PseudoSumAt } from "../../../wire/ipv6.ts";
import type { Frame } from "./frame.ts";
import { destinationOf, isV4, sourceOf, upperLayerOf } from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import { addressBytes } from "./switch-tunnel.ts";

/** `name=value` in an action, without a mask. */
function field(action: string, name: string): string | undefined {
  return new RegExp(`[(,]${name}=([^,()/]+)`).exec(action)?.[1];
}

/** The frame after a set action. */
export function withFields(frame: Frame, action: string): Frame {
  const layer = /^set\((\w+)\(/.exec(action)?.[1];
  switch (layer) {
    case "eth":
      return { ...frame, from: field(action, "src") ?? frame.from, to: field(action, "dst") ?? frame.to };
    case "ipv4":
    case "ipv6":
    case "udp":
    case "tcp":
      if (frame.protocol !== EtherType.IPV4 && frame.protocol !== EtherType.IPV6) return frame;
      return { ...frame, payload: rewritten(frame.payload, layer, action) };
    default:
      return frame;
  }
}

function rewritten(packet: IpPacket, layer: "ipv4" | "ipv6" | "udp" | "tcp", action: string): IpPacket {
  const bytes = packet.bytes.slice();
  const changed = { ...packet, bytes };
  const v4 = isV4(packet);
  const { protocol, at, fragment } = upperLayerOf(packet);
  if (layer === "udp" || layer === "tcp") {
    const [source, destination] = [field(action, "src"), field(action, "dst")];
    if (source !== undefined) writeU16BE(bytes, at, Number(source));
    if (destination !== undefined) writeU16BE(bytes, at + 2, Number(destination));
  } else {
    const ends = v4 ? { src: 12, dst: 16 } : { src: 8, dst: 24 };
    for (const [name, offset] of Object.entries(ends)) {
      const address = addressBytes(field(action, name));
      if (address !== undefined) bytes.set(address, offset);
    }
    const ttl = field(action, v4 ? "ttl" : "hlimit");
    if (ttl !== undefined) (v4 ? setIpv4Ttl : setIpv6HopLimit)(bytes, 0, Number(ttl));
    if (v4) fillIpv4Checksum(bytes, 0);
  }
  if (protocol === IpProtocol.UDP && fragment === undefined) sumUdp(changed, at);
  return changed;
}

function sumUdp(packet: IpPacket, at: number): void {
  const { bytes } = packet;
  const length = bytes.length - at;
  writeU16BE(bytes, at + 6, 0);
  const sum = isV4(packet)
    ? pseudoHeaderSumV4(
        readIpv4Address(sourceOf(packet), 0),
        readIpv4Address(destinationOf(packet), 0),
        IpProtocol.UDP,
        length,
      )
    : ipv6PseudoSumAt(bytes, 0, IpProtocol.UDP, length);
  fillUdpChecksum(bytes, at, bytes.length, sum);
}
