// Translation of addresses for tracked connections (net/netfilter/nf_nat_core.c): a free tuple within the wanted range for a new
// connection, and the change of each packet.

import type { AddressWords, Tuple } from "../../ovsproto/datapath/connection.ts";
import { hasTuplePorts, isIcmp } from "../../ovsproto/datapath/connection.ts";
import type { Nat } from "../../ovsproto/openflow/actions.ts";
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { updateChecksum16, updateChecksum32 } from "../../wire/checksum.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { ipv6ToBytes } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { hashInt } from "../../ovsproto/murmur-hash.ts";

type End = "source" | "destination";

const LAST_PORT = 0xffff;

function words(address: Ipv4Address | Ipv6Address): AddressWords {
  if (typeof address === "number") return [address];
  const bytes = ipv6ToBytes(address);
  return [0, 4, 8, 12].map((at) => readU32BE(bytes, at));
}

/** find_best_ips_proto(): the same host gets the same address of a range. */
export function addressOf(nat: Nat, tuple: Tuple, end: End): AddressWords {
  const { addresses } = nat;
  if (!addresses) return tuple[end];
  const min = words(addresses.min);
  const max = addresses.max === undefined ? min : words(addresses.max);
  const last = min.length - 1;
  const count = (max[last] as number) - (min[last] as number) + 1;
  if (count <= 1) return min;
  const hash = tuple.source.reduce((sum, word) => hashInt(word, sum), 0);
  return [...min.slice(0, last), (min[last] as number) + (hash % count)];
}

/** Ports that may stand for one that nobody chose (nf_nat_l4proto_unique_tuple). */
function portRange(nat: Nat, port: number, end: End): readonly [number, number] {
  if (nat.ports) return [nat.ports.min, nat.ports.max ?? nat.ports.min];
  if (end === "destination") return [port, port];
  if (port < 512) return [1, 511];
  return port < 1024 ? [600, 1023] : [1024, LAST_PORT];
}

/**
 * get_unique_tuple(): how a packet of the original direction looks after translation; undefined if all that would do are
 * taken.
 */
export function translatedTuple(
  nat: Nat,
  tuple: Tuple,
  taken: (candidate: Tuple) => boolean,
): Tuple | undefined {
  const end: End = nat.direction === "dst" ? "destination" : "source";
  const candidate: Tuple = { ...tuple, [end]: addressOf(nat, tuple, end) };
  const icmp = isIcmp(tuple);
  if (!icmp && !hasTuplePorts(tuple.protocol)) return taken(candidate) ? undefined : candidate;
  const which = icmp || end === "source" ? "sourcePort" : "destinationPort";
  const port = tuple[which];
  const [min, max] = icmp && !nat.ports ? [0, LAST_PORT] : portRange(nat, port, end);
  const inside = !nat.ports || (port >= min && port <= max);
  if (inside && !taken(candidate)) return candidate;
  for (let each = min; each <= max; each++) {
    const other = { ...candidate, [which]: each };
    if (!taken(other)) return other;
  }
  return undefined;
}

/** Where things are in a packet's bytes. */
export interface PacketOffsets {
  readonly network: number;
  readonly transport: number;
  /** Of what there is of the packet, if it may be cut off. */
  readonly end?: number;
}

/** nf_nat_manip_pkt(): makes the packet's ends `wanted`. The bytes may be written. */
export function rewrite(bytes: Uint8Array, at: PacketOffsets, have: Tuple, wanted: Tuple): void {
  const { network, transport } = at;
  const { version6, protocol } = have;
  const header = version6 ? -1 : network + 10;
  let sum = checksumOffset(bytes, transport, have);
  if (sum + 2 > (at.end ?? bytes.length)) sum = -1;
  const pseudo = isIcmp(have) && !version6 ? -1 : sum; // ICMP over IPv4 does not cover the addresses
  const first = network + (version6 ? 8 : 12);
  const length = version6 ? 16 : 4;
  const writeAddress = (off: number, address: AddressWords) =>
    address.forEach((value, index) => replace32(bytes, off + 4 * index, value, header, pseudo));
  writeAddress(first, wanted.source);
  writeAddress(first + length, wanted.destination);
  if (transport < 0) return;
  if (isIcmp(have)) replace16(bytes, transport + 4, wanted.sourcePort, sum);
  else if (hasTuplePorts(protocol)) {
    replace16(bytes, transport, wanted.sourcePort, sum);
    replace16(bytes, transport + 2, wanted.destinationPort, sum);
  }
}

/** -1 where there is no checksum to keep right. */
function checksumOffset(bytes: Uint8Array, transport: number, { protocol, version6 }: Tuple): number {
  if (transport < 0) return -1;
  switch (protocol) {
    case 6:
      return transport + 16;
    case 17:
      return readU16BE(bytes, transport + 6) === 0 ? -1 : transport + 6;
    case 1:
      return version6 ? -1 : transport + 2;
    case 58:
      return version6 ? transport + 2 : -1;
    default:
      return -1;
  }
}

function replace32(bytes: Uint8Array, off: number, value: number, ...sums: number[]): void {
  const before = readU32BE(bytes, off);
  if (before === value) return;
  writeU32BE(bytes, off, value);
  for (const at of sums) {
    if (at >= 0) writeU16BE(bytes, at, updateChecksum32(readU16BE(bytes, at), before, value));
  }
}

function replace16(bytes: Uint8Array, off: number, value: number, sum: number): void {
  const before = readU16BE(bytes, off);
  if (before === value) return;
  writeU16BE(bytes, off, value);
  if (sum >= 0) writeU16BE(bytes, sum, updateChecksum16(readU16BE(bytes, sum), before, value));
}
