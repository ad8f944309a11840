// Reading notifications as libnetlink does (rtnl_listen): what was lost for want of room in the queue is told of, and
// listening goes on.

import { ERRNO, strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import type { Process } from "../../../system/process.ts";
import type { NetlinkSocket } from "../../../system/sockets.ts";

/** The next datagram, undefined if none is there, or "lost" where some did not fit. Ends the program on other errors. */
export function receiveOrTell(process: Process, socket: NetlinkSocket): Uint8Array | undefined | "lost" {
  try {
    return socket.receive();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { errno } = refusal;
    process.flush();
    process.warn(`netlink receive error ${strerror(errno)} (${errno})\n`);
    return errno === ERRNO.ENOBUFS ? "lost" : process.exit(1);
  }
}
