// nc's connections: unix sockets, and TCP as far as the system has it.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { StreamAddress, StreamSocket } from "../../system/stream-sockets.ts";
import type { Peer } from "./relay.ts";

function peerOf(socket: StreamSocket): Peer {
  const { input, output } = socket;
  return {
    get ready() {
      return input.ready;
    },
    subscribe: (wake) => input.subscribe(wake),
    read: () => input.read(),
    write: (bytes) => output.write(bytes),
    shutdown() {},
    close: () => socket.close(),
  };
}

/** A connection, or why there is none. */
export function openStream(process: Process, address: StreamAddress): Peer | string {
  try {
    const socket = process.connectStream(address);
    if (socket.neverConnects !== true) return peerOf(socket);
    socket.close();
    return "TCP to other hosts is not implemented";
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return strerror(refusal.errno);
  }
}

/** The first connection that comes. */
export async function listenStream(process: Process, address: StreamAddress): Promise<Peer | string> {
  try {
    const listener = process.listenStream(address);
    for (;;) {
      const socket = listener.accept();
      if (socket) {
        const peer = peerOf(socket);
        return {
          get ready() {
            return peer.ready;
          },
          subscribe: (wake) => peer.subscribe(wake),
          read: () => peer.read(),
          write: (bytes) => peer.write(bytes),
          shutdown: () => peer.shutdown(),
          close() {
            peer.close();
            listener.close();
          },
        };
      }
      await process.wait([listener]);
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return strerror(refusal.errno);
  }
}
