// Entries of the forwarding database that users add, delete and list (net/bridge/br_fdb.c: br_fdb_add, br_fdb_delete,
// br_fdb_delete_bulk, br_fdb_dump, br_fdb_get).

import type { NetDevice } from "../../kernel/device.ts";
import { dumpListened } from "../../kernel/netlink/fdb.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Bridge } from "./bridge.ts";
import { encodeFdbEntry, fdbState, notifyFdb } from "./fdb-message.ts";
import type { FdbEntry } from "./fdb-table.ts";
import { keyHigh } from "./fdb-table.ts";
import { addHardwareAddress, createEntry, deleteEntry, learn, removeHardwareAddress } from "./fdb.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import type { VlanGroup } from "./vlan-group.ts";
import { inUse } from "./vlan-group.ts";

const { EINVAL, ENOENT, ENODEV } = ERRNO;

/** What a request is about: entries behind a port, or with `port` undefined of the bridge itself. */
interface Target {
  readonly port: BridgePort | undefined;
  readonly group: VlanGroup;
}

function targetOf(bridge: Bridge, device: NetDevice): Target {
  if (device === bridge.device) return { port: undefined, group: bridge.vlans };
  const port = portOf(device);
  if (!port) throw new Refusal(EINVAL);
  return { port, group: port.vlans };
}

function canLearn(port: BridgePort): boolean {
  return port.state === BR_STATE.LEARNING || port.state === BR_STATE.FORWARDING;
}

/** br_fdb_add(): without a VLAN, for untagged frames and for every VLAN of the port. Errors: Refusal. */
export function addFdb(
  bridge: Bridge,
  device: NetDevice,
  message: NeighbourMessage,
  mac: number,
  vid: number,
  flags: number,
): void {
  if ((message.state & (NUD.PERMANENT | NUD.NOARP | NUD.REACHABLE)) === 0) throw new Refusal(EINVAL);
  if (mac === 0) throw new Refusal(EINVAL);
  const { port, group } = targetOf(bridge, device);
  if (vid !== 0) {
    const vlan = group.find(vid);
    if (!vlan || !inUse(vlan)) throw new Refusal(EINVAL);
    addOne(bridge, port, message, mac, vid, flags);
    return;
  }
  addOne(bridge, port, message, mac, 0, flags);
  for (const vlan of group.ascending()) if (inUse(vlan)) addOne(bridge, port, message, mac, vlan.vid, flags);
}

/** __br_fdb_add() */
function addOne(
  bridge: Bridge,
  port: BridgePort | undefined,
  message: NeighbourMessage,
  mac: number,
  vid: number,
  flags: number,
): void {
  if (message.flags & NTF.USE) {
    if (!port) throw new Refusal(EINVAL);
    if (!canLearn(port)) return;
    learn(bridge, port, keyHigh(Math.floor(mac / 0x1_0000_0000), vid), mac | 0);
    const entry = bridge.fdb.get(mac, vid);
    if (entry && !entry.local) entry.addedByUser = true;
  } else if (message.flags & NTF.EXT_LEARNED) {
    if (!port && (message.state & NUD.PERMANENT) === 0) {
      throw new Refusal(EINVAL, "bridge: FDB entry towards bridge must be permanent");
    }
    addExternallyLearned(bridge, port, mac, vid);
  } else addEntry(bridge, port, message, mac, vid, flags);
}

/** fdb_add_entry() */
function addEntry(
  bridge: Bridge,
  port: BridgePort | undefined,
  message: NeighbourMessage,
  mac: number,
  vid: number,
  flags: number,
): void {
  const { state } = message;
  const sticky = (message.flags & NTF.STICKY) !== 0;
  const permanent = (state & NUD.PERMANENT) !== 0;
  const fixed = permanent || (state & NUD.NOARP) !== 0;
  if (port && !fixed && !canLearn(port)) throw new Refusal(ERRNO.EPERM);
  if (!port && !permanent) throw new Refusal(EINVAL);
  if (sticky && permanent) throw new Refusal(EINVAL);
  const { now } = bridge.kernel.clock;
  let entry = bridge.fdb.get(mac, vid);
  let modified = false;
  if (!entry) {
    if ((flags & NLM_F.CREATE) === 0) throw new Refusal(ENOENT);
    entry = createEntry(bridge, port, mac, vid);
    modified = true;
  } else {
    if (flags & NLM_F.EXCL) throw new Refusal(ERRNO.EEXIST);
    if (entry.port !== port) {
      bridge.fdb.move(entry, port);
      modified = true;
    }
  }
  entry.addedByUser = true;
  if (fdbState(bridge, entry) !== state) {
    entry.local = permanent;
    setFixed(bridge, entry, fixed);
    modified = true;
  }
  if (sticky !== entry.sticky) {
    entry.sticky = sticky;
    modified = true;
  }
  entry.used = now;
  if (!modified) return;
  if (message.fdbExtAttrs?.dontRefresh === undefined) entry.updated = now;
  notifyFdb(bridge, entry, RTM.NEWNEIGH);
}

function setFixed(bridge: Bridge, entry: FdbEntry, fixed: boolean): void {
  if (entry.fixed === fixed) return;
  entry.fixed = fixed;
  if (fixed) addHardwareAddress(bridge, entry.mac);
  else removeHardwareAddress(bridge, entry.mac);
}

