// IP sockets by what socket(2) was asked for (inet_create, inet6_create).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { InetSocketKind } from "../../system/sockets.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Netns } from "../netns.ts";
import type { IpSocket, SocketPlace } from "./ip-socket.ts";
import { PingSocket } from "./ping-socket.ts";
import { RawSocket } from "./raw-socket.ts";
import { UdpSocket } from "./udp-socket.ts";

/**
 * Opens a socket in `netns`. `settle` runs what a sent datagram sets off.
 * Errors: EPROTONOSUPPORT; EACCES for a ping socket that ping_group_range does not allow.
 */
export function openInetSocket(netns: Netns, kind: InetSocketKind, settle: () => void): IpSocket {
  const place: SocketPlace = { netns, family: kind.family, protocol: kind.protocol, settle };
  if (kind.type === "raw") {
    if (kind.protocol <= 0 || kind.protocol > 255) throw new Refusal(ERRNO.EPROTONOSUPPORT);
    return new RawSocket(place);
  }
  const ping = kind.family === "inet" ? IpProtocol.ICMP : IpProtocol.ICMPV6;
  if (kind.protocol === ping) return new PingSocket(place);
  if (kind.protocol === IpProtocol.UDP || kind.protocol === 0) {
    return new UdpSocket({ ...place, protocol: IpProtocol.UDP });
  }
  throw new Refusal(ERRNO.EPROTONOSUPPORT);
}
