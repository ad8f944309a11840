// Packets that ICMP errors quote: which connection they are of, and their translation along with the error's own
// (nf_conntrack_proto_icmp.c, nf_nat_icmp_reply_translation).

import type { AddressWords, Tuple } from "../../ovsproto/datapath/connection.ts";
import { hasTuplePorts } from "../../ovsproto/datapath/connection.ts";
import { readU16BE, readU32BE, readU8, writeU16BE } from "../../wire/bytes.ts";
import { fillIpv4Checksum } from "../../wire/ipv4.ts";
import { internetChecksum, pseudoHeaderSumV6, addToSum, checksumOfSum } from "../../wire/checksum.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { rewrite } from "./nat.ts";
import type { Tracked } from "./tuple.ts";
import { invert } from "./tuple.ts";

const ICMP_HEADER = 8;
const ICMPV6 = 58;

export interface Quoted {
  readonly tuple: Tuple;
  readonly network: number;
  readonly transport: number;
}

/** The tuple of the packet that an error quotes; undefined if too little of it is there. */
export function quotedTuple(
  bytes: Uint8Array,
  end: number,
  { transport, tuple }: Tracked,
): Quoted | undefined {
  const { version6 } = tuple;
  const network = transport + ICMP_HEADER;
  const least = version6 ? 40 : 20;
  if (end - network < least) return undefined;
  const header = version6 ? 40 : (readU8(bytes, network) & 0xf) * 4;
  const inner = network + header;
  if (readU8(bytes, network) >>> 4 !== (version6 ? 6 : 4) || end - inner < 8) return undefined;
  const protocol = readU8(bytes, network + (version6 ? 6 : 9));
  const words = (at: number): AddressWords =>
    version6 ? [0, 4, 8, 12].map((off) => readU32BE(bytes, at + off)) : [readU32BE(bytes, at)];
  const first = network + (version6 ? 8 : 12);
  let sourcePort = 0;
  let destinationPort = 0;
  if (hasTuplePorts(protocol)) {
    sourcePort = readU16BE(bytes, inner);
    destinationPort = readU16BE(bytes, inner + 2);
  } else if (protocol === 1 || protocol === ICMPV6) {
    sourcePort = readU16BE(bytes, inner + 4);
    destinationPort = readU16BE(bytes, inner);
  }
  const quoted = {
    version6,
    protocol,
    source: words(first),
    destination: words(first + (version6 ? 16 : 4)),
    sourcePort,
    destinationPort,
  };
  return { tuple: quoted, network, transport: inner };
}

/**
 * Makes an error and what it quotes look as they would without translation. `ends` are those that the packet in question was sent
 * with, in the direction of the error.
 */
export function rewriteQuoted(bytes: Uint8Array, end: number, tracked: Tracked, ends: Tuple): void {
  const quoted = quotedTuple(bytes, end, tracked);
  const inner = invert(ends);
  if (!quoted || !inner) return;
  const { version6 } = quoted.tuple;
  rewrite(bytes, { ...quoted, end }, quoted.tuple, inner);
  if (!version6) fillIpv4Checksum(bytes, quoted.network);
  // The error goes to who sent the packet; who it comes from stays, unless that is the translated end itself.
  const sentTo = quoted.tuple.destination;
  const from = sameWords(tracked.tuple.source, sentTo) ? ends.source : tracked.tuple.source;
  rewrite(bytes, { network: tracked.network, transport: -1 }, tracked.tuple, {
    ...tracked.tuple,
    source: from,
    destination: ends.destination,
  });
  fillIcmpChecksum(bytes, end, tracked);
}

function sameWords(a: AddressWords, b: AddressWords): boolean {
  return a.every((each, index) => each === b[index]);
}

function fillIcmpChecksum(bytes: Uint8Array, end: number, { network, transport, tuple }: Tracked): void {
  writeU16BE(bytes, transport + 2, 0);
  if (!tuple.version6) {
    writeU16BE(bytes, transport + 2, internetChecksum(bytes, transport, end));
    return;
  }
  const source = readIpv6Address(bytes, network + 8);
  const destination = readIpv6Address(bytes, network + 24);
  const sum = pseudoHeaderSumV6(source, destination, ICMPV6, end - transport);
  writeU16BE(bytes, transport + 2, checksumOfSum(addToSum(sum, bytes, transport, end)));
}
