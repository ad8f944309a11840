// IP sockets by what socket(2) was asked for.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { InetSocket, InetSocketKind } from "../../system/sockets.ts";
import type { Netns } from "../netns.ts";

/**
 * Opens a socket in `netns`. `settle` runs what a sent datagram sets off.
 * Errors: EAFNOSUPPORT for a family without sockets, EPROTONOSUPPORT.
 */
export function openInetSocket(_netns: Netns, kind: InetSocketKind, _settle: () => void): InetSocket {
  throw new Refusal(kind.family === "inet" ? ERRNO.EPROTONOSUPPORT : ERRNO.EAFNOSUPPORT);
}
