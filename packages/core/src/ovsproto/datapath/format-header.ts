// The headers of a tunnel as text: tnl_push(...) of Open vSwitch's lib/odp-util.c (format_odp_tnl_push_header), from the bytes.

import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { GENEVE_CRITICAL, GENEVE_OAM } from "../../wire/geneve.ts";
import { GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE } from "../../wire/gre.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { formatMac, readMac } from "../../wire/mac.ts";
import { formatOptionBytes } from "./geneve-options.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { formatErspan } from "./erspan-header.ts";
import { formatGtpu } from "./gtpu-header.ts";
import { TUNNEL_TYPES, IPV4_HEADER_LENGTH, IPV6_HEADER_LENGTH } from "./tunnel-header.ts";
import type { TunnelHeader } from "./tunnel-header.ts";

const hex = (value: number) => `0x${value.toString(16)}`;

/** `header(size=50,type=4,eth(...),ipv4(...),udp(...),vxlan(...))` */
export function formatHeader({ type, bytes }: TunnelHeader): string {
  const etherType = readU16BE(bytes, 12);
  const ethernet = `eth(dst=${formatMac(readMac(bytes, 0))},src=${formatMac(readMac(bytes, 6))},dl_type=0x${etherType.toString(16).padStart(4, "0")})`;
  const at = ETHERNET_HEADER_LENGTH;
  const ip = etherType === 0x0800 ? ipv4(bytes, at) : ipv6(bytes, at);
  const upper = at + (etherType === 0x0800 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH);
  return `header(size=${bytes.length},type=${type},${ethernet},${ip},${transport(type, bytes, upper)})`;
}

function ipv4(bytes: Uint8Array, at: number): string {
  const tos = readU8(bytes, at + 1);
  return (
    `ipv4(src=${formatIpv4(readU32BE(bytes, at + 12))},dst=${formatIpv4(readU32BE(bytes, at + 16))},` +
    `proto=${readU8(bytes, at + 9)},tos=${tos === 0 ? "0" : hex(tos)},ttl=${readU8(bytes, at + 8)},frag=${hex(readU16BE(bytes, at + 6))})`
  );
}

function ipv6(bytes: Uint8Array, at: number): string {
  const first = readU32BE(bytes, at);
  return (
    `ipv6(src=${formatIpv6(readIpv6Address(bytes, at + 8))},dst=${formatIpv6(readIpv6Address(bytes, at + 24))},` +
    `label=${first & 0xfffff},proto=${readU8(bytes, at + 6)},tclass=${hex((first >>> 20) & 0xff)},hlimit=${readU8(bytes, at + 7)})`
  );
}

function transport(type: number, bytes: Uint8Array, at: number): string {
  if (type === TUNNEL_TYPES.gre || type === TUNNEL_TYPES.ip6gre) return gre(bytes, at);
  if (type === TUNNEL_TYPES.erspan || type === TUNNEL_TYPES.ip6erspan) return formatErspan(bytes, at);
  const udp = `udp(src=${readU16BE(bytes, at)},dst=${readU16BE(bytes, at + 2)},csum=${hex(readU16BE(bytes, at + 6))})`;
  const inner = at + 8;
  if (type === TUNNEL_TYPES.vxlan) {
    return `${udp},vxlan(flags=${hex(readU32BE(bytes, inner))},vni=${hex(readU32BE(bytes, inner + 4) >>> 8)})`;
  }
  if (type === TUNNEL_TYPES.gtpu) return `${udp},${formatGtpu(bytes, inner)}`;
  const flags = readU8(bytes, inner + 1);
  const options = bytes.subarray(inner + 8);
  return (
    `${udp},geneve(${flags & GENEVE_OAM ? "oam," : ""}${flags & GENEVE_CRITICAL ? "crit," : ""}` +
    `vni=${hex(readU32BE(bytes, inner + 4) >>> 8)}${options.length > 0 ? `,options(${formatOptionBytes(options)})` : ""})`
  );
}

function gre(bytes: Uint8Array, start: number): string {
  const flags = readU16BE(bytes, start);
  let text = `gre((flags=${hex(flags)},proto=${hex(readU16BE(bytes, start + 2))})`;
  let at = start + 4;
  if (flags & GRE_CHECKSUM) {
    text += `,csum=${hex(readU16BE(bytes, at))}`;
    at += 4;
  }
  if (flags & GRE_KEY) {
    text += `,key=${hex(readU32BE(bytes, at))}`;
    at += 4;
  }
  if (flags & GRE_SEQUENCE) text += `,seq=${hex(readU32BE(bytes, at))}`;
  return `${text})`;
}
