// TCP at the host that a segment is for, for `trace --dry-run`: a listener answers a SYN, and who asked acknowledges that; anything else
// is answered with a reset (RFC 9293, 3.10.7). Connections that are there are not looked into.

import { pseudoHeaderSumV4 } from "../../../wire/checksum.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { ipv4Destination, ipv4Source } from "../../../wire/ipv4.ts";
import { ipv6PseudoSumAt } from "../../../wire/ipv6.ts";
import {
  TCP_MIN_HEADER,
  tcpChecksumOk,
  tcpDestinationPort,
  TcpFlag,
  tcpFlags,
  tcpHeaderLength,
  tcpSourcePort,
} from "../../../wire/tcp.ts";
import type { TcpSendOptions } from "../../../wire/tcp-write.ts";
import { outFor, sendFromKernel } from "./icmp.ts";
import { destinationOf, isMulticast, isV4, sourceOf, tcpPacket } from "./packet.ts";
import { listenerFor } from "./sockets.ts";
import { ttlFor } from "./stack.ts";
import type { Incoming, Stack } from "./stack.ts";
import { add, addDrop } from "./tree.ts";

/** What Linux says in both SYNs over Ethernet; numbers that depend on the path are left as they are there. */
export const SYN_OPTIONS: TcpSendOptions = {
  maximumSegment: 1460,
  sackPermitted: true,
  timestamp: { value: 0, echo: 0 },
  windowScale: 7,
};
export const SYN_WINDOW = 64_240;
const TIMESTAMPS: TcpSendOptions = { timestamp: { value: 0, echo: 0 } };

export async function receiveTcp(stack: Stack, incoming: Incoming, at: number): Promise<void> {
  const { node, place, link, packet } = incoming;
  const { bytes } = packet;
  const length = bytes.length - at;
  const header = length < TCP_MIN_HEADER ? 0 : tcpHeaderLength(bytes, at);
  if (header < TCP_MIN_HEADER || header > length) {
    addDrop(node, link, "PKT_TOO_SMALL");
    return;
  }
  const sum = isV4(packet)
    ? pseudoHeaderSumV4(ipv4Source(bytes, 0), ipv4Destination(bytes, 0), IpProtocol.TCP, length)
    : ipv6PseudoSumAt(bytes, 0, IpProtocol.TCP, length);
  if (!tcpChecksumOk(bytes, at, bytes.length, sum)) {
    addDrop(node, link, "TCP_CSUM");
    return;
  }
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  const ports = [tcpSourcePort(bytes, at), tcpDestinationPort(bytes, at)] as const;
  const flags = tcpFlags(bytes, at);
  const { socket } = stack;
  const deliveredTo = (port: number): void =>
    add(node, { kind: "deliver", netns: place.netns.inode, to: `TCP socket ${port}` });
  const isSynAck = (flags & (TcpFlag.SYN | TcpFlag.ACK)) === (TcpFlag.SYN | TcpFlag.ACK);
  if (socket.kind === "tcp" && socket.place === place && (isSynAck || (flags & TcpFlag.RST) !== 0)) {
    if (isSynAck) await answer(stack, incoming, ports, TcpFlag.ACK, 502, TIMESTAMPS);
    deliveredTo(ports[1]);
    return;
  }
  if ((flags & TcpFlag.RST) !== 0 || isMulticast(destination)) {
    addDrop(node, link, "NO_SOCKET");
    return;
  }
  const listener = listenerFor(link, { source, destination, ports });
  if (listener === undefined || (flags & (TcpFlag.SYN | TcpFlag.ACK)) === 0) {
    await answer(stack, incoming, ports, TcpFlag.RST | TcpFlag.ACK, 0, {});
    addDrop(node, link, "NO_SOCKET");
    return;
  }
  deliveredTo(listener.port);
  if ((flags & TcpFlag.SYN) !== 0)
    await answer(stack, incoming, ports, TcpFlag.SYN | TcpFlag.ACK, 65_160, SYN_OPTIONS);
}

async function answer(
  stack: Stack,
  { node, place, link, packet }: Incoming,
  ports: readonly [source: number, destination: number],
  flags: number,
  window: number,
  options: TcpSendOptions,
): Promise<void> {
  const [asker, asked] = [sourceOf(packet), destinationOf(packet)];
  const question = { source: asked, out: outFor(link, asker) };
  const way = place.routeTo(asker, { ...question, protocol: IpProtocol.TCP });
  if (typeof way === "number") return;
  const [from, to] = ports;
  const fields = { ttl: ttlFor(place, asker, way), dontFragment: isV4(packet) };
  const reply = tcpPacket(asked, asker, [to, from], { flags, window, options }, fields);
  await sendFromKernel(stack, node, place, reply, question, IpProtocol.TCP);
}
