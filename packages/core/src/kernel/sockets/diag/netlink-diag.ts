// netlink(7) sockets in sock_diag (net/netlink/diag.c): those of programs, and the kernel's own end of each protocol.

import { ERRNO } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import {
  ALL_NETLINK_PROTOCOLS,
  decodePlainDiagRequest,
  encodeNetlinkDiagSocket,
  NETLINK_SHOW,
} from "../../../netlink/sock-diag/local.ts";
import { memoryList } from "../../../netlink/sock-diag/sock-diag.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { coreSetting } from "../../core-sysctls.ts";
import type { Kernel } from "../../kernel.ts";
import type { Request } from "../../netlink/handlers.ts";
import { cookieOf } from "./cookies.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
/** Protocols that the kernel listens on. */
const PROTOCOLS = [0, 4, 16] as const;

export function dumpNetlink(request: Request): Uint8Array[] {
  const asked = decodePlainDiagRequest(request.message.body);
  if (isMalformed(asked)) throw new Refusal(ERRNO.EINVAL);
  const { endpoints, kernel } = request.netns;
  const memory = (asked.show & NETLINK_SHOW.MEMINFO) === 0 ? undefined : memoryOf(kernel);
  return PROTOCOLS.filter(
    (protocol) => asked.protocol === ALL_NETLINK_PROTOCOLS || asked.protocol === protocol,
  ).flatMap((protocol) => {
    const own = encodeNetlinkDiagSocket({ family: AF_NETLINK, type: SOCK_RAW, protocol, memory });
    const others = [...endpoints]
      .filter((endpoint) => endpoint.protocol === protocol)
      .map((endpoint) =>
        encodeNetlinkDiagSocket({
          family: AF_NETLINK,
          type: SOCK_RAW,
          protocol,
          portid: endpoint.portid,
          inode: endpoint.inode,
          cookie: cookieOf(kernel, endpoint),
          groups:
            (asked.show & NETLINK_SHOW.GROUPS) !== 0 && endpoint.groups.size > 0
              ? groupWords(endpoint.groups)
              : undefined,
          memory,
        }),
      );
    return [own, ...others];
  });
}

/** Nothing waits in a socket of the embedded kernel that its program has not taken. */
function memoryOf(kernel: Kernel): ReturnType<typeof memoryList> {
  return memoryList({
    receiveUsed: 0,
    receiveBuffer: coreSetting(kernel, "rmem_default"),
    sendUsed: 0,
    sendBuffer: coreSetting(kernel, "wmem_default"),
    forwardAllocated: 0,
    sendQueued: 0,
    optionMemory: 0,
    backlog: 0,
    drops: 0,
  });
}

/** A bit a group, in two words of 32 bits at least. */
function groupWords(groups: ReadonlySet<number>): number[] {
  const words = [0, 0];
  for (const group of groups) {
    const at = (group - 1) >> 5;
    while (words.length <= at) words.push(0);
    words[at] = ((words[at] ?? 0) | (1 << ((group - 1) & 31))) >>> 0;
  }
  return words;
}
