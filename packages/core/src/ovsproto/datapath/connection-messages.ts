// Tracked connections in netfilter's messages, there and back (nl_ct_put_ct_tuple and nl_ct_attrs_to_ct_dpif_entry of Open
// vSwitch's lib/netlink-conntrack.c).

import { IPS_NAMES } from "../../netlink/netfilter/conntrack.ts";
import type { ConntrackMessage, ConntrackTuple } from "../../netlink/netfilter/conntrack.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import { hasTuplePorts, isIcmp, TCP, TCP_CONNECTION_FLAGS, toldTcpState } from "./connection.ts";
import type { AddressWords, TcpEnds, TrackedConnection, Tuple } from "./connection.ts";

const LABEL_WORDS = 4;
function bytesOf(words: AddressWords): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  words.forEach((word, index) => writeU32BE(bytes, 4 * index, word));
  return bytes;
}

function wordsOf(bytes: Uint8Array): AddressWords {
  return Array.from({ length: bytes.length >>> 2 }, (_, index) => readU32BE(bytes, 4 * index));
}

function bits(names: readonly string[], all: readonly string[]): number {
  return names.reduce((sum, name) => sum | (1 << all.indexOf(name)), 0);
}

function named(value: number, all: readonly string[]): string[] {
  return all.filter((_, bit) => (value & (1 << bit)) !== 0);
}

export function tupleAttributes(tuple: Tuple): ConntrackTuple {
  const { version6, protocol: number, source, destination, sourcePort, destinationPort } = tuple;
  const ends = version6
    ? { source6: bytesOf(source), destination6: bytesOf(destination) }
    : { source4: source[0] ?? 0, destination4: destination[0] ?? 0 };
  if (hasTuplePorts(number)) return { ends, protocol: { number, sourcePort, destinationPort } };
  if (!isIcmp(tuple)) return { ends, protocol: { number } };
  const [type, code] = [destinationPort >>> 8, destinationPort & 0xff];
  return version6
    ? { ends, protocol: { number, icmp6Id: sourcePort, icmp6Type: type, icmp6Code: code } }
    : { ends, protocol: { number, icmpId: sourcePort, icmpType: type, icmpCode: code } };
}

/** Undefined without addresses. */
export function readTupleAttributes(attributes: ConntrackTuple | undefined): Tuple | undefined {
  const { ends, protocol } = attributes ?? {};
  const { source4, destination4, source6, destination6 } = ends ?? {};
  const version6 = source6 !== undefined && destination6 !== undefined;
  if (!version6 && (source4 === undefined || destination4 === undefined)) return undefined;
  const addresses = version6
    ? { source: wordsOf(source6), destination: wordsOf(destination6) }
    : { source: [source4 ?? 0], destination: [destination4 ?? 0] };
  const { number = 0, icmpType = 0, icmpCode = 0, icmp6Type = 0, icmp6Code = 0 } = protocol ?? {};
  const tuple = { version6, protocol: number, ...addresses, sourcePort: 0, destinationPort: 0 };
  if (!isIcmp(tuple)) {
    const { sourcePort = 0, destinationPort = 0 } = protocol ?? {};
    return { ...tuple, sourcePort, destinationPort };
  }
  const { icmpId = 0, icmp6Id = 0 } = protocol ?? {};
  return version6
    ? { ...tuple, sourcePort: icmp6Id, destinationPort: (icmp6Type << 8) | icmp6Code }
    : { ...tuple, sourcePort: icmpId, destinationPort: (icmpType << 8) | icmpCode };
}

function readTcp(state: NonNullable<ConntrackMessage["protocolState"]>["tcp"]): TcpEnds | undefined {
  if (state === undefined) return undefined;
  const told = toldTcpState(state.state ?? 0);
  const end = (windowScale = 0, flags?: Uint8Array) => ({
    state: told,
    windowScale,
    flags: named(flags?.[0] ?? 0, TCP_CONNECTION_FLAGS),
  });
  return [end(state.windowScaleOriginal, state.flagsOriginal), end(state.windowScaleReply, state.flagsReply)];
}

/** enum tcp_conntrack of the state that both ends are told to be in. */
function tcpAttributes([original, reply]: TcpEnds, state: number): ConntrackMessage["protocolState"] {
  const flags = (names: readonly string[]): Uint8Array => Uint8Array.of(bits(names, TCP_CONNECTION_FLAGS), 0);
  return {
    tcp: {
      state,
      windowScaleOriginal: original.windowScale,
      windowScaleReply: reply.windowScale,
      flagsOriginal: flags(original.flags),
      flagsReply: flags(reply.flags),
    },
  };
}

/** ctnetlink_fill_info(). `tcpState`: the kernel's own number. */
export function connectionMessage(
  connection: TrackedConnection,
  tcpState: number,
): Partial<ConntrackMessage> {
  const { original, reply, zone, status, mark, id, parent, timeout, tcp, helper, label } = connection;
  return {
    family: original.version6 ? AF.INET6 : AF.INET,
    original: tupleAttributes(original),
    reply: tupleAttributes(reply),
    ...(zone === 0 ? {} : { zone }),
    status: bits(status, IPS_NAMES),
    ...(mark === 0 ? {} : { mark }),
    id,
    references: 1,
    ...(parent ? { master: tupleAttributes(parent) } : {}),
    timeout,
    ...(tcp ? { protocolState: tcpAttributes(tcp, tcpState) } : {}),
    ...(helper === undefined ? {} : { helper: { name: helper } }),
    ...(label.some((word) => word !== 0) ? { labels: bytesOf(label).reverse() } : {}),
  };
}

/** Undefined for one that has no tuples. */
export function readConnectionMessage(message: ConntrackMessage): TrackedConnection | undefined {
  const [original, reply] = [readTupleAttributes(message.original), readTupleAttributes(message.reply)];
  if (!original || !reply) return undefined;
  const { zone = 0, id = 0, status = 0, timeout = 0, mark = 0, labels, helper } = message;
  const label = new Uint8Array(4 * LABEL_WORDS);
  label.set(labels?.subarray(0, label.length) ?? []);
  return {
    original,
    reply,
    zone,
    id,
    status: named(status, IPS_NAMES),
    timeout,
    mark,
    label: wordsOf(label.reverse()),
    tcp: original.protocol === TCP ? readTcp(message.protocolState?.tcp) : undefined,
    helper: helper?.name,
    parent: readTupleAttributes(message.master),
  };
}
