// What the families of the kernel's datapaths share: finding the datapath that a request is about, answering, and telling others.

import { notifyGroup } from "../../kernel/netlink/endpoint.ts";
import type { Request } from "../../kernel/netlink/handlers.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Decoded } from "../../wire/malformed.ts";
import type { Datapath } from "../datapath/datapath.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";

const NETLINK_GENERIC = 16;

export interface FamilyNumbers {
  readonly id: number;
  readonly group: number | undefined;
}

/** Errors: Refusal EINVAL for what cannot be read. */
export function decoded<R>(record: Decoded<R>): R {
  if (isMalformed(record)) throw new Refusal(ERRNO.EINVAL);
  return record;
}

/** IFNAMSIZ without the NUL. */
const LONGEST_NAME = 15;

/** The same for messages that name a device. Errors: also EINVAL for a name that is too long for one. */
export function decodedNaming<R extends { readonly name?: string | undefined }>(record: Decoded<R>): R {
  const { name = "" } = decoded(record);
  if (name.length > LONGEST_NAME) throw new Refusal(ERRNO.EINVAL);
  return decoded(record);
}

/** get_dp(). Errors: Refusal ENODEV. */
export function datapathAt(datapaths: KernelDatapaths, { netns }: Request, ifindex: number): Datapath {
  const datapath = datapaths.indexed(netns, ifindex);
  if (!datapath) throw new Refusal(ERRNO.ENODEV);
  return datapath;
}

/** ovs_notify(): members of the group get what has changed, and the sender too if it has asked for an echo (NLM_F_ECHO). */
export function notify(request: Request, { id, group }: FamilyNumbers, body: Uint8Array): void {
  if (request.message.flags & NLM_F.ECHO) request.reply(id, body);
  if (group !== undefined) notifyGroup(request.netns, NETLINK_GENERIC, group, id, body);
}
