// One record of IPFIX: the key that packets are told apart by, and the counters of those that share it (ipfix_cache_entry_init,
// ipfix_put_data_set of Open vSwitch's ofproto-dpif-ipfix.c).

import { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";
import {
  dlType,
  isTunnelled,
  macAt,
  nwProto,
  nwTos,
  nwTtl,
  tcpFlags,
  tpDst,
  tpSrc,
  vlanTci,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { templateId } from "./templates.ts";
import type { RecordKind } from "./templates.ts";

const ETHERNET_HEADER = 14;
const TAG_LENGTH = 4;
const BROADCAST = 0xffff_ffff_ffff;
const MULTICAST_BIT = 0x0100_0000_0000;
const MAX_NAME = 64;

/** Types of tunnels in element tunnelType, with their IP protocol and the length of their key in bytes. */
export const TUNNEL_TYPES = {
  vxlan: { number: 1, protocol: 17, keyLength: 3 },
  gre: { number: 2, protocol: 47, keyLength: 4 },
  lisp: { number: 3, protocol: 17, keyLength: 3 },
  stt: { number: 4, protocol: 6, keyLength: 8 },
  // the original's table of protocols has a hole in front of it
  geneve: { number: 7, protocol: 0, keyLength: 3 },
} as const;

export type TunnelType = keyof typeof TUNNEL_TYPES;

/** An interface as records describe it. */
export interface SampledInterface {
  readonly ifindex: number;
  readonly name: string;
}

export interface SampledPacket {
  readonly flow: Flow;
  /** Bytes. */
  readonly length: number;
  /** Packets that it stands for. */
  readonly packets: number;
  readonly domain: number;
  readonly point: number;
  readonly direction: "ingress" | "egress";
  readonly input: SampledInterface | undefined;
  readonly output: SampledInterface | undefined;
  /** The tunnel that it came or is to go through, with the tunnel words of a flow. */
  readonly tunnel: { readonly type: TunnelType; readonly flow: Flow } | undefined;
  /** It goes nowhere. */
  readonly dropped: boolean;
}

const TCP_BITS = [16, 1, 8, 4, 2, 32] as const; // ACK, FIN, PSH, RST, SYN, URG, as the template has them

/** Counters of an exporter since it began. */
export class ExporterTotals {
  droppedPackets = 0;
  droppedBytes = 0;
  packets = 0;
  bytes = 0;
  sumOfSquares = 0n;
  layer2Bytes = 0;
  readonly tcp: number[] = TCP_BITS.map(() => 0);
  multicastOutPackets = 0;
  multicastOutBytes = 0;
  unicastIn = 0;
  multicastIn = 0;
  broadcastIn = 0;
  unicastOut = 0;
  broadcastOut = 0;
}

export interface IpfixKey {
  readonly domain: number;
  readonly template: number;
  readonly bytes: Uint8Array;
}

export interface IpfixRecord {
  readonly key: IpfixKey;
  readonly kind: RecordKind;
  /** Since the epoch, microseconds. */
  start: number;
  end: number;
  droppedPackets: number;
  droppedBytes: number;
  packets: number;
  bytes: number;
  sumOfSquares: bigint;
  layer2Bytes: number;
  multicastOutPackets: number;
  multicastOutBytes: number;
  /** Of the IP packet; 0 if it was none. */
  leastLength: number;
  mostLength: number;
  /** As they were after the last packet. */
  totals: ExporterTotals;
}

export function kindOf({ flow, tunnel, direction }: SampledPacket): RecordKind {
  const protocol = nwProto(flow);
  const network = ({ 0x0800: "ipv4", 0x86dd: "ipv6" } as const)[dlType(flow)] ?? "other";
  const icmp = network === "ipv4" ? 1 : 58;
  const transports = { 6: "tcp", 17: "udp", 132: "sctp", [icmp]: "icmp" } as const;
  return {
    tagged: vlanTci(flow) !== 0,
    network,
    transport: network === "other" ? "other" : (transports[protocol] ?? "other"),
    tunnelled: tunnel !== undefined,
    egress: direction === "egress",
  };
}

function keyOf(packet: SampledPacket, kind: RecordKind): IpfixKey {
  const { flow, point, domain, input, output, tunnel } = packet;
  const out = new MessageWriter().u32(point).u8(Number(kind.egress));
  out.wide(BigInt(macAt(flow, W.ETH_SRC)), 6).wide(BigInt(macAt(flow, W.ETH_DST)), 6);
  out.u16(dlType(flow)).u8(headerLength(kind));
  writeInterface(out, input);
  if (kind.egress) writeInterface(out, output);
  if (kind.tagged) {
    const tci = vlanTci(flow);
    out
      .u16(tci & 0xfff)
      .u16(tci & 0xfff)
      .u8(tci >>> 13);
  }
  if (kind.network !== "other") {
    const tos = nwTos(flow);
    out
      .u8(kind.network === "ipv4" ? 4 : 6)
      .u8(nwTtl(flow))
      .u8(nwProto(flow));
    out
      .u8(tos >>> 2)
      .u8(tos >>> 5)
      .u8(tos);
    if (kind.network === "ipv4") out.u32(word(flow, W.NW_SRC)).u32(word(flow, W.NW_DST));
    else {
      for (const at of [W.IPV6_SRC, W.IPV6_DST]) for (let i = 0; i < 4; i++) out.u32(word(flow, at + i));
      out.u32(word(flow, W.IPV6_LABEL));
    }
    if (kind.transport === "icmp") out.u8(tpSrc(flow)).u8(tpDst(flow));
    else if (kind.transport !== "other") out.u16(tpSrc(flow)).u16(tpDst(flow));
  }
  if (tunnel) writeTunnel(out, tunnel);
  return { domain, template: templateId(kind), bytes: out.bytes() };
}

function headerLength({ tagged }: RecordKind): number {
  return tagged ? ETHERNET_HEADER + TAG_LENGTH : ETHERNET_HEADER;
}

/** The type of interfaces and their description are not known. */
function writeInterface(out: MessageWriter, known: SampledInterface | undefined): void {
  const name = new TextEncoder().encode(known?.name ?? "").subarray(0, MAX_NAME);
  out
    .u32(known?.ifindex ?? 0)
    .u32(0)
    .u8(name.length)
    .put(name)
    .u8(0);
}

function writeTunnel(out: MessageWriter, { type, flow }: NonNullable<SampledPacket["tunnel"]>): void {
  const { number, protocol, keyLength } = TUNNEL_TYPES[type];
  const id = (BigInt(word(flow, W.TUN_ID)) << 32n) | BigInt(word(flow, W.TUN_ID + 1));
  out.u32(word(flow, W.TUN_SRC)).u32(word(flow, W.TUN_DST)).u8(protocol).u32(word(flow, W.TUN_TP));
  out.u8(number).u8(keyLength).wide(id, keyLength);
}

/** A record of one packet. Counts it in `totals`. */
export function newRecord(packet: SampledPacket, now: number, totals: ExporterTotals): IpfixRecord {
  const kind = kindOf(packet);
  const { flow, packets, length, dropped } = packet;
  const isIp = kind.network !== "other";
  const ipLength = isIp ? length - headerLength(kind) : 0;
  const bytes = packets * ipLength;
  const sumOfSquares = BigInt(bytes) * BigInt(ipLength);
  const to = macAt(flow, W.ETH_DST);
  const broadcast = to === BROADCAST;
  const multicast = !broadcast && Math.floor(to / MULTICAST_BIT) % 2 === 1;
  const out = kind.egress && multicast;
  totals.packets += packets;
  totals.layer2Bytes += packets * length;
  totals.bytes += bytes;
  totals.sumOfSquares += sumOfSquares;
  if (dropped) {
    totals.droppedPackets += packets;
    totals.droppedBytes += bytes;
  }
  if (broadcast) totals[kind.egress ? "broadcastOut" : "broadcastIn"] += packets;
  else if (multicast) totals[kind.egress ? "multicastOutPackets" : "multicastIn"] += packets;
  else totals[kind.egress ? "unicastOut" : "unicastIn"] += packets;
  if (out) totals.multicastOutBytes += bytes;
  if (kind.transport === "tcp") {
    TCP_BITS.forEach((bit, at) => {
      if (tcpFlags(flow) & bit) totals.tcp[at] = (totals.tcp[at] ?? 0) + packets;
    });
  }
  return {
    key: keyOf(packet, kind),
    kind,
    start: now,
    end: now,
    droppedPackets: dropped ? packets : 0,
    droppedBytes: dropped ? bytes : 0,
    packets,
    bytes,
    sumOfSquares,
    layer2Bytes: packets * length,
    multicastOutPackets: out ? packets : 0,
    multicastOutBytes: out ? bytes : 0,
    leastLength: ipLength,
    mostLength: ipLength,
    totals: Object.assign(new ExporterTotals(), totals, { tcp: [...totals.tcp] }),
  };
}

/** ipfix_cache_aggregate_entries(): `from` has the same key. */
export function aggregate(to: IpfixRecord, from: IpfixRecord): void {
  to.start = Math.min(to.start, from.start);
  to.end = Math.max(to.end, from.end);
  to.droppedPackets += from.droppedPackets;
  to.droppedBytes += from.droppedBytes;
  to.packets += from.packets;
  to.bytes += from.bytes;
  to.sumOfSquares += from.sumOfSquares;
  to.layer2Bytes += from.layer2Bytes;
  to.multicastOutPackets += from.multicastOutPackets;
  to.multicastOutBytes += from.multicastOutBytes;
  if (to.leastLength === 0 || (from.leastLength !== 0 && to.leastLength > from.leastLength)) {
    to.leastLength = from.leastLength;
  }
  to.mostLength = Math.max(to.mostLength, from.mostLength);
  to.totals = from.totals;
}

/** A data set with this record alone. `exportTime`: seconds; times are told as what they lie before it. */
export function writeRecord(
  out: MessageWriter,
  record: IpfixRecord,
  exportTime: number,
  reason: number,
  virtualId: Uint8Array | undefined,
): void {
  const { totals, kind } = record;
  const start = out.length;
  out.u16(record.key.template).u16(0).put(record.key.bytes);
  if (virtualId) out.u8(virtualId.length).put(virtualId);
  const before = (time: number) => (exportTime * 1e6 - time) % 2 ** 32;
  const counts = (...values: readonly number[]) => {
    for (const value of values) out.u64(BigInt(value));
  };
  out.u32(before(record.start)).u32(before(record.end));
  counts(record.droppedPackets, totals.droppedPackets, record.packets, totals.packets);
  counts(totals.unicastIn, totals.multicastIn, totals.broadcastIn, totals.unicastOut, totals.broadcastOut);
  counts(record.multicastOutPackets, totals.multicastOutPackets, record.layer2Bytes, totals.layer2Bytes);
  out.u8(reason);
  if (kind.network !== "other") {
    counts(record.droppedBytes, totals.droppedBytes, record.bytes, totals.bytes);
    out.u64(record.sumOfSquares).u64(totals.sumOfSquares);
    counts(record.leastLength, record.mostLength, record.multicastOutBytes, totals.multicastOutBytes);
  }
  if (kind.transport === "tcp") counts(...totals.tcp);
  out.patchU16(start + 2, out.length - start);
}

/** It came through a tunnel over IPv4. */
export function cameThroughTunnel(flow: Flow): boolean {
  return isTunnelled(flow) && flow[W.TUN_DST] !== 0;
}
