// The multicast database as netlink messages (net/bridge/br_mdb.c: br_mdb_fill_info, br_mdb_notify).

import { hasListeners, notifyGroup } from "../../kernel/netlink/endpoint.ts";
import type { MdbEntry, MdbMessage } from "../../netlink/rtnl/mdb.ts";
import { encodeMdb, MDB_STATE } from "../../netlink/rtnl/mdb.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { Bridge } from "./bridge.ts";
import type { Group, PortGroup } from "./multicast-database.ts";

const ADDRESS_LENGTH = 16;

type Entry = NonNullable<NonNullable<NonNullable<MdbMessage["mdb"]>["groups"]>[number]["entries"]>[number];

/** struct br_mdb_entry of a member, or of this host. */
function entryOf(bridge: Bridge, group: Group, member: PortGroup | undefined): MdbEntry {
  const address = new Uint8Array(ADDRESS_LENGTH);
  address.set(group.address.bytes);
  return {
    ifindex: (member?.port.device ?? bridge.device).ifindex,
    state: (member ? member.permanent : group.hostPermanent) ? MDB_STATE.PERMANENT : MDB_STATE.TEMPORARY,
    flags: 0,
    vid: group.address.vid,
    address,
    proto: group.address.proto,
  };
}

/** __mdb_fill_info() */
function fill(bridge: Bridge, group: Group, member: PortGroup | undefined): Entry {
  return {
    ...entryOf(bridge, group, member),
    attributes: {
      timer: (member ?? group).timer.left,
      ...(member ? { rtprot: member.protocol } : {}),
    },
  };
}

/** The body of a dump's message about one bridge. */
export function encodeDatabase(bridge: Bridge): Uint8Array {
  const routers = bridge.multicast.snooping ? bridge.groups.routers() : [];
  return encodeMdb({
    family: AF.BRIDGE,
    ifindex: bridge.device.ifindex,
    mdb: bridge.multicast.snooping
      ? {
          groups: bridge.groups.groups().map((group) => ({
            entries: [
              ...(group.hostJoined ? [fill(bridge, group, undefined)] : []),
              ...group.ports.map((member) => fill(bridge, group, member)),
            ],
          })),
        }
      : undefined,
    router:
      routers.length > 0
        ? {
            ports: routers.map(({ port, timer }) => ({
              ifindex: port.device.ifindex,
              attributes: {
                timer: timer?.left ?? 0,
                type: port.multicastRouter,
                inetTimer: timer?.left ?? 0,
                inet6Timer: timer?.left ?? 0,
              },
            })),
          }
        : undefined,
  });
}

/** br_mdb_notify() */
export function notifyGroupChange(
  bridge: Bridge,
  group: Group,
  member: PortGroup | undefined,
  type: number,
): void {
  const { netns } = bridge.device;
  if (!hasListeners(netns, 0, RTNLGRP.MDB)) return;
  const body = encodeMdb({
    family: AF.BRIDGE,
    ifindex: bridge.device.ifindex,
    mdb: { groups: [{ entries: [fill(bridge, group, member)] }] },
  });
  notifyGroup(netns, 0, RTNLGRP.MDB, type, body);
}
