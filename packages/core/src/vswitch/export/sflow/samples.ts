// Samples of sFlow version 5 (sflow.org/sflow_version_5.txt) as Open vSwitch's agent makes them: a sampled frame with what is
// known of its way, and counters of a port or of the whole daemon. Each is a list of structures with a tag in front.

import { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";
import { W, tunnelTos, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { MacAddress } from "../../../wire/mac.ts";

const FLOW_SAMPLE = 1;
const COUNTERS_SAMPLE = 2;
const ETHERNET_PROTOCOL = 1;
/** Of a frame check sequence, which is not there any more. */
const FCS_LENGTH = 4;

const FlowTag = {
  HEADER: 1,
  SWITCH: 1001,
  MPLS: 1006,
  TUNNEL_EGRESS: 1023,
  TUNNEL_INGRESS: 1024,
  VNI_EGRESS: 1029,
  VNI_INGRESS: 1030,
} as const;

const CounterTag = {
  GENERIC: 1,
  ETHERNET: 2,
  LACP: 7,
  OPENFLOW_PORT: 1004,
  PORT_NAME: 1005,
  RESOURCES: 2203,
  DATAPATH: 2207,
} as const;

/** What nobody counts. */
const UNKNOWN = 0xffff_ffff;

export interface SampledTunnel {
  readonly protocol: number;
  /** Tunnel words of a flow. */
  readonly flow: Flow;
}

export interface FlowSample {
  readonly frame: Uint8Array;
  /** Of `frame` go into the sample. */
  readonly headerLength: number;
  readonly sourceTci: number;
  readonly destinationTci: number;
  readonly ingress: SampledTunnel | undefined;
  readonly egress: SampledTunnel | undefined;
  /** Labels that it leaves with, outermost first. */
  readonly labels: readonly number[];
}

/** Tag and body. */
type Structure = readonly [number, Uint8Array];

export interface Sample {
  readonly tag: number;
  /** What stands between the tag with its length and the structures. */
  readonly header: readonly number[];
  readonly structures: readonly Structure[];
}

export interface FlowSampleHeader {
  readonly sequence: number;
  readonly source: number;
  readonly rate: number;
  readonly pool: number;
  readonly input: number;
  readonly output: number;
}

export function flowSample(header: FlowSampleHeader, sample: FlowSample): Sample {
  const structures: Structure[] = [
    [FlowTag.SWITCH, vlanStructure(sample)],
    [FlowTag.HEADER, headerStructure(sample)],
  ];
  if (sample.labels.length > 0) structures.push([FlowTag.MPLS, labelStructure(sample.labels)]);
  for (const [tunnel, vniTag, tag] of [
    [sample.egress, FlowTag.VNI_EGRESS, FlowTag.TUNNEL_EGRESS],
    [sample.ingress, FlowTag.VNI_INGRESS, FlowTag.TUNNEL_INGRESS],
  ] as const) {
    if (!tunnel) continue;
    const vni = word(tunnel.flow, W.TUN_ID + 1);
    const numbered = vni !== 0 || word(tunnel.flow, W.TUN_ID) !== 0;
    if (numbered) structures.push([vniTag, new MessageWriter().u32(vni).bytes()]);
    structures.push([tag, tunnelStructure(tunnel)]);
  }
  const { sequence, source, rate, pool, input, output } = header;
  return { tag: FLOW_SAMPLE, header: [sequence, source, rate, pool, 0, input, output], structures };
}

function headerStructure({ frame, headerLength }: FlowSample): Uint8Array {
  const length = Math.min(frame.length, headerLength);
  return new MessageWriter()
    .u32(ETHERNET_PROTOCOL)
    .u32(frame.length + FCS_LENGTH)
    .u32(FCS_LENGTH)
    .u32(length)
    .put(frame.subarray(0, length))
    .pad(4)
    .bytes();
}

function vlanStructure({ sourceTci, destinationTci }: FlowSample): Uint8Array {
  const out = new MessageWriter();
  for (const tci of [sourceTci, destinationTci]) out.u32(tci & 0xfff).u32((tci >>> 13) & 7);
  return out.bytes();
}

/** No next hop, nothing of the stack that it came with. */
function labelStructure(labels: readonly number[]): Uint8Array {
  const out = new MessageWriter().u32(1).u32(0).u32(0).u32(labels.length);
  for (const label of labels) out.u32(label);
  return out.bytes();
}

function tunnelStructure({ protocol, flow }: SampledTunnel): Uint8Array {
  const ports = word(flow, W.TUN_TP);
  // the length of the outer packet and its TCP flags are not known; ports are in the order of a little-endian machine
  return new MessageWriter()
    .u32(0)
    .u32(protocol)
    .u32(word(flow, W.TUN_SRC))
    .u32(word(flow, W.TUN_DST))
    .u32(swapped(ports >>> 16))
    .u32(swapped(ports & 0xffff))
    .u32(0)
    .u32(tunnelTos(flow))
    .bytes();
}

function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}

export interface PortCounterSample {
  readonly name: string;
  readonly ifindex: number;
  /** Bits a second. */
  readonly speed: number;
  /** 0 unknown, 1 full, 2 half (RFC 2668). */
  readonly direction: number;
  /** 1: up, 2: with carrier. */
  readonly status: number;
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
  /** Undefined for what is not counted. */
  readonly errors: PortErrorCounters | undefined;
  readonly datapathId: bigint;
  readonly portNumber: number;
  readonly lacp: LacpCounters | undefined;
}

export interface PortErrorCounters {
  readonly multicast: number;
  readonly rxDropped: number;
  readonly rxErrors: number;
  readonly txDropped: number;
  readonly txErrors: number;
  readonly rxFrameErrors: number;
  readonly rxCrcErrors: number;
}

export interface LacpCounters {
  readonly actor: MacAddress;
  readonly partner: MacAddress;
  readonly aggregator: number;
  readonly actorState: number;
  readonly partnerState: number;
  readonly received: number;
  readonly bad: number;
  readonly sent: number;
}

export function portSample(sequence: number, source: number, port: PortCounterSample): Sample {
  const structures: Structure[] = [
    [CounterTag.ETHERNET, ethernetStructure(port.errors)],
    [CounterTag.OPENFLOW_PORT, new MessageWriter().u64(port.datapathId).u32(port.portNumber).bytes()],
    [CounterTag.PORT_NAME, textStructure(port.name)],
  ];
  if (port.lacp) structures.push([CounterTag.LACP, lacpStructure(port.lacp)]);
  structures.push([CounterTag.GENERIC, genericStructure(port)]);
  return { tag: COUNTERS_SAMPLE, header: [sequence, source], structures };
}

function genericStructure(port: PortCounterSample): Uint8Array {
  const { errors } = port;
  return new MessageWriter()
    .u32(port.ifindex)
    .u32(6) // ethernetCsmacd
    .u64(BigInt(port.speed))
    .u32(port.direction)
    .u32(port.status)
    .u64(BigInt(port.rxBytes))
    .u32(port.rxPackets)
    .u32(errors?.multicast ?? UNKNOWN)
    .u32(UNKNOWN) // broadcast
    .u32(errors?.rxDropped ?? UNKNOWN)
    .u32(errors?.rxErrors ?? UNKNOWN)
    .u32(UNKNOWN) // unknown protocols
    .u64(BigInt(port.txBytes))
    .u32(port.txPackets)
    .u32(UNKNOWN) // multicast
    .u32(UNKNOWN) // broadcast
    .u32(errors?.txDropped ?? UNKNOWN)
    .u32(errors?.txErrors ?? UNKNOWN)
    .u32(0) // promiscuous mode
    .bytes();
}

/** Thirteen counters, of which two are known. */
function ethernetStructure(errors: PortErrorCounters | undefined): Uint8Array {
  const out = new MessageWriter().u32(errors?.rxFrameErrors ?? UNKNOWN).u32(errors?.rxCrcErrors ?? UNKNOWN);
  for (let more = 0; more < 11; more++) out.u32(UNKNOWN);
  return out.bytes();
}

function lacpStructure(lacp: LacpCounters): Uint8Array {
  return new MessageWriter()
    .wide(BigInt(lacp.actor), 6)
    .zeros(2)
    .wide(BigInt(lacp.partner), 6)
    .zeros(2)
    .u32(lacp.aggregator)
    .u8(lacp.actorState)
    .u8(lacp.actorState)
    .u8(lacp.partnerState)
    .u8(lacp.partnerState)
    .u32(lacp.received)
    .u32(UNKNOWN)
    .u32(UNKNOWN)
    .u32(UNKNOWN)
    .u32(lacp.bad)
    .u32(lacp.sent)
    .u32(UNKNOWN)
    .u32(UNKNOWN)
    .bytes();
}

function textStructure(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return new MessageWriter().u32(bytes.length).put(bytes).pad(4).bytes();
}

export interface DatapathTotals {
  readonly hits: number;
  readonly misses: number;
  readonly lost: number;
  readonly maskHits: number;
  readonly flows: number;
  readonly masks: number;
}

/** Of all datapaths, and of the daemon's process, whose use of the machine is not told. */
export function daemonSample(sequence: number, source: number, totals: DatapathTotals): Sample {
  const { hits, misses, lost, maskHits, flows, masks } = totals;
  const datapath = new MessageWriter().u32(hits).u32(misses).u32(lost).u32(maskHits).u32(flows).u32(masks);
  const structures: Structure[] = [
    [CounterTag.RESOURCES, new Uint8Array(40)],
    [CounterTag.DATAPATH, datapath.bytes()],
  ];
  return { tag: COUNTERS_SAMPLE, header: [sequence, source], structures };
}

/** With its tag and length. */
export function encodeSample({ tag, header, structures }: Sample): Uint8Array {
  const body = new MessageWriter();
  for (const value of header) body.u32(value);
  body.u32(structures.length);
  for (const [type, bytes] of structures) body.u32(type).u32(bytes.length).put(bytes);
  return new MessageWriter().u32(tag).u32(body.length).put(body.bytes()).bytes();
}
