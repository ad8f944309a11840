// Entries of the forwarding database as netlink messages (br_fdb.c: fdb_fill_info, fdb_notify).

import { hasListeners, notifyGroup } from "../../kernel/netlink/endpoint.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { writeMac } from "../../wire/mac.ts";
import type { Bridge } from "./bridge.ts";
import type { FdbEntry } from "./fdb-table.ts";
import { nanosecondsToClock } from "./jiffies.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** True for a learned entry that was not seen for longer than addresses are kept. */
export function hasExpired(bridge: Bridge, entry: FdbEntry): boolean {
  if (entry.fixed || entry.externallyLearned) return false;
  const keep = (bridge.holdTime / bridge.kernel.profile.hz) * NANOSECONDS_PER_SECOND;
  return entry.updated + keep <= bridge.kernel.clock.now;
}

/** fdb_to_nud() */
export function fdbState(bridge: Bridge, entry: FdbEntry): number {
  if (entry.local) return NUD.PERMANENT;
  if (entry.fixed) return NUD.NOARP;
  return hasExpired(bridge, entry) ? NUD.STALE : NUD.REACHABLE;
}

function macBytes(mac: number): Uint8Array {
  const bytes = new Uint8Array(6);
  writeMac(bytes, 0, mac);
  return bytes;
}

/** The body of a message about an entry. */
export function encodeFdbEntry(bridge: Bridge, entry: FdbEntry): Uint8Array {
  const { clock, profile } = bridge.kernel;
  return encodeNeighbour({
    family: AF.BRIDGE,
    ifindex: (entry.port?.device ?? bridge.device).ifindex,
    state: fdbState(bridge, entry),
    flags: (entry.externallyLearned ? NTF.EXT_LEARNED : 0) | (entry.sticky ? NTF.STICKY : 0),
    lladdr: macBytes(entry.mac),
    master: bridge.device.ifindex,
    ...(profile.newBridgeAttributes ? { flagsExt: 0 } : {}),
    cacheinfo: {
      used: nanosecondsToClock(clock.now - entry.used, profile.hz),
      confirmed: 0,
      updated: nanosecondsToClock(clock.now - entry.updated, profile.hz),
      refcnt: 0,
    },
    vlan: entry.vid === 0 ? undefined : entry.vid,
  });
}

/** `type`: RTM_NEWNEIGH or RTM_DELNEIGH. */
export function notifyFdb(bridge: Bridge, entry: FdbEntry, type: number): void {
  const { netns } = bridge.device;
  if (!hasListeners(netns, 0, RTNLGRP.NEIGH)) return;
  notifyGroup(netns, 0, RTNLGRP.NEIGH, type, encodeFdbEntry(bridge, entry));
}
