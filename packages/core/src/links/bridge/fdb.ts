// The forwarding database: which address is behind which port (net/bridge/br_fdb.c). Learning and ageing, addresses of
// this host, and what follows when a port or its address goes. Requests of users are in fdb-requests.ts.
// IEEE 802.1D-2004, 7.8 and 7.9.

import { addUnicast, removeUnicast } from "../../kernel/device-state.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import type { Bridge } from "./bridge.ts";
import { notifyFdb } from "./fdb-message.ts";
import type { FdbEntry } from "./fdb-table.ts";
import type { BridgePort } from "./port.ts";
import { inUse } from "./vlan-group.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000;
const GC_MIN_INTERVAL = 0.01; // seconds

/** A new entry, not yet known to be anything but learned. */
export function createEntry(
  bridge: Bridge,
  port: BridgePort | undefined,
  mac: number,
  vid: number,
): FdbEntry {
  const { now } = bridge.kernel.clock;
  const entry: FdbEntry = {
    mac,
    vid,
    port,
    local: false,
    fixed: false,
    sticky: false,
    addedByUser: false,
    externallyLearned: false,
    used: now,
    updated: now,
    serial: 0,
    newer: undefined,
    older: undefined,
  };
  bridge.fdb.insert(entry);
  return entry;
}

/** fdb_delete() */
export function deleteEntry(bridge: Bridge, entry: FdbEntry): void {
  if (entry.fixed) removeHardwareAddress(bridge, entry.mac);
  bridge.fdb.remove(entry);
  notifyFdb(bridge, entry, RTM.DELNEIGH);
}

/** fdb_add_hw_addr(): ports that are not promiscuous must be told which addresses to let in. */
export function addHardwareAddress(bridge: Bridge, mac: number): void {
  if (bridge.promiscuousPorts === bridge.ports.length) return;
  for (const port of bridge.ports) if (!port.promiscuous) addUnicast(port.device, mac);
}

/** fdb_del_hw_addr() */
export function removeHardwareAddress(bridge: Bridge, mac: number): void {
  if (bridge.promiscuousPorts === bridge.ports.length) return;
  for (const port of bridge.ports) if (!port.promiscuous) removeUnicast(port.device, mac);
}

/** br_fdb_sync_static() */
export function syncStatic(bridge: Bridge, port: BridgePort): void {
  for (const entry of bridge.fdb.entries()) if (entry.fixed) addUnicast(port.device, entry.mac);
}

/** br_fdb_unsync_static() */
export function unsyncStatic(bridge: Bridge, port: BridgePort): void {
  if (port.device.unicast.size === 0) return;
  for (const entry of bridge.fdb.entries()) if (entry.fixed) removeUnicast(port.device, entry.mac);
}

/** What a frame's source has told a bridge. */
export type Learned = "nothing" | "new" | "moved";

/**
 * br_fdb_update(): a frame with this source came in by `port`. `high` and `low` are the key of FdbTable.find(), so that
 * the path of a frame makes no number of 48 bits for an address that is known. Tells what was new.
 */
export function learn(bridge: Bridge, port: BridgePort, high: number, low: number): Learned {
  if (bridge.holdTime === 0) return "nothing";
  const entry = bridge.fdb.find(high, low);
  if (entry !== undefined) {
    if (entry.local) return "nothing";
    entry.updated = bridge.kernel.clock.now;
    if (entry.port !== port && !entry.sticky) {
      bridge.fdb.move(entry, port);
      entry.externallyLearned = false;
      notifyFdb(bridge, entry, RTM.NEWNEIGH);
      return "moved";
    }
    return "nothing";
  }
  const mac = (high & 0xffff) * 0x1_0000_0000 + (low >>> 0);
  notifyFdb(bridge, createEntry(bridge, port, mac, high >>> 16), RTM.NEWNEIGH);
  return "new";
}

/** fdb_add_local(): an address of a port or of the bridge. Group addresses and zero are not taken. */
export function addLocal(bridge: Bridge, port: BridgePort | undefined, mac: number, vid: number): void {
  if (!isValidStationMac(mac)) return;
  const known = bridge.fdb.get(mac, vid);
  if (known) {
    // Several ports may have one address; the first one keeps the entry.
    if (known.local) return;
    deleteEntry(bridge, known);
  }
  const entry = createEntry(bridge, port, mac, vid);
  entry.local = true;
  entry.fixed = true;
  addHardwareAddress(bridge, mac);
  notifyFdb(bridge, entry, RTM.NEWNEIGH);
}

