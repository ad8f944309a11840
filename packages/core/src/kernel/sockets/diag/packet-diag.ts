// packet(7) sockets in sock_diag (net/packet/diag.c).

import { ERRNO } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import {
  decodePlainDiagRequest,
  encodePacketDiagSocket,
  PACKET_INFO_FLAG,
  PACKET_SHOW,
} from "../../../netlink/sock-diag/local.ts";
import { memoryList } from "../../../netlink/sock-diag/sock-diag.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { coreSetting } from "../../core-sysctls.ts";
import type { Request } from "../../netlink/handlers.ts";
import { packetSockets } from "../packet.ts";
import { cookieOf } from "./cookies.ts";

const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
/** A version of the ring (TPACKET_V1 is 0, TPACKET_V3 is 2). */
const RING_VERSION = 2;

export function dumpPacket(request: Request): Uint8Array[] {
  const asked = decodePlainDiagRequest(request.message.body);
  if (isMalformed(asked) || asked.protocol !== 0) throw new Refusal(ERRNO.EINVAL);
  const { kernel } = request.netns;
  return packetSockets(request.netns).map((socket) => {
    const state = socket.describe();
    const shows = (bit: number): boolean => (asked.show & bit) !== 0;
    return encodePacketDiagSocket({
      family: AF.PACKET,
      type: state.raw ? SOCK_RAW : SOCK_DGRAM,
      protocol: state.protocol,
      inode: socket.inode,
      cookie: cookieOf(kernel, socket),
      info: shows(PACKET_SHOW.INFO)
        ? {
            ifindex: state.ifindex,
            version: state.ring ? RING_VERSION : 0,
            reserve: 0,
            copyThreshold: 0,
            timestamp: 0,
            flags: (state.running ? PACKET_INFO_FLAG.RUNNING : 0) | PACKET_INFO_FLAG.AUXDATA,
          }
        : undefined,
      uid: shows(PACKET_SHOW.INFO) ? 0 : undefined,
      memory: shows(PACKET_SHOW.MEMINFO)
        ? memoryList({
            receiveUsed: state.queued,
            receiveBuffer: state.receiveBuffer,
            sendUsed: 0,
            sendBuffer: coreSetting(kernel, "wmem_default"),
            forwardAllocated: 0,
            sendQueued: 0,
            optionMemory: 0,
            backlog: 0,
            drops: state.drops,
          })
        : undefined,
      filter: shows(PACKET_SHOW.FILTER) && state.filter ? [...state.filter] : undefined,
    });
  });
}
