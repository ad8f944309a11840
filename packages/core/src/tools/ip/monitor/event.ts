// Prints one announcement of rtnetlink with the function that prints the same thing in a list.

import { decodeAddress } from "../../../netlink/rtnl/address.ts";
import { decodePrefix } from "../../../netlink/rtnl/address-label.ts";
import { decodeLink } from "../../../netlink/rtnl/link.ts";
import type { NetlinkMessage } from "../../../netlink/message.ts";
import { decodeNeighbour } from "../../../netlink/rtnl/neighbour.ts";
import { decodeNetconf } from "../../../netlink/rtnl/netconf.ts";
import { decodeNexthop } from "../../../netlink/rtnl/nexthop.ts";
import { decodeNsid } from "../../../netlink/rtnl/nsid.ts";
import { decodeRoute } from "../../../netlink/rtnl/route.ts";
import { RTM_F } from "../../../netlink/rtnl/route-constants.ts";
import { decodeRule } from "../../../netlink/rtnl/rule.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { Decoded } from "../../../wire/malformed.ts";
import { addressMatches, printAddress } from "../address/print.ts";
import { formatAddress } from "../addresses.ts";
import { familyName } from "../families.ts";
import type { LinkKinds } from "../link-syntax.ts";
import { everything, showsLink } from "../link/filter.ts";
import { printLink, printLinkBrief } from "../link/print.ts";
import { printNeighbour } from "../neighbour/print.ts";
import { printNetconf } from "../netconf/netconf.ts";
import { printNsid } from "../netns/ids.ts";
import { printBucket, printNexthop } from "../nexthop/print.ts";
import { everyRoute } from "../route/filter.ts";
import { printRoute } from "../route/print.ts";
import { printRule } from "../rule/print.ts";
import type { Session } from "../session.ts";

/** What an announcement looks like in the text: its label first, then the object. */
interface Announcement {
  readonly session: Session;
  readonly kinds: LinkKinds;
  readonly body: Uint8Array;
  /** RTM_DEL... */
  readonly deleted: boolean;
  /** Only this device; 0 for all. */
  readonly ifindex: number;
  readonly head: (label: string) => void;
}

/** `head` prints what stands in front of the object. */
export function printEvent(
  session: Session,
  kinds: LinkKinds,
  message: NetlinkMessage,
  ifindex: number,
  head: (label: string) => void,
): void {
  const { body, type } = message;
  const announcement = (deleted: boolean): Announcement => ({ session, kinds, body, deleted, ifindex, head });
  for (const [added, removed, print] of PRINTERS) {
    if (type === added || type === removed) print(announcement(type === removed));
  }
}

function usable<T>(decoded: Decoded<T>): T | undefined {
  return isMalformed(decoded) ? undefined : decoded;
}

function link({ session, kinds, body, deleted, ifindex, head }: Announcement): void {
  const message = usable(decodeLink(body));
  if (message === undefined) return;
  if (deleted) session.links.forget(message.index);
  else session.links.remember(message);
  head("[LINK]");
  const filter = { ...everything(AF.UNSPEC), ifindex };
  if (!showsLink(filter, message)) return;
  if (session.options.brief) printLinkBrief(session, message, AF.UNSPEC);
  else {
    const view = { aboutLinks: false, family: AF.UNSPEC, queueLength: false, deleted };
    printLink(session, kinds, message, view);
  }
}

function address({ session, body, deleted, ifindex, head }: Announcement): void {
  const message = usable(decodeAddress(body));
  if (message === undefined) return;
  head("[ADDR]");
  if (!addressMatches(session, { ...everything(AF.UNSPEC), ifindex }, message)) return;
  printAddress(session, message, { withDevice: true, brief: session.options.brief, deleted });
}

function route({ session, body, deleted, ifindex, head }: Announcement): void {
  const message = usable(decodeRoute(body));
  if (message === undefined || (message.flags & RTM_F.CLONED) !== 0) return;
  head("[ROUTE]");
  if (ifindex !== 0 && message.oif !== ifindex) return;
  printRoute(session, message, { ...everyRoute(), oif: ifindex || undefined }, deleted);
}

function neighbour({ session, body, deleted, ifindex, head }: Announcement): void {
  const message = usable(decodeNeighbour(body));
  if (message === undefined) return;
  if (session.family !== AF.UNSPEC && message.family !== session.family) return;
  head("[NEIGH]");
  if (ifindex !== 0 && message.ifindex !== ifindex) return;
  printNeighbour(session, message, { withoutDevice: ifindex !== 0, event: deleted ? "deleted" : undefined });
}

function rule({ session, body, deleted, head }: Announcement): void {
  const message = usable(decodeRule(body));
  if (message === undefined) return;
  head("[RULE]");
  printRule(session, message, deleted);
}

function netconf({ session, body, deleted, ifindex, head }: Announcement): void {
  const message = usable(decodeNetconf(body));
  if (message === undefined) return;
  head("[NETCONF]");
  if (ifindex === 0 || message.ifindex === ifindex) printNetconf(session, message, deleted);
}

function nsid({ session, body, deleted, head }: Announcement): void {
  const message = usable(decodeNsid(body));
  if (message === undefined) return;
  head("[NSID]");
  if (!deleted) session.netnses.load();
  printNsid(session, message, deleted);
}

/** RFC 4861, 4.6.2: a prefix that a router announced. */
function prefix({ session, body, head }: Announcement): void {
  const message = usable(decodePrefix(body));
  if (message === undefined) return;
  const { out, links } = session;
  head("[PREFIX]");
  out.text(`${familyName(message.family)} `);
  if (message.address !== undefined) {
    out.text(`prefix ${formatAddress(message.family, message.address)}/${message.prefixlen}`);
  }
  out.text(`dev ${links.name(message.ifindex)} `);
  if ((message.prefixFlags & 1) !== 0) out.text("onlink ");
  if ((message.prefixFlags & 2) !== 0) out.text("autoconf ");
  if (message.cacheinfo !== undefined) {
    out.text(`valid ${message.cacheinfo.valid} preferred ${message.cacheinfo.preferred} `);
  }
  out.text("\n");
}

function nexthop({ session, body, deleted, head }: Announcement): void {
  const message = usable(decodeNexthop(body));
  if (message === undefined) return;
  head("[NEXTHOP]");
  session.nexthops.remember(message, deleted);
  printNexthop(session, message, deleted);
}

function bucket({ session, body, deleted, head }: Announcement): void {
  const message = usable(decodeNexthop(body));
  if (message === undefined) return;
  head("[NEXTHOPBUCKET]");
  printBucket(session, message, deleted);
}

const PRINTERS: readonly (readonly [number, number, (announcement: Announcement) => void])[] = [
  [RTM.NEWLINK, RTM.DELLINK, link],
  [RTM.NEWADDR, RTM.DELADDR, address],
  [RTM.NEWROUTE, RTM.DELROUTE, route],
  [RTM.NEWNEIGH, RTM.DELNEIGH, neighbour],
  [RTM.NEWRULE, RTM.DELRULE, rule],
  [RTM.NEWNETCONF, RTM.DELNETCONF, netconf],
  [RTM.NEWNSID, RTM.DELNSID, nsid],
  [RTM.NEWPREFIX, RTM.NEWPREFIX, prefix],
  [RTM.NEWNEXTHOP, RTM.DELNEXTHOP, nexthop],
  [RTM.NEWNEXTHOPBUCKET, RTM.DELNEXTHOPBUCKET, bucket],
];
