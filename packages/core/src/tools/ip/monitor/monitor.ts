// `ip monitor`: prints what the kernel announces to rtnetlink's multicast groups.

import { decodeMessages } from "../../../netlink/message.ts";
import type { NetlinkMessage } from "../../../netlink/message.ts";
import { RTNLGRP } from "../../../netlink/rtnl/multicast-groups.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import type { LinkKinds } from "../link-syntax.ts";
import type { Session } from "../session.ts";
import { printEvent } from "./event.ts";
import { receiveOrTell } from "./receive.ts";

const USAGE = `Usage: ip monitor [ all | OBJECTS ] [ FILE ] [ label ] [ all-nsid ]
                  [ dev DEVICE ]
OBJECTS :=  address | link | mroute | neigh | netconf |
            nexthop | nsid | prefix | route | rule | stats
FILE := file FILENAME
`;

/** What can be watched, in the order in which short forms are tried: groups of IPv4, of IPv6 and of all families. */
const SUBJECTS: readonly {
  readonly word: string;
  readonly inet?: number;
  readonly inet6?: number;
  readonly any?: number;
}[] = [
  { word: "link", any: RTNLGRP.LINK },
  { word: "address", inet: RTNLGRP.IPV4_IFADDR, inet6: RTNLGRP.IPV6_IFADDR },
  { word: "route", inet: RTNLGRP.IPV4_ROUTE, inet6: RTNLGRP.IPV6_ROUTE },
  { word: "mroute", inet: RTNLGRP.IPV4_MROUTE, inet6: RTNLGRP.IPV6_MROUTE },
  { word: "prefix", inet6: RTNLGRP.IPV6_PREFIX },
  { word: "neigh", any: RTNLGRP.NEIGH },
  { word: "netconf", inet: RTNLGRP.IPV4_NETCONF, inet6: RTNLGRP.IPV6_NETCONF },
  { word: "rule", inet: RTNLGRP.IPV4_RULE, inet6: RTNLGRP.IPV6_RULE },
  { word: "nsid", any: RTNLGRP.NSID },
  { word: "nexthop", any: RTNLGRP.NEXTHOP },
  { word: "stats", any: RTNLGRP.STATS },
];

interface Watch {
  readonly subjects: Set<string>;
  labels: boolean;
  allNsids: boolean;
  ifindex: number;
}

function parse(session: Session, args: Arguments): Watch {
  const { process } = session;
  const watch: Watch = { subjects: new Set(), labels: false, allNsids: false, ifindex: 0 };
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const subject = SUBJECTS.find((each) => matches(word, each.word))?.word;
    if (matches(word, "file")) {
      args.next();
      giveUp(process, '"file" is not implemented\n');
    } else if (matches(word, "label")) watch.labels = true;
    else if (subject !== undefined) watch.subjects.add(subject);
    else if (word === "all") watch.labels = true;
    else if (matches(word, "all-nsid")) watch.allNsids = true;
    else if (matches(word, "help")) fail(process, 255, USAGE);
    else if (word === "dev") {
      watch.ifindex = session.links.index(args.next()) || args.invalid("Device does not exist\n");
    } else fail(process, 255, `Argument "${word}" is unknown, try "ip monitor help".\n`);
  }
  return watch;
}

function groups(family: number, watched: ReadonlySet<string>): number[] {
  const inet = family === AF.UNSPEC || family === AF.INET;
  const inet6 = family === AF.UNSPEC || family === AF.INET6;
  return SUBJECTS.filter(({ word }) => watched.size === 0 || watched.has(word)).flatMap((subject) => [
    ...(subject.any === undefined ? [] : [subject.any]),
    ...(inet && subject.inet !== undefined ? [subject.inet] : []),
    ...(inet6 && subject.inet6 !== undefined ? [subject.inet6] : []),
  ]);
}

/** Runs until a signal ends it. */
export async function monitor(session: Session, args: Arguments, kinds: LinkKinds): Promise<number> {
  const { process } = session;
  const watch = parse(session, args);
  const socket = process.netlink();
  for (const group of groups(session.family, watch.subjects)) socket.join(group);
  if (watch.allNsids) socket.listenAllNsids(true);
  session.links.load();
  session.netnses.load();
  for (;;) {
    for (;;) {
      const datagram = receiveOrTell(process, socket);
      if (datagram === undefined) break;
      if (datagram === "lost") {
        session.links.load(); // names may have changed unseen
        continue;
      }
      for (const message of decodeMessages(datagram).messages) {
        tell(session, kinds, watch, message, socket.lastNsid);
      }
    }
    process.flush();
    await process.wait([socket]);
  }
}

function tell(
  session: Session,
  kinds: LinkKinds,
  watch: Watch,
  message: NetlinkMessage,
  nsid: number | undefined,
): void {
  printEvent(session, kinds, message, watch.ifindex, (label) => {
    const time = session.options.timestamp ? timestamp(session) : "";
    const from = watch.allNsids ? `[nsid ${nsid ?? "current"}]` : "";
    session.process.print(`${time}${from}${watch.labels ? label : ""}`);
  });
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** Now, as ctime(3) and microseconds, or in the short form of -ts. UTC. */
export function timestamp({ process, options }: Session): string {
  const microseconds = process.realtime();
  const date = new Date(Math.floor(microseconds / 1000));
  const fraction = Math.floor(microseconds % 1_000_000);
  if (options.timestampShort) {
    return `[${date.toISOString().slice(0, 19)}.${String(fraction).padStart(6, "0")}] `;
  }
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const time = date.toISOString().slice(11, 19);
  return `Timestamp: ${day} ${time} ${date.getUTCFullYear()} ${fraction} usec\n`;
}
