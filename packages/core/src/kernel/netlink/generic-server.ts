// The generic netlink server: finds the family by message type and the command by the genlmsghdr (net/netlink/genetlink.c:
// genl_rcv_msg). The families themselves are elsewhere; the controller is in generic-control.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F, NLMSG } from "../../netlink/message.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Kernel } from "../kernel.ts";
import type { NetlinkEndpoint } from "./endpoint.ts";
import type { GenericFamily } from "./generic.ts";
import type { Request } from "./handlers.ts";
import { acknowledge, answerDump, attempt, requestOf } from "./rtnetlink.ts";

/** cmd (u8), version (u8), reserved (u16). */
export const GENERIC_HEADER_LENGTH = 4;

/** Answers one generic netlink message. */
export function dispatchGeneric(kernel: Kernel, endpoint: NetlinkEndpoint, message: NetlinkMessage): void {
  if ((message.flags & NLM_F.REQUEST) === 0 || message.type < NLMSG.MIN_TYPE) {
    if (message.flags & NLM_F.ACK) acknowledge(endpoint, message, 0, {});
    return;
  }
  const family = kernel.generic.byId(message.type);
  if (!family) {
    acknowledge(endpoint, message, ERRNO.ENOENT, {});
    return;
  }
  const { request, warning } = requestOf(endpoint, message);
  const outcome = attempt(() => perform(family, request));
  if (outcome.errno === 0 && (message.flags & NLM_F.ACK) === 0) return;
  if (outcome.errno === 0 && isDump(message)) return; // NLMSG_DONE was the answer
  const text = outcome.extack.message ?? warning();
  acknowledge(
    endpoint,
    message,
    outcome.errno,
    text === undefined ? outcome.extack : { ...outcome.extack, message: text },
  );
}

function isDump(message: NetlinkMessage): boolean {
  return (message.flags & NLM_F.DUMP) === NLM_F.DUMP;
}

/** Errors: Refusal. A dump answers by itself. */
function perform(family: GenericFamily, request: Request): void {
  const { message, endpoint } = request;
  const number = message.body[0];
  if (number === undefined || message.body.length < GENERIC_HEADER_LENGTH + family.headerSize) {
    throw new Refusal(ERRNO.EINVAL);
  }
  const command = family.commands.get(number);
  if (!command) throw new Refusal(ERRNO.EOPNOTSUPP);
  if (isDump(message)) {
    if (!command.dump) throw new Refusal(ERRNO.EOPNOTSUPP);
    answerDump(endpoint, request, [command.dump]);
    return;
  }
  if (!command.doit) throw new Refusal(ERRNO.EOPNOTSUPP);
  command.doit(request);
}
