// Connections as text: dpctl/dump-conntrack (ct_dpif_format_entry of Open vSwitch's lib/ct-dpif.c).

import { writeU32BE } from "../../wire/bytes.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Connection } from "./connection.ts";
import type { AddressWords, Tuple } from "./tuple.ts";
import { hasTuplePorts, isIcmp } from "./tuple.ts";

export interface ConnectionFormat {
  /** -s: with what is left of its time. */
  readonly statistics: boolean;
  /** -m: with its id and status. */
  readonly more: boolean;
  /** The daemon's own tracker gives neither ids nor status. */
  readonly anonymous?: boolean;
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "icmpv6"],
  [132, "sctp"],
]);

export function formatAddress(words: AddressWords): string {
  if (words.length === 1) return formatIpv4(words[0] as number);
  const bytes = new Uint8Array(16);
  words.forEach((value, index) => writeU32BE(bytes, 4 * index, value));
  return formatIpv6(readIpv6Address(bytes, 0));
}

export function formatTuple(tuple: Tuple): string {
  const { source, destination, sourcePort, destinationPort, protocol } = tuple;
  const ends = `src=${formatAddress(source)},dst=${formatAddress(destination)}`;
  if (hasTuplePorts(protocol)) return `${ends},sport=${sourcePort},dport=${destinationPort}`;
  if (!isIcmp(tuple)) return ends;
  return `${ends},id=${sourcePort},type=${destinationPort >>> 8},code=${destinationPort & 0xff}`;
}

function label(words: readonly number[]): string {
  return words.reduce((value, each) => (value << 32n) | BigInt(each), 0n).toString(16);
}

/** IPS_* bits that the kernel's tracker sets here. */
function statusOf({ seenReply, assured, sourceTranslated, destinationTranslated }: Connection): string {
  return [
    ...(seenReply ? ["SEEN_REPLY"] : []),
    ...(assured ? ["ASSURED"] : []),
    "CONFIRMED",
    ...(sourceTranslated ? ["SRC_NAT"] : []),
    ...(destinationTranslated ? ["DST_NAT"] : []),
    ...(sourceTranslated || destinationTranslated ? ["SRC_NAT_DONE", "DST_NAT_DONE"] : []),
  ].join("|");
}

/** `now`: clock, nanoseconds. */
export function formatConnection(connection: Connection, now: number, format: ConnectionFormat): string {
  const { original, reply, zone, mark } = connection;
  const { statistics, more } = format;
  let text = PROTOCOLS.get(original.protocol) ?? String(original.protocol);
  text += `,orig=(${formatTuple(original)}),reply=(${formatTuple(reply)})`;
  const { anonymous = false } = format;
  if (more) text += `,id=${anonymous ? 0 : connection.id}`;
  if (zone !== 0) text += `,zone=${zone}`;
  if (more) text += `,status=${anonymous ? 0 : statusOf(connection)}`;
  if (statistics) text += `,timeout=${Math.max(0, Math.floor((connection.expires - now) / 1e9))}`;
  if (mark !== 0) text += `,mark=${mark}`;
  if (connection.label.some((word) => word !== 0)) text += `,labels=0x${label(connection.label)}`;
  const { protoinfo, details } = connection;
  if (more && details !== undefined) text += `,protoinfo=(${details})`;
  else if (protoinfo !== undefined) text += `,protoinfo=(state=${protoinfo})`;
  if (connection.helper !== undefined) text += `,helper=${connection.helper}`;
  if (more && connection.parent) text += `,parent=(${formatTuple(connection.parent.original)})`;
  return text;
}
