// What nc does once it has a peer: standard input goes out, what comes in goes to standard output, until both have ended, or one of them
// has where that is enough.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { Waitable } from "../../system/streams.ts";
import { untilWritable } from "../coreutils/streams.ts";
import type { NetcatOptions } from "./options.ts";

/** The other side. Undefined from `read`: nothing yet; null: it has closed. */
export interface Peer extends Waitable {
  read(): Uint8Array | null | undefined;
  write(bytes: Uint8Array): void;
  /** Waits while too much is on the way. Absent: there is no such thing. */
  untilWritable?(process: Process): Promise<void>;
  /** No more is sent. */
  shutdown(): void;
  close(): void;
}

/** The exit code. */
export async function relay(process: Process, peer: Peer, options: NetcatOptions): Promise<number> {
  const { stdin } = process;
  let reads = !options.detached;
  let hears = true;
  let quitAt: number | undefined;
  let taken = 0;
  // Whoever listens is done when the other side is; whoever called still has something to say.
  while (hears || (reads && !options.listen)) {
    const left = quitAt === undefined ? undefined : Math.max(0, quitAt - process.monotonic());
    const limit = Math.min(left ?? Infinity, options.idle ?? Infinity);
    const sources = [...(reads ? [stdin] : []), ...(hears ? [peer] : [])];
    if ((await process.wait(sources, Number.isFinite(limit) ? limit : undefined)) === "timeout") return 0;
    try {
      const bytes = hears ? peer.read() : undefined;
      if (bytes === null) hears = false;
      else if (bytes !== undefined) {
        process.write(1, bytes);
        await untilWritable(process);
        if (options.most !== undefined && ++taken >= options.most) return 0;
      }
      if (!reads || !stdin.ready) continue;
      const typed = stdin.read();
      if (typed === null) {
        reads = false;
        if (options.quit === 0) return 0;
        if (options.quit !== undefined) quitAt = process.monotonic() + options.quit;
        if (options.shutdown || options.quit !== undefined) peer.shutdown();
      } else if (typed !== undefined) await send(process, peer, typed, options);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      // Nobody listens there: a datagram socket hears of it by ICMP, and the original ends without a word.
      if (!options.udp && hears) process.warn(`nc: ${strerror(refusal.errno)}\n`);
      return hears ? 1 : 0;
    }
  }
  return 0;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** With -i a line at a time, with pauses behind them; with -C line ends are CR LF. */
async function send(process: Process, peer: Peer, bytes: Uint8Array, options: NetcatOptions): Promise<void> {
  const all = options.crlf
    ? Uint8Array.from([...bytes].flatMap((byte) => (byte === LINE_FEED ? [CARRIAGE_RETURN, byte] : [byte])))
    : bytes;
  if (options.interval === 0) {
    peer.write(all);
    await peer.untilWritable?.(process);
    return;
  }
  for (let at = 0; at < all.length;) {
    const end = all.indexOf(LINE_FEED, at) + 1 || all.length;
    peer.write(all.subarray(at, end));
    at = end;
    await process.sleep(options.interval);
  }
}
