// unix(7) sockets in sock_diag (net/unix/diag.c).

import { ERRNO } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { decodeUnixDiagRequest, encodeUnixDiagSocket, UNIX_SHOW } from "../../../netlink/sock-diag/local.ts";
import { SOCKET_STATE } from "../../../netlink/sock-diag/sock-diag.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { Request } from "../../netlink/handlers.ts";
import type { UnixSockets } from "../unix.ts";
import { cookieOf } from "./cookies.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;

export function dumpUnix(request: Request, sockets: UnixSockets): Uint8Array[] {
  const asked = decodeUnixDiagRequest(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  const { kernel, inode } = request.netns;
  const shows = (bit: number): boolean => (asked.show & bit) !== 0;
  return [...sockets.open()].flatMap((socket) => {
    if (socket.netns !== inode) return [];
    const state = socket.listening ? SOCKET_STATE.LISTEN : SOCKET_STATE.ESTABLISHED;
    if ((asked.states & (1 << state)) === 0) return [];
    return [
      encodeUnixDiagSocket({
        family: AF_UNIX,
        type: SOCK_STREAM,
        state,
        inode: socket.inode,
        cookie: cookieOf(kernel, socket),
        name:
          shows(UNIX_SHOW.NAME) && socket.path !== undefined
            ? new TextEncoder().encode(socket.path)
            : undefined,
        vfs:
          shows(UNIX_SHOW.VFS) && socket.file !== undefined
            ? { inode: socket.file.inode, device: socket.file.device }
            : undefined,
        peer: shows(UNIX_SHOW.PEER) && socket.peer !== undefined ? socket.peer : undefined,
        queues: shows(UNIX_SHOW.RQLEN)
          ? { receive: 0, send: socket.listening ? socket.backlog : 0 }
          : undefined,
        shutdown: 0,
      }),
    ];
  });
}
