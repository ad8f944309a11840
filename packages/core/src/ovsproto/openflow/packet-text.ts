/** A frame as the match that takes exactly its headers, which is how Open vSwitch shows packets. */
import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { extractFlow } from "../flow/extract.ts";
import { formatFlowText } from "../flow/format.ts";
import { isVlanType, newFlow } from "../flow/flow.ts";
import type { Names } from "./names.ts";
import { EthType, NwProto } from "./prerequisites.ts";

const ETHERNET_HEADER = 14;
const LLC_SNAP = 8;

/** Where the checksum is in a transport header, and how long that is at least. */
const CHECKSUMS: ReadonlyMap<
  number,
  { readonly name: string; readonly at: number; readonly header: number; readonly wide?: true }
> = new Map([
  [NwProto.TCP, { name: "tcp", at: 16, header: 20 }],
  [NwProto.UDP, { name: "udp", at: 6, header: 8 }],
  [NwProto.SCTP, { name: "sctp", at: 8, header: 12, wide: true }],
  [NwProto.ICMP, { name: "icmp", at: 2, header: 8 }],
  [NwProto.ICMPV6, { name: "icmp6", at: 2, header: 4 }],
]);

/** IPv6 headers that another one follows (RFC 8200). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 51, 60]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;

/** What is behind the network's header. */
interface Transport {
  readonly protocol: number;
  readonly at: number;
  readonly end: number;
}

function behindIpv4(bytes: Uint8Array, at: number): Transport | undefined {
  const headerLength = 4 * (readU8(bytes, at) & 0xf);
  if (at + 20 > bytes.length || headerLength < 20 || at + headerLength > bytes.length) return undefined;
  const total = readU16BE(bytes, at + 2);
  if (total > bytes.length - at || total < headerLength) return undefined;
  return { protocol: readU8(bytes, at + 9), at: at + headerLength, end: at + total };
}

function behindIpv6(bytes: Uint8Array, at: number): Transport | undefined {
  if (at + 40 > bytes.length || readU16BE(bytes, at + 4) > bytes.length - at - 40) return undefined;
  const end = at + 40 + readU16BE(bytes, at + 4);
  let protocol = readU8(bytes, at + 6);
  let next = at + 40;
  while (EXTENSIONS.has(protocol)) {
    if (next + 8 > end) return undefined;
    const following = readU8(bytes, next);
    if (protocol === FRAGMENT) {
      const later = (readU16BE(bytes, next + 2) & 0xfff8) !== 0;
      next += 8;
      if (later) break;
    } else {
      const length = readU8(bytes, next + 1);
      next += protocol === AUTHENTICATION ? 4 * (length + 2) : 8 * (length + 1);
      if (next > end) return undefined;
    }
    protocol = following;
  }
  return { protocol, at: next, end };
}

function transportOf(bytes: Uint8Array): Transport | undefined {
  if (bytes.length < ETHERNET_HEADER) return undefined;
  let at = 12;
  let type = readU16BE(bytes, at);
  for (let tags = 0; tags < 2 && isVlanType(type) && at + 6 <= bytes.length; tags++) {
    at += 4;
    type = readU16BE(bytes, at);
  }
  at += 2;
  if (type < 0x600) {
    const snap =
      at + LLC_SNAP <= bytes.length && readU32BE(bytes, at) === 0xaaaa_0300 && readU16BE(bytes, at + 4) === 0;
    if (!snap) return undefined;
    type = readU16BE(bytes, at + 6);
    at += LLC_SNAP;
  }
  if (type === EthType.IPV4) return behindIpv4(bytes, at);
  return type === EthType.IPV6 ? behindIpv6(bytes, at) : undefined;
}

/** The checksum in a transport header that is there, also of later fragments, where something else may stand. */
function checksumWords(bytes: Uint8Array): string {
  const transport = transportOf(bytes);
  const place = CHECKSUMS.get(transport?.protocol ?? -1);
  if (!transport || !place || transport.at + place.header > transport.end) return "";
  const at = transport.at + place.at;
  const sum = place.wide === true ? readU32BE(bytes, at) : readU16BE(bytes, at);
  return ` ${place.name}_csum:${sum.toString(16)}`;
}

/** One line: headers and the transport's checksum. */
export function formatPacket(frame: Uint8Array, names?: Names): string {
  const flow = newFlow();
  extractFlow({ bytes: frame, start: 0, end: frame.length, vlanTci: -1, vlanTpid: 0 }, flow);
  return formatFlowText(flow, names) + checksumWords(frame);
}
