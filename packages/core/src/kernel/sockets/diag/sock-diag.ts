// The sock_diag server (net/core/sock_diag.c): who answers for which family. Only dumps are asked for by tools; a request for one
// socket by its cookie is refused as one that is not there.

import { ERRNO } from "../../../netlink/errno.ts";
import { NLM_F } from "../../../netlink/message.ts";
import type { NetlinkMessage } from "../../../netlink/message.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { SOCK_DIAG } from "../../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import type { NetlinkEndpoint } from "../../netlink/endpoint.ts";
import type { Request } from "../../netlink/handlers.ts";
import { acknowledge, answerDump, attempt, requestOf } from "../../netlink/rtnetlink.ts";
import type { UnixSockets } from "../unix.ts";
import { destroyInet, dumpInet } from "./inet-diag.ts";
import { dumpNetlink } from "./netlink-diag.ts";
import { dumpPacket } from "./packet-diag.ts";
import { dumpUnix } from "./unix-diag.ts";

const AF_UNIX = 1;
const AF_NETLINK = 16;

/** Sockets that are not the network's: whoever puts the host together knows them. */
export interface StreamSockets {
  readonly unix: UnixSockets;
}

/** Answers one message. */
export function dispatchSockDiag(
  streams: StreamSockets,
  endpoint: NetlinkEndpoint,
  message: NetlinkMessage,
): void {
  const { request } = requestOf(endpoint, message);
  const isDump = (message.flags & NLM_F.DUMP) !== 0;
  const outcome = attempt(() => {
    if (message.body.length === 0) throw new Refusal(ERRNO.EINVAL);
    if (message.type === SOCK_DIAG.DESTROY) return destroyInet(request);
    if (message.type !== SOCK_DIAG.BY_FAMILY) throw new Refusal(ERRNO.EINVAL);
    const bodies = dumpOf(streams, request);
    if (!isDump) throw new Refusal(ERRNO.ENOENT);
    answerDump(endpoint, request, [() => ({ type: SOCK_DIAG.BY_FAMILY, bodies: bodies() })]);
  });
  if (outcome.errno !== 0 || (!isDump && (message.flags & NLM_F.ACK) !== 0))
    acknowledge(endpoint, message, outcome.errno, outcome.extack);
}

function dumpOf(streams: StreamSockets, request: Request): () => Iterable<Uint8Array> {
  switch (request.message.body[0]) {
    case AF.INET:
    case AF.INET6:
      return () => dumpInet(request);
    case AF.PACKET:
      return () => dumpPacket(request);
    case AF_NETLINK:
      return () => dumpNetlink(request);
    case AF_UNIX:
      return () => dumpUnix(request, streams.unix);
    default:
      throw new Refusal(ERRNO.ENOENT);
  }
}
