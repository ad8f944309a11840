// An exact key of a datapath from text, for ofproto/trace and netdev-dummy/receive: masks are read over.

import { DL_TYPE_NONE, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { parseFlow } from "./parse-flow.ts";
import type { PortNumbers } from "./parse-flow.ts";

/** The key, or the error as the original words it. */
export function parseKey(text: string, portNamed: PortNumbers): Flow | string {
  if (text.trim() === "") return "syntax error at";
  const parsed = parseFlow(text.trim(), portNamed);
  if (typeof parsed === "string") return parsed;
  const { key } = parsed;
  // parse_ethertype(): the packet's own type (namespace 1), or a frame of 802.2
  const packetType = word(key, W.PACKET_TYPE);
  if (word(key, W.ETH_TYPE) === 0)
    key[W.ETH_TYPE] = packetType >>> 16 === 1 ? packetType & 0xffff : DL_TYPE_NONE;
  return key;
}
