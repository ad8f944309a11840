// Which connections are meant by what is known of their two directions (ofp_ct_match of Open vSwitch's lib/ofp-ct.c,
// ct_dpif_entry_cmp of lib/ct-dpif.c): zero is anything.

import { isAny } from "../openflow/ct-flush.ts";
import type { CtFlush, CtTuple } from "../openflow/ct-flush.ts";
import { isIcmp } from "./connection.ts";
import type { AddressWords, TrackedConnection, Tuple } from "./connection.ts";

/** IPv4 in IPv6 (RFC 4291, section 2.5.5.2). */
const MAPPED = 0xffff_0000_0000n;

export type WantedConnection = Omit<CtFlush, "type">;

export function isMeant(
  { zone, original, reply }: Pick<TrackedConnection, "zone" | "original" | "reply">,
  wanted: WantedConnection,
): boolean {
  return (
    (wanted.zone === undefined || wanted.zone === zone) &&
    (wanted.protocol === 0 || wanted.protocol === original.protocol) &&
    fits(original, wanted.original) &&
    fits(reply, wanted.reply)
  );
}

function fits(tuple: Tuple, wanted: CtTuple): boolean {
  if (wanted.source !== 0n && wanted.source !== addressOf(tuple.source)) return false;
  if (wanted.destination !== 0n && wanted.destination !== addressOf(tuple.destination)) return false;
  if (wanted.sourcePort !== 0 && wanted.sourcePort !== tuple.sourcePort) return false;
  if (wanted.destinationPort === 0) return true;
  const { destinationPort } = tuple;
  // of ICMP, code and type stand the other way round
  const told = isIcmp(tuple) ? ((destinationPort & 0xff) << 8) | (destinationPort >>> 8) : destinationPort;
  return wanted.destinationPort === told;
}

/** The original tuple, if both ends are said and what tells the protocol's connections apart, and nothing of answers. */
export function wholeTuple({ protocol, original, reply }: WantedConnection): Tuple | undefined {
  const { source, destination, sourcePort, destinationPort } = original;
  if (!isAny(reply) || source === 0n || destination === 0n) return undefined;
  const version6 = source >> 32n !== MAPPED >> 32n;
  const tuple = {
    version6,
    protocol,
    source: wordsOf(source),
    destination: wordsOf(destination),
    sourcePort,
  };
  if (isIcmp({ ...tuple, destinationPort }))
    return { ...tuple, destinationPort: ((destinationPort & 0xff) << 8) | (destinationPort >>> 8) };
  return sourcePort !== 0 && destinationPort !== 0 ? { ...tuple, destinationPort } : undefined;
}

function wordsOf(address: bigint): AddressWords {
  const words = [96n, 64n, 32n, 0n].map((shift) => Number((address >> shift) & 0xffff_ffffn));
  return address >> 32n === MAPPED >> 32n ? words.slice(3) : words;
}

function addressOf(words: AddressWords): bigint {
  const value = words.reduce((all, each) => (all << 32n) | BigInt(each), 0n);
  return words.length === 1 ? value | MAPPED : value;
}
