// The MAC address of a bridge.

import { formatMac, isMulticastMac, isUniversalUnicast, parseMac } from "../../wire/mac.ts";
import type { RowView } from "../ovsdb/value.ts";
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

/** Why the address that a bridge asks for is not taken. */
export function refusedAddress(row: RowView): string | undefined {
  const text = row.entry("other_config", "hwaddr");
  const asked = text === undefined ? undefined : parseMac(text);
  if (asked === undefined) return undefined;
  if (isMulticastMac(asked)) return `cannot set MAC address to multicast address ${formatMac(asked)}`;
  return asked === 0 ? "cannot set MAC address to zero" : undefined;
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
