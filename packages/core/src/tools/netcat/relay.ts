// What nc does once it has a peer: standard input goes out, what comes in goes to standard output, until one of them ends.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { Waitable } from "../../system/streams.ts";
import { untilWritable } from "../coreutils/streams.ts";
import type { NetcatOptions } from "./netcat.ts";

/** The other side. Undefined from `read`: nothing yet; null: it has closed. */
export interface Peer extends Waitable {
  read(): Uint8Array | null | undefined;
  write(bytes: Uint8Array): void;
  /** No more is sent. */
  shutdown(): void;
  close(): void;
}

/** The exit code. */
export async function relay(process: Process, peer: Peer, options: NetcatOptions): Promise<number> {
  const { stdin } = process;
  let open = !options.detached;
  let quitAt: number | undefined;
  let taken = 0;
  for (;;) {
    const left = quitAt === undefined ? undefined : Math.max(0, quitAt - process.monotonic());
    const limit = Math.min(left ?? Infinity, options.idle ?? Infinity);
    const result = await process.wait(
      open ? [stdin, peer] : [peer],
      Number.isFinite(limit) ? limit : undefined,
    );
    if (result === "timeout") return 0;
    try {
      const bytes = peer.read();
      if (bytes === null) return 0;
      if (bytes !== undefined) {
        process.write(1, bytes);
        await untilWritable(process);
        if (options.most !== undefined && ++taken >= options.most) return 0;
      }
      if (!open || !stdin.ready) continue;
      const typed = stdin.read();
      if (typed === null) {
        open = false;
        if (options.quit === 0) return 0;
        if (options.quit !== undefined) quitAt = process.monotonic() + options.quit;
        if (options.shutdown || (options.quit !== undefined && options.quit >= 0)) peer.shutdown();
      } else if (typed !== undefined) peer.write(typed);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      // Nobody listens there: a datagram socket hears of it by ICMP, and the original ends without a word.
      if (!options.udp) process.warn(`nc: ${strerror(refusal.errno)}\n`);
      return 1;
    }
  }
}
