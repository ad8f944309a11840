// The kernel's connection tracker as a program sees it by netlink (Open vSwitch's lib/netlink-conntrack.c). It is one of the whole
// namespace, whatever datapath is asked about.

import type { DpifTracker } from "../../dpctl/dpif.ts";
import type { NetlinkClient, NetlinkResult } from "../../netlink/client.ts";
import { strerror } from "../../netlink/errno.ts";
import { decodeConntrack, encodeConntrack, IPCTNL_MSG_CT } from "../../netlink/netfilter/conntrack.ts";
import type { ConntrackMessage } from "../../netlink/netfilter/conntrack.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { readConnectionMessage, tupleAttributes } from "../../ovsproto/datapath/connection-messages.ts";
import type { TrackedConnection, Tuple } from "../../ovsproto/datapath/connection.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { DatapathNetlink } from "./datapath-netlink.ts";

export class NetlinkTracker implements DpifTracker {
  readonly settings = undefined;
  readonly #netlink: DatapathNetlink;

  constructor(netlink: DatapathNetlink) {
    this.#netlink = netlink;
  }

  #ask(ask: (client: NetlinkClient) => NetlinkResult): NetlinkResult {
    try {
      return ask(this.#netlink.netfilter);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const { errno } = refusal;
      return { ok: false, errno, extack: {}, text: strerror(errno) };
    }
  }

  #messages(): readonly ConntrackMessage[] | number {
    const result = this.#ask((client) => client.dump(IPCTNL_MSG_CT.GET, encodeConntrack({})));
    if (!result.ok) return result.errno;
    return result.messages.flatMap(({ body }) => {
      const message = decodeConntrack(body);
      return isMalformed(message) ? [] : [message];
    });
  }

  connections(zone: number | undefined): readonly TrackedConnection[] | number {
    const messages = this.#messages();
    if (typeof messages === "number") return messages;
    return messages
      .flatMap((message) => readConnectionMessage(message) ?? [])
      .filter((connection) => zone === undefined || connection.zone === zone);
  }

  /** nl_ct_flush_zone(): the kernel forgets all, or one by one. */
  flush(zone: number | undefined): number {
    if (zone === undefined) return this.#delete({});
    const messages = this.#messages();
    if (typeof messages === "number") return messages;
    for (const { family, original, id, zone: of = 0 } of messages) {
      if (of === zone) this.#delete({ family, original, zone, id });
    }
    return 0;
  }

  forget(zone: number, original: Tuple): number {
    const family = original.version6 ? AF.INET6 : AF.INET;
    return this.#delete({ family, original: tupleAttributes(original), zone });
  }

  #delete(named: Partial<ConntrackMessage>): number {
    const result = this.#ask((client) => client.request(IPCTNL_MSG_CT.DELETE, 0, encodeConntrack(named)));
    return result.ok ? 0 : result.errno;
  }
}
