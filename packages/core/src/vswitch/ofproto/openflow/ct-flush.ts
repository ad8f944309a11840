// Connections that OpenFlow makes the tracker forget: NXT_CT_FLUSH_ZONE, NXT_CT_FLUSH (ct_dpif_flush of Open vSwitch's
// lib/ct-dpif.c).

import type { AddressWords, Tuple } from "../../../ovsproto/datapath/connection.ts";
import { isIcmp } from "../../../ovsproto/datapath/connection.ts";
import type { CtFlush, CtTuple } from "../../../ovsproto/openflow/ct-flush.ts";
import type { Connection } from "../../conntrack/connection.ts";
import type { Bridge } from "../bridge.ts";

/** IPv4 in IPv6 (RFC 4291, section 2.5.5.2). */
const MAPPED = 0xffff_0000_0000n;

export function flushZone({ backer }: Bridge, zone: number): void {
  backer.datapath.conntrack.flush((connection) => connection.zone === zone);
}

export function flushConnections({ backer }: Bridge, flush: CtFlush): void {
  backer.datapath.conntrack.flush((connection) => isMeant(connection, flush));
}

function isMeant({ zone, original, reply }: Connection, flush: CtFlush): boolean {
  return (
    (flush.zone === undefined || flush.zone === zone) &&
    (flush.protocol === 0 || flush.protocol === original.protocol) &&
    fits(original, flush.original) &&
    fits(reply, flush.reply)
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

function addressOf(words: AddressWords): bigint {
  const value = words.reduce((all, each) => (all << 32n) | BigInt(each), 0n);
  return words.length === 1 ? value | MAPPED : value;
}
