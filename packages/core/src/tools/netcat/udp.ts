// nc's UDP sockets: connected to a host, or waiting for the first datagram, whose sender becomes the peer.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress } from "../../system/sockets.ts";
import { MILLISECOND } from "../../system/system.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { resolveHost } from "../resolver/hosts.ts";
import type { NetcatOptions } from "./netcat.ts";
import type { Peer } from "./relay.ts";

/** Longest datagram that is read from standard input at once, bytes. */
const MOST = 16_384;

/** Errors: Refusal of the socket calls. */
export function openUdp(process: Process, options: NetcatOptions, address: Uint8Array, port: number): Peer {
  const family = address.length === 4 ? "inet" : "inet6";
  const socket = process.inet({ family, type: "datagram", protocol: IpProtocol.UDP });
  if (options.broadcast) socket.setOption("SO_BROADCAST", true);
  if (options.tos !== undefined) socket.setOption(family === "inet" ? "IP_TOS" : "IPV6_TCLASS", options.tos);
  if (options.ttl !== undefined)
    socket.setOption(family === "inet" ? "IP_TTL" : "IPV6_UNICAST_HOPS", options.ttl);
  let peer: InetAddress | undefined;
  if (options.listen) {
    socket.setOption("SO_REUSEADDR", true);
    socket.bind({ address, port });
  } else {
    if (options.source !== undefined || options.sourcePort !== 0) {
      const own =
        options.source === undefined ? undefined : resolveHost(process, options.source, family)[0]?.address;
      socket.bind({ address: own ?? new Uint8Array(address.length), port: options.sourcePort });
    }
    socket.connect({ address, port });
    peer = { address, port };
  }
  return {
    get ready() {
      return socket.ready;
    },
    subscribe: (wake) => socket.subscribe(wake),
    read() {
      const datagram = socket.receive();
      if (datagram === undefined) return undefined;
      if (peer === undefined && !options.keep) {
        peer = datagram.from;
        socket.connect(peer);
      }
      return datagram.bytes;
    },
    write(bytes) {
      if (peer === undefined) return; // nobody has spoken yet
      for (let at = 0; at < bytes.length; at += MOST) socket.sendTo(bytes.subarray(at, at + MOST));
    },
    shutdown() {},
    close: () => socket.close(),
  };
}

/** Whether a port takes datagrams: nothing comes back but an ICMP error if it does not. */
export async function probe(process: Process, peer: Peer): Promise<boolean> {
  for (let attempt = 0; attempt < 4; attempt++) {
    try {
      peer.write(Uint8Array.of(0x58)); // "X"
      await process.wait([peer], 10 * MILLISECOND);
      if (peer.ready) peer.read();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return false;
    }
  }
  return true;
}