/** fdb_delete_local(): the entry stays for another port, or for the bridge, that has the address too. */
function deleteLocal(bridge: Bridge, port: BridgePort | undefined, entry: FdbEntry): void {
  const { mac, vid } = entry;
  for (const other of bridge.ports) {
    if (other === port || other.device.address !== mac) continue;
    if (vid !== 0 && !other.vlans.find(vid)) continue;
    bridge.fdb.move(entry, other);
    entry.addedByUser = false;
    return;
  }
  const vlan = bridge.vlans.find(vid);
  if (port && bridge.device.address === mac && (vid === 0 || (vlan && inUse(vlan)))) {
    bridge.fdb.move(entry, undefined);
    entry.addedByUser = false;
    return;
  }
  deleteEntry(bridge, entry);
}

/** br_fdb_find_delete_local() */
export function findDeleteLocal(
  bridge: Bridge,
  port: BridgePort | undefined,
  mac: number,
  vid: number,
): void {
  const entry = bridge.fdb.get(mac, vid);
  if (entry && entry.local && !entry.addedByUser && entry.port === port) deleteLocal(bridge, port, entry);
}

/** br_fdb_changeaddr(): a port has a new address. */
export function changePortAddress(port: BridgePort, mac: number): void {
  const { bridge, vlans } = port;
  for (const entry of bridge.fdb.behind(port)) {
    if (!entry.local || entry.addedByUser) continue;
    deleteLocal(bridge, port, entry);
    if (vlans.count === 0) break;
  }
  addLocal(bridge, port, mac, 0);
  if (vlans.count === 0) return;
  for (const vlan of vlans.ascending()) addLocal(bridge, port, mac, vlan.vid);
}

/** br_fdb_change_mac_address(): the bridge is about to have a new address; the device still has the old one. */
export function changeBridgeAddress(bridge: Bridge, mac: number): void {
  replaceOwn(bridge, mac, 0);
  if (bridge.vlans.count === 0) return;
  for (const vlan of bridge.vlans.ascending()) if (inUse(vlan)) replaceOwn(bridge, mac, vlan.vid);
}

function replaceOwn(bridge: Bridge, mac: number, vid: number): void {
  findDeleteLocal(bridge, undefined, bridge.device.address, vid);
  addLocal(bridge, undefined, mac, vid);
}

/** br_fdb_delete_by_port(): learned entries, or with `all` every one, of a port (of the bridge itself if undefined). */
export function deleteByPort(bridge: Bridge, port: BridgePort | undefined, vid: number, all: boolean): void {
  for (const entry of bridge.fdb.behind(port)) {
    if (!all && (entry.fixed || entry.externallyLearned || (vid !== 0 && entry.vid !== vid))) continue;
    if (entry.local) deleteLocal(bridge, port, entry);
    else deleteEntry(bridge, entry);
  }
}

/** br_fdb_flush() as sysfs and IFLA_BR_FDB_FLUSH ask for it: all that was learned. */
export function flushLearned(bridge: Bridge): void {
  for (const entry of bridge.fdb.entries()) if (!entry.fixed) deleteEntry(bridge, entry);
}

/** br_fdb_cleanup(): removes what has aged out, and comes back when the next one is due. */
export function cleanUp(bridge: Bridge): void {
  const { clock, profile } = bridge.kernel;
  const keep = (bridge.holdTime / profile.hz) * NANOSECONDS_PER_SECOND;
  let next = keep;
  for (const entry of bridge.fdb.entries()) {
    if (entry.fixed || entry.externallyLearned) continue;
    const left = entry.updated + keep - clock.now;
    if (left > 0) next = Math.min(next, left);
    else deleteEntry(bridge, entry);
  }
  const delay = Math.max(next / NANOSECONDS_PER_SECOND, GC_MIN_INTERVAL);
  bridge.timers.gc.start(Math.ceil(delay * profile.hz));
}
