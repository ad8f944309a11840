// ICMP errors about segments (RFC 5927; RFC 1122, 4.2.3.9; tcp_v4_err, tcp_v6_err): one that is being opened fails, one that is open
// keeps the error for the case that it times out, and a path that takes smaller packets gets smaller segments.

import { readU16BE, readU32BE } from "../../wire/bytes.ts";
import { IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { ipv6Destination, ipv6Source } from "../../wire/ipv6.ts";
import { icmpOf } from "../ipv4/ipv4.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { IcmpErrorReport } from "../ipv4/namespace.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import type { Icmpv6ErrorReport } from "../ipv6/stack.ts";
import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import { icmpErrno, icmpv6Errno, isFragmentationNeeded } from "../sockets/icmp-errno.ts";
import type { SocketError } from "../sockets/icmp-errno.ts";
import type { IpAddress } from "../sockets/ip-address.ts";
import type { Conversation } from "./connection-table.ts";
import { connectionTable } from "./connection-table.ts";
import { tcpCounters } from "./counters.ts";
import { finish } from "./ending.ts";
import { retransmitLarger } from "./recovery.ts";
import { after, before } from "./sequence.ts";
import type { Tcb } from "./tcb.ts";
import { push, synchronizeMss } from "./transmit.ts";

/** The conversation that sent what is quoted; undefined if there is none. */
function conversationOf(
  netns: Netns,
  bytes: Uint8Array,
  transport: number,
  local: IpAddress,
  remote: IpAddress,
): Conversation | undefined {
  const table = connectionTable(netns);
  return table.find(local, readU16BE(bytes, transport), remote, readU16BE(bytes, transport + 2));
}

/** `tooLong`: the path takes smaller packets. */
function report(
  conversation: Conversation,
  sequence: number,
  found: SocketError | undefined,
  tooLong: boolean,
): void {
  if (conversation.kind === "time-wait") return;
  const { netns } = conversation.way;
  if (conversation.kind === "request") {
    if (sequence !== conversation.iss) tcpCounters(netns).count("OutOfWindowIcmps");
    else if (found !== undefined && !tooLong) {
      tcpCounters(netns).count("ListenDrops");
      conversation.end();
    }
    return;
  }
  if (before(sequence, conversation.sndUna) || after(sequence, conversation.sndNxt)) {
    tcpCounters(netns).count("OutOfWindowIcmps");
    return;
  }
  if (tooLong) shrink(conversation);
  else if (found !== undefined) tell(conversation, found);
}

/** tcp_v4_mtu_reduced() */
function shrink(tcb: Tcb): void {
  const mtu = tcb.way.mtu();
  if (mtu === undefined || mtu >= tcb.pathMtu || tcb.state === "SYN-SENT") return;
  const mss = synchronizeMss(tcb, mtu);
  retransmitLarger(tcb, mss);
  push(tcb);
}

function tell(tcb: Tcb, { errno }: SocketError): void {
  if (tcb.state === "SYN-SENT" || tcb.state === "SYN-RECEIVED") {
    tcb.error = errno;
    finish(tcb);
  } else tcb.softError = errno;
}

export function errorOverIpv4(packet: Packet, error: IcmpErrorReport): void {
  const { bytes, device } = packet;
  const { netns } = device;
  const { transport, type, code } = error;
  icmpOf(netns.kernel).learn(ipv4Of(netns), packet, error);
  const conversation = conversationOf(netns, bytes, transport, error.source, error.destination);
  if (conversation === undefined) {
    ipv4Of(netns).icmp.inErrors++;
    return;
  }
  if (type === IcmpType.REDIRECT || type === IcmpType.SOURCE_QUENCH) return;
  const sequence = readU32BE(bytes, transport + 4);
  report(conversation, sequence, icmpErrno(type, code), isFragmentationNeeded(type, code));
}

export function errorOverIpv6(error: Icmpv6ErrorReport, namespace: Inet6Netns): void {
  const { packet, quotedNetwork, quotedTransport, type, code } = error;
  const { bytes } = packet;
  if (packet.end - quotedTransport < 8) return;
  const local = ipv6Source(bytes, quotedNetwork);
  const remote = ipv6Destination(bytes, quotedNetwork);
  const conversation = conversationOf(namespace.netns, bytes, quotedTransport, local, remote);
  if (conversation === undefined) {
    namespace.mib.icmp.inErrors++;
    return;
  }
  if (type === Icmpv6Type.REDIRECT) return;
  const sequence = readU32BE(bytes, quotedTransport + 4);
  report(conversation, sequence, icmpv6Errno(type, code), type === Icmpv6Type.PACKET_TOO_BIG);
}
