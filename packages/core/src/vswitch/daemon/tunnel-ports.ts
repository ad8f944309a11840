// Tunnels as ports of a bridge.

import { strerror } from "../../netlink/errno.ts";
import type { OfPort } from "../ofproto/port.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

const TYPES: ReadonlySet<string> = new Set(["vxlan", "gre", "geneve"]);

export function isTunnelType(type: string): boolean {
  return TYPES.has(type);
}

/** What a kernel without the tunnel's module says. */
export function addTunnelPort(
  _daemon: SwitchDaemon,
  _record: BridgeRecord,
  port: OfPort,
  _row: RowView,
): string | undefined {
  return `could not add network device ${port.name} to ofproto (${strerror(97)})`;
}