/** br_fdb_external_learn_add(): a control plane knows the address. */
function addExternallyLearned(bridge: Bridge, port: BridgePort | undefined, mac: number, vid: number): void {
  const known = bridge.fdb.get(mac, vid);
  const entry = known ?? createEntry(bridge, port, mac, vid);
  let modified = !known;
  if (known) {
    entry.updated = bridge.kernel.clock.now;
    if (entry.port !== port) {
      bridge.fdb.move(entry, port);
      modified = true;
    }
    if (entry.externallyLearned) entry.used = bridge.kernel.clock.now;
    else modified = true;
  }
  entry.addedByUser = true;
  entry.externallyLearned = true;
  if (!port) entry.local = true;
  if (modified) notifyFdb(bridge, entry, RTM.NEWNEIGH);
}

/** br_fdb_delete(). Errors: EINVAL for a VLAN that the port is not in, ENOENT. */
export function deleteFdb(bridge: Bridge, device: NetDevice, mac: number, vid: number): void {
  const { port, group } = targetOf(bridge, device);
  if (vid !== 0) {
    if (!group.find(vid)) throw new Refusal(EINVAL);
    if (!deleteOne(bridge, port, mac, vid)) throw new Refusal(ENOENT);
    return;
  }
  let found = deleteOne(bridge, port, mac, 0);
  for (const vlan of group.ascending()) {
    if (inUse(vlan) && deleteOne(bridge, port, mac, vlan.vid)) found = true;
  }
  if (!found) throw new Refusal(ENOENT);
}

function deleteOne(bridge: Bridge, port: BridgePort | undefined, mac: number, vid: number): boolean {
  const entry = bridge.fdb.get(mac, vid);
  if (!entry || entry.port !== port) return false;
  deleteEntry(bridge, entry);
  return true;
}

// Bits that a flush may select by (BR_FDB_*), beside those of NTF_*.
const LOCAL = 0x1000;
const STATIC = 0x2000;
const FLUSH_STATES = NUD.PERMANENT | NUD.NOARP;
const FLUSH_FLAGS = NTF.USE | NTF.EXT_LEARNED | NTF.STICKY | NTF.OFFLOADED;

function selection(state: number, flags: number): number {
  return (state & NUD.PERMANENT ? LOCAL : 0) | (state & NUD.NOARP ? STATIC : 0) | (flags & FLUSH_FLAGS);
}

function bitsOf(entry: FdbEntry): number {
  return (
    (entry.local ? LOCAL : 0) |
    (entry.fixed ? STATIC : 0) |
    (entry.addedByUser ? NTF.USE : 0) |
    (entry.externallyLearned ? NTF.EXT_LEARNED : 0) |
    (entry.sticky ? NTF.STICKY : 0)
  );
}

/** br_fdb_delete_bulk(): everything that fits port, VLAN, state and flags. Errors: Refusal with the kernel's text. */
export function flushFdb(bridge: Bridge, device: NetDevice, message: NeighbourMessage, vid: number): void {
  const { port } = targetOf(bridge, device);
  const flags = message.flags & ~(NTF.MASTER | NTF.SELF);
  if (flags & ~FLUSH_FLAGS) throw new Refusal(EINVAL, "Unsupported fdb flush ndm flag bits set");
  if (message.state & ~FLUSH_STATES) throw new Refusal(EINVAL, "Unsupported fdb flush ndm state bits set");
  const wanted = selection(message.state, flags);
  const mask = selection(message.ndmStateMask ?? 0, message.ndmFlagsMask ?? 0);
  const ifindex = message.ndaIfindex ?? port?.device.ifindex ?? 0;
  if (message.ndaIfindex !== undefined) checkFlushDevice(bridge, message.ndaIfindex);
  for (const entry of bridge.fdb.entries()) {
    if (vid !== 0 && entry.vid !== vid) continue;
    if (ifindex !== 0 && (entry.port?.device ?? bridge.device).ifindex !== ifindex) continue;
    if (mask !== 0 && (bitsOf(entry) & mask) !== wanted) continue;
    deleteEntry(bridge, entry);
  }
}

/** __fdb_flush_validate_ifindex() */
function checkFlushDevice(bridge: Bridge, ifindex: number): void {
  const device = bridge.device.netns.deviceByIndex(ifindex);
  if (!device) throw new Refusal(ENODEV, "bridge: Unknown flush device ifindex");
  const port = portOf(device);
  if (!port && device.kind !== bridge.device.kind) {
    throw new Refusal(EINVAL, "bridge: Flush device is not a bridge or bridge port");
  }
  if (!port && device !== bridge.device) {
    throw new Refusal(EINVAL, "bridge: Flush bridge device does not match target bridge device");
  }
  if (port && port.bridge !== bridge)
    throw new Refusal(EINVAL, "bridge: Port belongs to a different bridge device");
}

/** br_fdb_dump(): entries behind a port, or for undefined what the bridge device listens to and its own entries. */
export function* dumpFdb(bridge: Bridge, device: NetDevice | undefined): Generator<Uint8Array> {
  const port = device && portOf(device);
  if (!port) yield* dumpListened(bridge.device);
  for (const entry of bridge.fdb.behind(port)) yield encodeFdbEntry(bridge, entry);
}

/** br_fdb_get(). Errors: ENOENT. */
export function getFdb(bridge: Bridge, mac: number, vid: number): Uint8Array {
  const entry = bridge.fdb.get(mac, vid);
  if (!entry) throw new Refusal(ENOENT, "Fdb entry not found");
  return encodeFdbEntry(bridge, entry);
}
