// UDP ports of the kernel's own (net/ipv4/udp_tunnel_core.c): VXLAN and its like receive there. They stand among the sockets of
// the namespace, so that nobody else can have the port; what is sent goes past them.

import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import type { SocketFamily } from "./ip-address.ts";
import { UdpSocket } from "./udp-socket.ts";

/** Takes a datagram whose `start` is its UDP header (encap_rcv). False: the datagram is treated as for any socket. */
export type TunnelReceiver = (packet: Packet) => boolean;

export interface TunnelPort {
  readonly port: number;
  close(): void;
}

/** Opens a port on all own addresses of a family. Errors: EADDRINUSE. */
export function openTunnelPort(
  netns: Netns,
  family: SocketFamily,
  port: number,
  receive: TunnelReceiver,
): TunnelPort {
  const socket = new UdpSocket({ netns, family, protocol: 17, settle: () => {} });
  try {
    if (family === "inet6") socket.setOption("IPV6_V6ONLY", true);
    socket.bind({ address: new Uint8Array(family === "inet" ? 4 : 16), port });
  } catch (refusal) {
    socket.close();
    throw refusal;
  }
  socket.tunnel = receive;
  // A namespace does not live on because of its own tunnels.
  netns.release();
  let open = true;
  return {
    port: socket.port,
    close() {
      if (!open) return;
      open = false;
      netns.retain();
      socket.close();
    },
  };
}
