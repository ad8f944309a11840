// Next-hop objects that routes with -d tell of, asked of the kernel once.

import { decodeNexthop, encodeNexthop } from "../../../netlink/rtnl/nexthop.ts";
import type { NexthopMessage } from "../../../netlink/rtnl/nexthop.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { Rtnl } from "../rtnl.ts";

export class NexthopCache {
  readonly #rtnl: Rtnl;
  readonly #byId = new Map<number, NexthopMessage>();

  constructor(rtnl: Rtnl) {
    this.#rtnl = rtnl;
  }

  /** Undefined if there is none, or no longer. */
  find(id: number): NexthopMessage | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const answer = this.#rtnl.ask(RTM.GETNEXTHOP, 0, encodeNexthop({ id }));
    const [reply] = answer.ok ? answer.messages : [];
    const message = reply && decodeNexthop(reply.body);
    if (message === undefined || isMalformed(message)) return undefined;
    this.#byId.set(id, message);
    return message;
  }

  /** An announced change. */
  remember(message: NexthopMessage, deleted: boolean): void {
    if (message.id === undefined) return;
    if (deleted) this.#byId.delete(message.id);
    else this.#byId.set(message.id, message);
  }
}
