// Which layer answers which rtnetlink message (rtnl_register). A request whose family has no handler of its own goes to
// the one for AF_UNSPEC, as in rtnetlink_rcv_msg().

import { AF } from "../../netlink/rtnl/types.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import type { Netns } from "../netns.ts";
import type { NetlinkEndpoint } from "./endpoint.ts";

/** A request in the place where it was made. */
export interface Request {
  readonly message: NetlinkMessage;
  readonly netns: Netns;
  readonly endpoint: NetlinkEndpoint;
  /** Sends one reply to the requester (rtnl_unicast): type and body. */
  reply(type: number, body: Uint8Array): void;
  /** Text for the acknowledgement of a request that succeeds ("Warning: ..."). */
  warn(text: string): void;
}

/** Changes something or answers one thing. Errors: Refusal. */
export type DoHandler = (request: Request) => void;

/** The messages of a dump, in the kernel's order. Errors: Refusal (in NLMSG_DONE). */
export interface DumpResult {
  readonly type: number;
  readonly bodies: Iterable<Uint8Array>;
  /** NLM_F_DUMP_FILTERED: the kernel has left out what was not asked for. */
  readonly filtered?: boolean;
}
export type DumpHandler = (request: Request) => DumpResult;

export interface Handlers {
  readonly doit?: DoHandler;
  readonly dump?: DumpHandler;
}

export class RtnetlinkHandlers {
  readonly #byType = new Map<number, Map<number, Handlers>>();

  register(family: number, type: number, handlers: Handlers): void {
    let families = this.#byType.get(type);
    if (!families) this.#byType.set(type, (families = new Map()));
    families.set(family, { ...families.get(family), ...handlers });
  }

  doit(family: number, type: number): DoHandler | undefined {
    const families = this.#byType.get(type);
    return families?.get(family)?.doit ?? families?.get(AF.UNSPEC)?.doit;
  }

  dump(family: number, type: number): DumpHandler | undefined {
    const families = this.#byType.get(type);
    return families?.get(family)?.dump ?? families?.get(AF.UNSPEC)?.dump;
  }

  /** Dump handlers of every real family, ascending: a dump for AF_UNSPEC asks them all (rtnl_dump_all). */
  dumpsOfAllFamilies(type: number): DumpHandler[] {
    const families = [...(this.#byType.get(type) ?? [])].sort(([a], [b]) => a - b);
    return families.flatMap(([family, handlers]) =>
      family !== AF.UNSPEC && family !== AF.PACKET && handlers.dump ? [handlers.dump] : [],
    );
  }
}
