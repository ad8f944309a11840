// Stream sockets of the host, for whoever of Open vSwitch connects or listens.

import type { StreamAddress, StreamSocket } from "../system/stream-sockets.ts";

/** An address, and whether SSL is spoken there. */
export type TargetAddress = StreamAddress & { readonly ssl?: boolean };

export interface StreamHost {
  /** Connects as a program of the host. Errors: Refusal. */
  connectStream(address: TargetAddress): StreamSocket;
  /** Listens anywhere, and tells `bound` the port of TCP; the returned function ends that. Errors: Refusal. */
  listenStream(
    address: TargetAddress,
    mode: number,
    connected: (socket: StreamSocket) => void,
    bound?: (port: number) => void,
  ): () => void;
}

/** Of the sockets that daemons listen on: rwxr-x---. */
export const SOCKET_MODE = 0o750;
