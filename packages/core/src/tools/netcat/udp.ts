// nc's UDP sockets: connected to a host, or waiting for the first datagram, whose sender becomes the peer.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket } from "../../system/sockets.ts";
import { SECOND } from "../../system/system.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { fail } from "./options.ts";
import type { NetcatOptions } from "./options.ts";
import type { Peer } from "./relay.ts";
import { sourceAddress } from "./source.ts";

/** Longest datagram that is read from standard input at once, bytes. */
const MOST = 16_384;

/** Errors: Refusal of the socket calls. `report` is told who speaks to a socket that listens. */
export function openUdp(
  process: Process,
  options: NetcatOptions,
  place: InetAddress,
  report?: (what: string, address: Uint8Array, port: number) => void,
): Peer {
  const family = place.address.length === 4 ? "inet" : "inet6";
  const socket = process.inet({ family, type: "datagram", protocol: IpProtocol.UDP });
  if (options.broadcast) socket.setOption("SO_BROADCAST", true);
  if (options.tos !== undefined) socket.setOption(family === "inet" ? "IP_TOS" : "IPV6_TCLASS", options.tos);
  if (options.ttl !== undefined)
    socket.setOption(family === "inet" ? "IP_TTL" : "IPV6_UNICAST_HOPS", options.ttl);
  let peer: InetAddress | undefined;
  if (options.listen) {
    socket.setOption("SO_REUSEADDR", true);
    socket.bind(place);
  } else {
    bindSource(process, options, socket);
    socket.connect(place);
    peer = place;
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
        report?.("Connection received on", peer.address, peer.port);
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

function bindSource(process: Process, options: NetcatOptions, socket: InetSocket): void {
  const source = sourceAddress(process, options, socket.family);
  if (source === undefined) return;
  try {
    socket.bind(source);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    fail(process, `bind failed: ${strerror(refusal.errno)}`);
  }
}

const PROBES = 4;

/** Whether a port takes datagrams: nothing comes back but an ICMP error if it does not. */
export async function probe(process: Process, peer: Peer): Promise<boolean> {
  try {
    for (let sent = 1; ; sent++) {
      peer.write(Uint8Array.of(0x58)); // "X"
      if (sent === PROBES) return true;
      await process.wait([peer], SECOND);
      if (peer.ready) peer.read();
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return false;
  }
}
