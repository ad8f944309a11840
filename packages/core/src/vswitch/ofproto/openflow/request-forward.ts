// Changes of groups and meters that are told to other controllers (OFPT_REQUESTFORWARD, OpenFlow 1.4, 7.4.6;
// connmgr_send_requestforward()), with the transaction of the request that made them. One without effect is told of, too.

import { encodeMessage } from "../../../ovsproto/openflow/message-encode.ts";
import type { Message, MessageBody } from "../../../ovsproto/openflow/message-body.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import type { Bridge, BridgeListener } from "../bridge.ts";
import { describe } from "./groups.ts";

/** OFPRFR_*; undefined for what is not forwarded. */
export function forwardReason({ body }: Message): number | undefined {
  if (body.type === "group_mod") return 0;
  return body.type === "meter_mod" ? 1 : undefined;
}

/** Tells all but `source`. */
export function forwardRequests(bridge: Bridge, source: BridgeListener, messages: readonly Message[]): void {
  for (const message of messages) {
    if (forwardReason(message) === undefined) continue;
    for (const listener of bridge.listeners) if (listener !== source) listener.requestForwarded?.(message);
  }
}

/** What a peer is told, in its version, of which OpenFlow 1.4 has no changes of single buckets. */
export function forwardedRequest(
  bridge: Bridge,
  { body, xid }: Message,
  version: OpenFlowVersion,
): MessageBody {
  const message = encodeMessage({ version, xid, body: bodyFor(bridge, body, version) });
  return { type: "requestforward", message };
}

function bodyFor(bridge: Bridge, body: MessageBody, version: OpenFlowVersion): MessageBody {
  if (body.type !== "group_mod") return body;
  // also where the group was there
  if (body.command === "add_or_mod") return { ...body, command: "add" };
  if (version >= 6) return body;
  if (body.command !== "insert_bucket" && body.command !== "remove_bucket") return body;
  const group = bridge.groups.get(body.group);
  if (!group) return body;
  const { groupType, buckets } = describe(group);
  return { ...body, command: "modify", groupType, buckets };
}
