// Tracked connections as they are told, and as text: dpctl/dump-conntrack (struct ct_dpif_entry and ct_dpif_format_entry of Open
// vSwitch's lib/ct-dpif.c).

import { writeU32BE } from "../../wire/bytes.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";

/** An address of either family, as words of a flow: one or four. */
export type AddressWords = readonly number[];

/** What tells a connection apart, in one of its directions. */
export interface Tuple {
  readonly version6: boolean;
  readonly protocol: number;
  readonly source: AddressWords;
  readonly destination: AddressWords;
  /** Ports; for ICMP the identifier, and type and code. 0 for protocols that have none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export const TCP = 6;
export const UDP = 17;
const SCTP = 132;
const ICMP = 1;
const IGMP = 2;
const ICMPV6 = 58;

export function isIcmp({ protocol, version6 }: Tuple): boolean {
  return protocol === (version6 ? ICMPV6 : ICMP);
}

export function hasTuplePorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === SCTP;
}

/** A connection as its tracker tells of it. */
export interface TrackedConnection {
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly zone: number;
  /** 0 from a tracker without ids. */
  readonly id: number;
  /** Names of IPS_* bits that are set; none from a tracker that has no such bits. */
  readonly status: readonly string[];
  /** Seconds that are left to it. */
  readonly timeout: number;
  readonly mark: number;
  /** 128 bits, most significant word first. */
  readonly label: readonly number[];
  readonly tcp: TcpEnds | undefined;
  /** Application layer gateway that reads its messages. */
  readonly helper: string | undefined;
  /** The original tuple of the connection that has announced it. */
  readonly parent: Tuple | undefined;
}

/** enum ct_dpif_tcp_state */
export const TCP_END_STATES =
  "CLOSED LISTEN SYN_SENT SYN_RECV ESTABLISHED CLOSE_WAIT FIN_WAIT_1 CLOSING LAST_ACK FIN_WAIT_2 TIME_WAIT".split(
    " ",
  );

/** nl_ct_tcp_state_to_dpif(): enum tcp_conntrack of the kernel in the words of Open vSwitch. */
const KERNEL_STATES: readonly string[] = [
  "CLOSED",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT_1",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSING",
  "SYN_SENT",
];

export function toldTcpState(state: number): string {
  return KERNEL_STATES[state] ?? "CLOSED";
}

interface TcpEnd {
  /** One of TCP_END_STATES. */
  readonly state: string;
  readonly windowScale: number;
  /** Names of CT_DPIF_TCPF_* bits. */
  readonly flags: readonly string[];
}

/** The end that has begun, and the other one. */
export type TcpEnds = readonly [TcpEnd, TcpEnd];

export interface ConnectionFormat {
  /** -s: with what is left of its time. */
  readonly statistics: boolean;
  /** -m: with its id and status. */
  readonly more: boolean;
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [ICMP, "icmp"],
  [IGMP, "igmp"],
  [TCP, "tcp"],
  [UDP, "udp"],
  [ICMPV6, "icmpv6"],
  [SCTP, "sctp"],
]);

export function formatAddress(words: AddressWords): string {
  if (words.length === 1) return formatIpv4(words[0] as number);
  const bytes = new Uint8Array(16);
  words.forEach((value, index) => writeU32BE(bytes, 4 * index, value));
  return formatIpv6(readIpv6Address(bytes, 0));
}

export function formatTuple(tuple: Tuple): string {
  const { source, destination, sourcePort, destinationPort } = tuple;
  const ends = `src=${formatAddress(source)},dst=${formatAddress(destination)}`;
  if (!isIcmp(tuple)) return `${ends},sport=${sourcePort},dport=${destinationPort}`;
  return `${ends},id=${sourcePort},type=${destinationPort >>> 8},code=${destinationPort & 0xff}`;
}

function label(words: readonly number[]): string {
  return words.reduce((value, each) => (value << 32n) | BigInt(each), 0n).toString(16);
}

const orZero = (names: readonly string[]): string => (names.length === 0 ? "0" : names.join("|"));

/** ct_dpif_format_protoinfo_tcp(), coalesce_tcp_state(): one state for both ends, that which is further on. */
function tcpState([first, second]: TcpEnds): string {
  const order = (state: string): number => TCP_END_STATES.indexOf(state);
  const state = order(second.state) > order(first.state) ? second.state : first.state;
  return state === "FIN_WAIT_2" ? "TIME_WAIT" : state === "SYN_RECV" ? "ESTABLISHED" : state;
}

/** ct_dpif_format_protoinfo_tcp_verbose() */
function tcpDetails([first, second]: TcpEnds): string {
  const scaled =
    first.windowScale !== 0 || second.windowScale !== 0
      ? `,wscale_orig=${first.windowScale},wscale_reply=${second.windowScale}`
      : "";
  return (
    `state_orig=${first.state},state_reply=${second.state}${scaled},` +
    `flags_orig=${orZero(first.flags)},flags_reply=${orZero(second.flags)}`
  );
}

export function formatConnection(connection: TrackedConnection, format: ConnectionFormat): string {
  const { original, reply, zone, mark, tcp } = connection;
  const { statistics, more } = format;
  let text = PROTOCOLS.get(original.protocol) ?? String(original.protocol);
  text += `,orig=(${formatTuple(original)}),reply=(${formatTuple(reply)})`;
  if (more) text += `,id=${connection.id}`;
  if (zone !== 0) text += `,zone=${zone}`;
  if (more) text += `,status=${orZero(connection.status)}`;
  if (statistics) text += `,timeout=${connection.timeout}`;
  if (mark !== 0) text += `,mark=${mark}`;
  if (connection.label.some((word) => word !== 0)) text += `,labels=0x${label(connection.label)}`;
  if (tcp) text += `,protoinfo=(${more ? tcpDetails(tcp) : `state=${tcpState(tcp)}`})`;
  if (connection.helper !== undefined) text += `,helper=${connection.helper}`;
  if (more && connection.parent) text += `,parent=(${formatTuple(connection.parent)})`;
  return text;
}

/** IP_CT_TCP_FLAG_*, from the lowest bit on. */
export const TCP_CONNECTION_FLAGS = [
  "WINDOW_SCALE",
  "SACK_PERM",
  "CLOSE_INIT",
  "BE_LIBERAL",
  "DATA_UNACKNOWLEDGED",
  "MAXACK_SET",
] as const;
