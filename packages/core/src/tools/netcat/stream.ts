// nc's connections: unix sockets, and TCP as far as the system has it.

import type { Process } from "../../system/process.ts";
import type { StreamAddress, StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import type { Peer } from "./relay.ts";

export const TCP_MISSING = "TCP to other hosts is not implemented";

export function peerOf(socket: StreamSocket): Peer {
  const { input, output } = socket;
  return {
    get ready() {
      return input.ready;
    },
    subscribe: (wake) => input.subscribe(wake),
    read: () => input.read(),
    write: (bytes) => output.write(bytes),
    shutdown: () => socket.endOutput(),
    close: () => socket.close(),
  };
}

/** A connection, or that there can be none. Errors: Refusal of connect(2). */
export function openStream(process: Process, address: StreamAddress): Peer | string {
  const socket = process.connectStream(address);
  if (socket.neverConnects !== true) return peerOf(socket);
  socket.close();
  return TCP_MISSING;
}

/** accept(2), as soon as somebody connects. */
export async function accepted(process: Process, listener: StreamListener): Promise<StreamSocket> {
  for (;;) {
    const socket = listener.accept();
    if (socket) return socket;
    await process.wait([listener]);
  }
}
