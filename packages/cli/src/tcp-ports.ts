// TCP ports of 127.0.0.1 that lead from this machine into the embedded system and out of it: so real programs reach what listens
// there, by SSL too, and programs there reach real ones.

import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { StreamAddress, StreamListener, StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { carry } from "./carry.ts";

/** A port of the machine and one of the embedded host. */
export interface PortPair {
  readonly outside: number;
  readonly inside: number;
}

/** A port that cannot be used. */
export class PortUnusable extends Error {}

const loopback = (port: number): StreamAddress => ({
  family: "inet",
  address: Uint8Array.of(127, 0, 0, 1),
  port,
});

export class TcpPorts {
  readonly #system: EmbeddedSystem;
  readonly #wake: () => void;
  readonly #servers: Server[] = [];
  readonly #listeners: StreamListener[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(system: EmbeddedSystem, wake: () => void) {
    this.#system = system;
    this.#wake = wake;
  }

  get #caller(): { readonly pid: number; readonly cwd: string; readonly netns: { readonly inode: number } } {
    return { pid: 1, cwd: "/", netns: this.#system.initialNetns };
  }

  /** The machine's port leads to the embedded host's. Errors: PortUnusable. */
  async publish({ outside, inside }: PortPair): Promise<void> {
    const server = createServer((socket) => {
      this.#keep(socket);
      let stream: StreamSocket;
      try {
        stream = this.#system.connectStream(this.#caller, loopback(inside));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        socket.destroy(); // nobody listens there yet
        return;
      }
      carry(socket, stream, this.#wake);
      this.#wake();
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(new PortUnusable(error.message)));
      server.listen(outside, "127.0.0.1", resolve);
    });
  }

  /** The embedded host's port leads to the machine's. Errors: PortUnusable. */
  reach({ outside, inside }: PortPair): void {
    let listener: StreamListener;
    try {
      listener = this.#system.listenStream(this.#caller, loopback(inside));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new PortUnusable(`port ${inside} of the embedded host: ${strerror(error.errno)}`);
    }
    this.#listeners.push(listener);
    listener.subscribe(() => {
      for (let stream = listener.accept(); stream; stream = listener.accept()) {
        const socket = connect(outside, "127.0.0.1");
        this.#keep(socket);
        carry(socket, stream, this.#wake);
      }
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const listener of this.#listeners) listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
