// nc's connections: unix sockets and TCP.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type {
  StreamAddress,
  StreamListener,
  StreamOptions,
  StreamSocket,
} from "../../system/stream-sockets.ts";
import { fail } from "./options.ts";
import type { NetcatOptions } from "./options.ts";
import { sourceAddress } from "./source.ts";
import type { Peer } from "./relay.ts";

const NOTHING = new Uint8Array(0);

export function peerOf(socket: StreamSocket): Peer {
  const { input, output } = socket;
  return {
    get ready() {
      return input.ready;
    },
    subscribe: (wake) => input.subscribe(wake),
    read: () => input.read(),
    write: (bytes) => output.write(bytes),
    untilWritable: async (process) => {
      while (!output.ready) await process.wait([output]);
    },
    shutdown: () => socket.endOutput(),
    close: () => socket.close(),
  };
}

/** What the command line says of TCP sockets. */
export function streamOptions(
  process: Process,
  options: NetcatOptions,
  family: "inet" | "inet6",
): StreamOptions {
  const local = options.listen ? undefined : sourceAddress(process, options, family);
  return {
    ...(options.listen && { backlog: 1, reusePort: true }),
    ...(local && { local }),
    ...(options.tos !== undefined && { tos: options.tos }),
    ...(options.ttl !== undefined && { ttl: options.ttl }),
  };
}

/** bind(2) comes first, and says so. */
function connecting(process: Process, address: StreamAddress, options: StreamOptions): StreamSocket {
  try {
    return process.connectStream(address, options);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const ofBind: readonly number[] = [ERRNO.EADDRNOTAVAIL, ERRNO.EADDRINUSE];
    if (options.local === undefined || !ofBind.includes(refusal.errno)) throw refusal;
    return fail(process, `bind failed: ${strerror(refusal.errno)}`);
  }
}

/** connect(2), until it has gone well. Errors: Refusal; EINPROGRESS after the time of -w. */
export async function openStream(
  process: Process,
  options: NetcatOptions,
  address: StreamAddress,
): Promise<Peer> {
  const settings = address.family === "unix" ? {} : streamOptions(process, options, address.family);
  const socket = connecting(process, address, settings);
  try {
    const end = options.idle === undefined ? undefined : process.monotonic() + options.idle;
    while (!socket.output.ready) {
      const left = end === undefined ? undefined : Math.max(0, end - process.monotonic());
      if ((await process.wait([socket.output], left)) === "timeout") throw new Refusal(ERRNO.EINPROGRESS);
    }
    socket.output.write(NOTHING); // tells how it went
    return peerOf(socket);
  } catch (refusal) {
    socket.close();
    throw refusal;
  }
}

/** accept(2), as soon as somebody connects. */
export async function accepted(process: Process, listener: StreamListener): Promise<StreamSocket> {
  for (;;) {
    const socket = listener.accept();
    if (socket) return socket;
    await process.wait([listener]);
  }
}
