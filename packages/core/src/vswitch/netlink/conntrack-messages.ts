// Connections that the datapaths of a namespace have committed, to programs that ask netfilter for them
// (net/netfilter/nf_conntrack_netlink.c).

import type { Kernel } from "../../kernel/kernel.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { decodeConntrack, encodeConntrack, IPCTNL_MSG_CT } from "../../netlink/netfilter/conntrack.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { connectionMessage, readTupleAttributes } from "../../ovsproto/datapath/connection-messages.ts";
import { sameTuple } from "../conntrack/connection-table.ts";
import type { Connection } from "../conntrack/connection.ts";
import { TCP_STATES } from "../conntrack/tcp-state.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { decoded } from "./request.ts";

export function installConntrackMessages(kernel: Kernel, datapaths: KernelDatapaths): void {
  const flush = ({ netns }: Request, wanted: (connection: Connection) => boolean): number =>
    datapaths.in(netns).reduce((sum, { conntrack }) => sum + conntrack.flush(wanted), 0);
  kernel.netfilter.set(IPCTNL_MSG_CT.GET, {
    dump: ({ netns }) => ({
      type: IPCTNL_MSG_CT.NEW,
      bodies: datapaths
        .in(netns)
        .flatMap(({ conntrack, now }) => conntrack.all().map((connection) => bodyOf(connection, now))),
    }),
  });
  kernel.netfilter.set(IPCTNL_MSG_CT.DELETE, {
    doit: (request) => {
      const { original, zone = 0 } = decoded(decodeConntrack(request.message.body));
      if (original === undefined) {
        flush(request, () => true);
        return;
      }
      const tuple = readTupleAttributes(original);
      if (tuple === undefined) throw new Refusal(ERRNO.EINVAL);
      const count = flush(request, (each) => each.zone === zone && sameTuple(each.original, tuple));
      if (count === 0) throw new Refusal(ERRNO.ENOENT);
    },
  });
}

function bodyOf(connection: Connection, now: number): Uint8Array {
  return encodeConntrack(connectionMessage(connection.told(now), TCP_STATES.indexOf(connection.tcp)));
}
