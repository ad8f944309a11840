// An exact key of a datapath from text, for ofproto/trace and netdev-dummy/receive: masks are read over.

import type { Flow } from "../flow/flow.ts";
import { parseFlow } from "./parse-flow.ts";
import type { PortNumbers } from "./parse-flow.ts";

/** The key, or the error as the original words it. */
export function parseKey(text: string, portNamed: PortNumbers): Flow | string {
  if (text.trim() === "") return "syntax error at";
  const parsed = parseFlow(text.trim(), portNamed);
  return typeof parsed === "string" ? parsed : parsed.key;
}
