// `bridge monitor`: prints what the kernel announces about links, forwarding databases, groups and VLANs.

import { receiveOrTell } from "../ip/monitor/receive.ts";
import { decodeMessages } from "../../netlink/message.ts";
import type { NetlinkMessage } from "../../netlink/message.ts";
import { decodeBridgeVlan } from "../../netlink/rtnl/bridge-vlan.ts";
import { decodeLink } from "../../netlink/rtnl/link.ts";
import { decodeMdb } from "../../netlink/rtnl/mdb.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { decodeNeighbour } from "../../netlink/rtnl/neighbour.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { fail, giveUp, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import { timestamp } from "../ip/monitor/monitor.ts";
import type { BridgeSession } from "./bridge.ts";
import { everyEntry, printFdb } from "./fdb.ts";
import { printPort } from "./link.ts";
import { printGroups, printRouterChange } from "./mdb.ts";
import { printDatabase } from "./vlan-options.ts";

const USAGE = "Usage: bridge monitor [file | link | fdb | mdb | vlan | vni | all]\n";

/** What can be watched, in the order in which short forms are tried. */
const SUBJECTS: readonly (readonly [string, number])[] = [
  ["link", RTNLGRP.LINK],
  ["fdb", RTNLGRP.NEIGH],
  ["mdb", RTNLGRP.MDB],
  ["vlan", RTNLGRP.BRVLAN],
  ["vni", RTNLGRP.TUNNEL],
];

/** Without a choice: all groups that fit into the bits of a bind(2), which those of VLANs do not. */
const UNNAMED = [RTNLGRP.LINK, RTNLGRP.NEIGH, RTNLGRP.MDB];

/** Runs until a signal ends it. */
export async function monitor(session: BridgeSession, args: Arguments): Promise<number> {
  const { process } = session;
  let groups: readonly number[] = UNNAMED;
  const chosen: number[] = [];
  let labels = false;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const subject = SUBJECTS.find(([name]) => matches(word, name));
    if (matches(word, "file")) {
      args.next();
      giveUp(process, '"file" is not implemented\n');
    } else if (subject) {
      chosen.push(subject[1]);
      groups = chosen;
    } else if (word === "all") {
      labels = true;
      groups = SUBJECTS.map(([, group]) => group);
    } else if (matches(word, "help")) fail(process, 255, USAGE);
    else fail(process, 255, `Argument "${word}" is unknown, try "bridge monitor help".\n`);
  }
  const socket = process.netlink();
  for (const group of groups) socket.join(group);
  session.links.load();
  for (;;) {
    for (;;) {
      const datagram = receiveOrTell(process, socket);
      if (datagram === undefined) break;
      if (datagram === "lost")
        session.links.load(); // names may have changed unseen
      else for (const message of decodeMessages(datagram).messages) tell(session, message, labels);
    }
    process.flush();
    await process.wait([socket]);
  }
}

function tell(session: BridgeSession, { type, body }: NetlinkMessage, labels: boolean): void {
  const head = (label: string): void => session.out.text(labels ? label : "");
  if (session.options.timestamp) session.out.text(timestamp(session));
  switch (type) {
    case RTM.NEWLINK:
    case RTM.DELLINK: {
      head("[LINK]");
      const link = decodeLink(body);
      if (isMalformed(link) || (link.family !== AF.BRIDGE && link.family !== AF.UNSPEC)) return;
      if (type === RTM.NEWLINK && link.family === AF.UNSPEC) session.links.remember(link);
      printPort(session, link, type === RTM.DELLINK);
      if (type === RTM.DELLINK && link.family === AF.UNSPEC) session.links.forget(link.index);
      return;
    }
    case RTM.NEWNEIGH:
    case RTM.DELNEIGH: {
      head("[NEIGH]");
      const entry = decodeNeighbour(body);
      if (!isMalformed(entry)) printFdb(session, everyEntry, entry, type === RTM.DELNEIGH);
      return;
    }
    case RTM.NEWMDB:
    case RTM.DELMDB: {
      head("[MDB]");
      const database = decodeMdb(body);
      if (isMalformed(database)) return;
      printGroups(session, database, 0, type === RTM.DELMDB);
      printRouterChange(session, database);
      return;
    }
    case RTM.NEWVLAN:
    case RTM.DELVLAN: {
      head("[VLAN]");
      const vlans = decodeBridgeVlan(body);
      if (isMalformed(vlans)) return;
      if (type === RTM.DELVLAN) session.out.flag("deleted", "Deleted ");
      printDatabase(session, vlans, 0, false);
      return;
    }
    default:
      return;
  }
}
