// Dumps as bridge asks for them: a refusal is always told, and what was printed before stays (rtnl_dump_filter).

import { NetlinkClient } from "../../netlink/client.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import type { Session } from "../ip/session.ts";

/** First sequence number; ip's own connection counts from below. */
const FIRST_SEQUENCE = 0x1000_0000;

/** All messages of a dump. Undefined if it was refused, which has been printed then, up to "Dump terminated". */
export function dump(
  session: Session,
  type: number,
  body: Uint8Array,
): readonly NetlinkMessage[] | undefined {
  const { process, rtnl } = session;
  const result = new NetlinkClient(rtnl.socket, FIRST_SEQUENCE).dump(type, body);
  if (result.ok) return result.messages;
  const { message } = result.extack;
  if (message === undefined || message === "") process.warn(`RTNETLINK answers: ${result.text}\n`);
  else process.warn(`Error: ${message}${message.endsWith(".") ? "" : "."}\n`);
  process.warn("Dump terminated\n");
  return undefined;
}
