// Prints one next-hop object, or one bucket of a resilient group.

import type { NexthopMessage } from "../../../netlink/rtnl/nexthop.ts";
import { NEXTHOP_GROUP } from "../../../netlink/rtnl/nexthop.ts";
import { RT_SCOPE, RTPROT } from "../../../netlink/rtnl/route-constants.ts";
import { JsonNumber } from "../json-writer.ts";
import { general } from "../numbers.ts";
import { printFlags, printGateway } from "../route/hop.ts";
import type { Session } from "../session.ts";

/** USER_HZ: clock ticks of the kernel's user-space interface. */
const USER_HZ = 100;

/** A time in seconds, as C's `%g` prints it. */
function printSeconds({ out }: Session, key: string, ticks: number): void {
  const seconds = general(ticks / USER_HZ);
  out.fact(key, new JsonNumber(seconds), `${key} ${seconds} `);
}

function printGroup({ out }: Session, group: NonNullable<NexthopMessage["group"]>): void {
  out.openArray("group", "group ");
  for (const [index, { id, weight }] of group.entries()) {
    out.openObject();
    if (index > 0) out.text("/");
    out.fact("id", id, String(id));
    // The high eight bits are newer than this version of ip.
    if (weight !== 0) out.fact("weight", weight + 1, `,${weight + 1}`);
    out.closeObject();
  }
  out.closeArray(" ");
}

function printResilient(session: Session, args: NonNullable<NexthopMessage["resilientGroup"]>): void {
  const { out } = session;
  const { buckets = 0, idleTimer = 0, unbalancedTimer = 0, unbalancedTime = 0 } = args;
  out.openObject("resilient_args");
  out.fact("buckets", buckets, `buckets ${buckets} `);
  printSeconds(session, "idle_timer", idleTimer);
  printSeconds(session, "unbalanced_timer", unbalancedTimer);
  printSeconds(session, "unbalanced_time", unbalancedTime);
  out.closeObject();
}

/** The object without the end of its line. `key`: its name inside another JSON object. */
export function printNexthopEntry(
  session: Session,
  message: NexthopMessage,
  deleted: boolean,
  key?: string,
): void {
  const { out, options, names, links } = session;
  const { family, gateway, scope, protocol, oif } = message;
  const id = message.id ?? 0;
  out.openObject(key);
  if (deleted) out.flag("deleted", "Deleted ");
  out.fact("id", id, `id ${id} `);
  if (message.group !== undefined) printGroup(session, message.group);
  if (message.groupType === NEXTHOP_GROUP.RESILIENT) out.fact("type", "resilient", "type resilient ");
  if (message.resilientGroup !== undefined) printResilient(session, message.resilientGroup);
  if (gateway !== undefined) printGateway(session, family, gateway);
  if (oif !== undefined) {
    const device = links.name(oif);
    out.text("dev ");
    out.fact("dev", device, `${device} `, "ifname");
  }
  if (scope !== RT_SCOPE.UNIVERSE || options.details > 0) {
    const name = names.name("scope", scope);
    out.fact("scope", name, `scope ${name} `);
  }
  if (message.blackhole === true) out.fact("blackhole", null, "blackhole ");
  if (protocol !== RTPROT.UNSPEC || options.details > 0) {
    const name = names.name("protocol", protocol);
    out.fact("protocol", name, `proto ${name} `);
  }
  printFlags(out, message.flags);
  if (message.fdb === true) out.fact("fdb", null, "fdb");
  out.closeObject();
}

export function printNexthop(session: Session, message: NexthopMessage, deleted = false): void {
  printNexthopEntry(session, message, deleted);
  session.out.text("\n");
}

export function printBucket(session: Session, message: NexthopMessage, deleted = false): void {
  const { out } = session;
  const { index = 0, idleTime = 0, nhId } = message.resilientBucket ?? {};
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  if (message.id !== undefined) out.fact("id", message.id, `id ${message.id} `);
  if (message.resilientBucket !== undefined) {
    out.openObject("bucket");
    out.fact("index", index, `index ${index} `);
    printSeconds(session, "idle_time", idleTime);
    if (nhId !== undefined) out.fact("nhid", nhId, `nhid ${nhId} `);
    out.closeObject();
  }
  printFlags(out, message.flags);
  out.text("\n");
  out.closeObject();
}
