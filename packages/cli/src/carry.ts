// Joins a socket of this machine and a stream of the embedded system.

import type { Socket } from "node:net";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";

/** Carries bytes both ways until one side ends. Whoever is slow is waited for. */
export function carry(socket: Socket, stream: StreamSocket, wake: () => void): void {
  let writable = true;
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    endInput();
    endOutput();
    stream.close();
    wake();
  };
  const carryOut = (): void => {
    if (!open) return;
    while (writable) {
      const bytes = stream.input.read();
      if (bytes === undefined) return;
      if (bytes === null) {
        socket.end();
        close();
        return;
      }
      writable = socket.write(bytes);
    }
  };
  const endInput = stream.input.subscribe(carryOut);
  const endOutput = stream.output.subscribe(() => {
    if (stream.output.ready) socket.resume();
  });
  socket.on("drain", () => {
    writable = true;
    carryOut();
  });
  socket.on("data", (bytes) => {
    if (!open) return;
    try {
      stream.output.write(bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      socket.destroy();
      return;
    }
    if (!stream.output.ready) socket.pause();
    wake();
  });
  socket.on("end", close);
  socket.on("error", close);
  socket.on("close", close);
  carryOut(); // a switch says hello while it is being connected to
}
