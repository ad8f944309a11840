// The MAC address of a bridge.

import { isMulticastMac, isUniversalUnicast, parseMac } from "../../wire/mac.ts";
import { LOCAL_PORT } from "../ofproto/bridge.ts";
import type { BridgeRecord, InterfaceRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

/**
 * bridge_pick_local_hw_addr(): what is set, else the least universally administered address of the ports, which may be known
 * already.
 */
export function bridgeAddress(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  known?: { readonly address: number | undefined },
): number {
  const row = daemon.database.row("Bridge", record.uuid);
  const set = parseMac(row?.entry("other_config", "hwaddr") ?? "");
  if (set !== undefined && set !== 0 && !isMulticastMac(set)) return set;
  const least = known ? known.address : leastAddress(record.interfaces.values());
  return least ?? record.defaultAddress;
}

/** Of the devices of ports that may give a bridge its address. */
export function leastAddress(interfaces: Iterable<InterfaceRecord>): number | undefined {
  let least: number | undefined;
  for (const { port } of interfaces) {
    const { device } = port;
    if (!device || port.number === LOCAL_PORT || port.type !== "system") continue;
    const { address } = device;
    if (least !== undefined && address >= least) continue;
    if (address !== 0 && isUniversalUnicast(address)) least = address;
  }
  return least;
}
