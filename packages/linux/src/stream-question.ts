// A question to a server behind a unix socket that is waited for: the event loop stands still meanwhile, so that nothing that is
// watched goes on before there is an answer.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { libc } from "./libc.ts";
import { connectStream } from "./stream-socket.ts";

const LONGEST_WAIT = 3000; // milliseconds
const STEP = 2; // milliseconds

/** A connection on which each answer is waited for. Errors of all: Refusal, also ETIMEDOUT. */
export interface Questions {
  send(bytes: Uint8Array): void;
  /** Gives what comes to `take` until that has an answer. */
  answer<T>(take: (bytes: Uint8Array) => T | undefined): T;
}

export function questions<T>(path: string, ask: (connection: Questions) => T): T {
  const socket = connectStream({ family: "unix", path });
  try {
    return ask({
      send: (bytes) => socket.output.write(bytes),
      answer: (take) => {
        for (let waited = 0; waited < LONGEST_WAIT;) {
          const bytes = socket.input.read();
          if (bytes === null) throw new Refusal(ERRNO.ECONNRESET);
          const found = bytes === undefined ? undefined : take(bytes);
          if (found !== undefined) return found;
          if (bytes !== undefined) continue;
          libc.poll(null, 0, STEP);
          waited += STEP;
        }
        throw new Refusal(ERRNO.ETIMEDOUT);
      },
    });
  } finally {
    socket.close();
  }
}
