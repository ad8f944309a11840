// A stream socket whose bytes somebody looks at on their way out.

import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";

/** @param sending gives what is really written @param closed called when it has been closed */
export function withWatchedOutput(
  socket: StreamSocket,
  sending: (bytes: Uint8Array) => Uint8Array,
  closed: () => void = () => {},
): StreamSocket {
  const { output } = socket;
  return {
    ...socket,
    output: {
      get ready() {
        return output.ready;
      },
      subscribe: (wake) => output.subscribe(wake),
      write: (bytes) => {
        const sent = sending(bytes);
        if (sent.length > 0) output.write(sent);
      },
    },
    endOutput: () => socket.endOutput(),
    close: () => {
      socket.close();
      closed();
    },
  };
}
