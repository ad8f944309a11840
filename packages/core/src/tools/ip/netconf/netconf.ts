// `ip netconf`: settings of interfaces that the kernel announces (forwarding, reverse-path filter, ...).

import { ERRNO } from "../../../netlink/errno.ts";
import { decodeNetconf, encodeNetconf, NETCONFA_IFINDEX } from "../../../netlink/rtnl/netconf.ts";
import type { NetconfMessage } from "../../../netlink/rtnl/netconf.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { familyName } from "../families.ts";
import type { Session } from "../session.ts";

const USAGE = `Usage: ip netconf show [ dev STRING ]
`;

const RP_FILTER = ["off", "strict", "loose"] as const;

/** Settings in the order in which they are printed. */
const SETTINGS = [
  ["forwarding", "forwarding"],
  ["rp_filter", "rpFilter"],
  ["mc_forwarding", "mcForwarding"],
  ["proxy_neigh", "proxyNeigh"],
  ["ignore_routes_with_linkdown", "ignoreRoutesWithLinkdown"],
  ["input", "input"],
] as const;

export function printNetconf(session: Session, message: NetconfMessage, deleted = false): void {
  const { out, links } = session;
  const { ifindex } = message;
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  out.fact("family", familyName(message.family), `${familyName(message.family)} `);
  if (ifindex !== undefined) {
    const all = ifindex === NETCONFA_IFINDEX.ALL;
    const name = all ? "all" : ifindex === NETCONFA_IFINDEX.DEFAULT ? "default" : links.name(ifindex);
    out.fact("interface", name, `${name} `, "ifname");
  }
  for (const [key, field] of SETTINGS) {
    const value = message[field];
    if (value === undefined) continue;
    if (key === "rp_filter") {
      const mode = RP_FILTER[value];
      if (mode === undefined) out.fact(key, value, `${key} ${value} `);
      else out.fact(key, mode, `${key} ${mode} `);
    } else out.fact(key, value !== 0, `${key} ${value === 0 ? "off" : "on"} `);
  }
  out.text("\n");
  out.closeObject();
}

/** Returns the exit code. */
export function netconf(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) return show(session, args);
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "ip netconf help".\n`);
}

function show(session: Session, args: Arguments): number {
  const { process, rtnl, links, out, family } = session;
  let ifindex = 0;
  for (; args.left > 0; args.advance()) {
    if (args.current !== "dev") continue;
    ifindex = links.index(args.next());
    if (ifindex === 0) giveUp(process, `Device "${args.current}" does not exist.\n`);
  }
  links.load();
  if (ifindex !== 0 && family !== AF.UNSPEC) {
    const answer = rtnl.talk(RTM.GETNETCONF, 0, encodeNetconf({ family, ifindex }));
    for (const { body } of answer ?? []) printBody(session, body, ifindex);
    return 0;
  }
  const result = rtnl.askAll(RTM.GETNETCONF, encodeNetconf({ family }));
  if (result.ok) {
    out.begin();
    for (const { body } of result.messages) printBody(session, body, ifindex);
    out.end();
    return 0;
  }
  if (result.errno !== ERRNO.EOPNOTSUPP || family !== AF.UNSPEC) return refused(session, result.text);
  // Kernels without a dump of all families have one of each.
  for (const each of [AF.INET, AF.INET6]) {
    const part = rtnl.askAll(RTM.GETNETCONF, encodeNetconf({ family: each }));
    if (!part.ok) return refused(session, part.text);
    out.begin();
    for (const { body } of part.messages) printBody(session, body, ifindex);
    out.end();
  }
  return 0;
}

function refused({ process }: Session, text: string): never {
  return fail(process, 1, `RTNETLINK answers: ${text}\nDump terminated\n`);
}

function printBody(session: Session, body: Uint8Array, ifindex: number): void {
  const message = decodeNetconf(body);
  if (isMalformed(message) || (ifindex !== 0 && message.ifindex !== ifindex)) return;
  printNetconf(session, message);
}
