// Node's standard streams as streams of the embedded system. Input that a program waits for holds a virtual clock, since
// typing takes no virtual time.

import type { Descriptor, Input } from "@patchcord/core/system/streams.ts";
import { descriptor, sinkOutput, Wakers } from "@patchcord/core/system/streams.ts";

/** Standard input. `hold` keeps the clock while somebody waits for it. */
export function hostInput(
  stream: NodeJS.ReadStream & { readonly fd: number },
  hold: () => () => void,
): Input {
  const wakers = new Wakers();
  let chunks: Uint8Array[] = [];
  let ended = false;
  let listening = false;
  let waiting = 0;
  let release: (() => void) | undefined;
  const isReady = (): boolean => chunks.length > 0 || ended;
  const settle = (): void => {
    const blocked = waiting > 0 && !isReady();
    if (blocked) release ??= hold();
    else {
      release?.();
      release = undefined;
    }
  };
  const arrived = (): void => {
    wakers.wake();
    settle();
  };
  const listen = (): void => {
    if (listening) return;
    listening = true;
    stream.on("data", (chunk: Buffer) => {
      chunks.push(new Uint8Array(chunk));
      arrived();
    });
    const end = (): void => {
      ended = true;
      arrived();
    };
    stream.on("end", end);
    stream.on("error", end);
  };
  return {
    // A terminal is shared with the programs that are started; what a pipe holds has been read ahead.
    hostDescriptor: stream.isTTY ? stream.fd : undefined,
    get ready() {
      return isReady();
    },
    subscribe: (wake) => {
      listen();
      waiting++;
      const end = wakers.subscribe(wake);
      settle();
      return () => {
        end();
        waiting--;
        settle();
      };
    },
    read: () => {
      listen();
      const first = chunks.shift();
      return first ?? (ended ? null : undefined);
    },
    unread: (bytes) => {
      if (bytes.length > 0) chunks = [bytes, ...chunks];
    },
  };
}

/** Standard output or error. A closed pipe raises EPIPE in whoever writes next, by way of `broken`. */
export function hostOutput(stream: NodeJS.WriteStream & { readonly fd: number }): Descriptor {
  const { isTTY, columns, rows } = stream;
  const output = sinkOutput(
    (bytes) => {
      stream.write(bytes.slice());
    },
    isTTY ? { columns: columns || 80, rows: rows || 24 } : undefined,
  );
  return descriptor({ output: { ...output, hostDescriptor: stream.fd } });
}
