// The rtnetlink server's entry: decides between a change and a dump, calls the layer that registered, and answers
// (net/core/rtnetlink.c: rtnetlink_rcv_msg, netlink_rcv_skb, netlink_dump).

import { ERRNO } from "../../netlink/errno.ts";
import { encodeDone, encodeError, NLM_F, NLMSG } from "../../netlink/message.ts";
import type { Extack, NetlinkMessage } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { AF, readFamily } from "../../netlink/rtnl/types.ts";
import type { Kernel } from "../kernel.ts";
import type { NetlinkEndpoint } from "./endpoint.ts";
import type { DumpHandler, Request } from "./handlers.ts";

const RTM_BASE = 16;

/** Runs `act`; a Refusal becomes the extended ack and errno of the answer. Bugs pass through. */
export function attempt(act: () => void): { readonly errno: number; readonly extack: Extack } {
  try {
    act();
    return { errno: 0, extack: {} };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { message, offset, missingType } = refusal.extack ?? {};
    return {
      errno: refusal.errno,
      extack: {
        ...(message === undefined ? {} : { message }),
        ...(offset === undefined ? {} : { offset }),
        ...(missingType === undefined ? {} : { missType: missingType }),
      },
    };
  }
}

/** Answers one rtnetlink message. */
export function dispatchRtnetlink(kernel: Kernel, endpoint: NetlinkEndpoint, message: NetlinkMessage): void {
  if ((message.flags & NLM_F.REQUEST) === 0 || message.type < NLMSG.MIN_TYPE) {
    if (message.flags & NLM_F.ACK) acknowledge(endpoint, message, 0, {});
    return;
  }
  const { request, warning } = requestOf(endpoint, message);
  const family = message.body.length > 0 ? readFamily(message.body) : AF.UNSPEC;
  // The kind of a message is in the two low bits of its type: NEW, DEL, GET, SET.
  const isGet = ((message.type - RTM_BASE) & 3) === 2;
  if (isGet && (message.flags & NLM_F.DUMP) !== 0) {
    const dumps = dumpHandlers(kernel, family, message.type);
    if (dumps.length > 0) {
      answerDump(endpoint, request, dumps);
      return;
    }
    acknowledge(endpoint, message, ERRNO.EOPNOTSUPP, {});
    return;
  }
  const doit = kernel.rtnetlink.doit(family, message.type);
  const outcome = doit ? attempt(() => doit(request)) : { errno: ERRNO.EOPNOTSUPP, extack: {} };
  if (outcome.errno !== 0 || (message.flags & NLM_F.ACK) !== 0) {
    const warned = warning();
    acknowledge(
      endpoint,
      message,
      outcome.errno,
      warned !== undefined && outcome.extack.message === undefined
        ? { ...outcome.extack, message: warned }
        : outcome.extack,
    );
  }
}

/** A request as handlers see it, and the warning that one of them left for its acknowledgement. */
export function requestOf(
  endpoint: NetlinkEndpoint,
  message: NetlinkMessage,
): { request: Request; warning: () => string | undefined } {
  let warned: string | undefined;
  const request: Request = {
    message,
    netns: endpoint.netns,
    endpoint,
    reply: (type, body) =>
      endpoint.deliver([{ type, flags: 0, seq: message.seq, portid: endpoint.portid, body }]),
    warn: (text) => {
      warned = text;
    },
  };
  return { request, warning: () => warned };
}

function dumpHandlers(kernel: Kernel, family: number, type: number): DumpHandler[] {
  const own = kernel.rtnetlink.dump(family, type);
  if (family !== AF.UNSPEC) return own ? [own] : [];
  return own ? [own] : kernel.rtnetlink.dumpsOfAllFamilies(type);
}

/** Answers with everything that the handlers have, and NLMSG_DONE. */
export function answerDump(endpoint: NetlinkEndpoint, request: Request, dumps: readonly DumpHandler[]): void {
  const { message } = request;
  const messages: NetlinkMessage[] = [];
  let flags: number = NLM_F.MULTI;
  const outcome = attempt(() => {
    for (const dump of dumps) {
      const { type, bodies, filtered } = dump(request);
      if (filtered) flags |= NLM_F.DUMP_FILTERED;
      for (const body of bodies)
        messages.push({ type, flags, seq: message.seq, portid: endpoint.portid, body });
    }
  });
  messages.push(encodeDone(message, outcome, endpoint.options, flags, endpoint.portid));
  endpoint.deliver(messages);
}

export function acknowledge(
  endpoint: NetlinkEndpoint,
  message: NetlinkMessage,
  errno: number,
  extack: Extack,
): void {
  endpoint.deliver([encodeError(message, errno, extack, endpoint.options, endpoint.portid)]);
}
