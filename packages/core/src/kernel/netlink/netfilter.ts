// The server of NETLINK_NETFILTER: finds who answers by the message's type, whose high byte is that of a subsystem
// (net/netfilter/nfnetlink.c: nfnetlink_rcv_msg). No nf_tables: without a subsystem a message is refused.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F, NLMSG } from "../../netlink/message.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import type { Kernel } from "../kernel.ts";
import type { NetlinkEndpoint } from "./endpoint.ts";
import { acknowledge, answerDump, attempt, requestOf } from "./rtnetlink.ts";

/** Answers one message. */
export function dispatchNetfilter(kernel: Kernel, endpoint: NetlinkEndpoint, message: NetlinkMessage): void {
  if ((message.flags & NLM_F.REQUEST) === 0 || message.type < NLMSG.MIN_TYPE) {
    if (message.flags & NLM_F.ACK) acknowledge(endpoint, message, 0, {});
    return;
  }
  const { doit, dump } = kernel.netfilter.get(message.type) ?? {};
  const { request } = requestOf(endpoint, message);
  if (dump && (message.flags & NLM_F.DUMP) === NLM_F.DUMP) {
    answerDump(endpoint, request, [dump]);
    return;
  }
  const outcome = doit ? attempt(() => doit(request)) : { errno: ERRNO.EINVAL, extack: {} };
  if (outcome.errno !== 0 || (message.flags & NLM_F.ACK) !== 0)
    acknowledge(endpoint, message, outcome.errno, outcome.extack);
}
