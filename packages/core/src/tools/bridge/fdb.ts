// `bridge fdb`: forwarding databases, listed here; entries are changed in fdb-change.ts.

import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { NLM_F } from "../../netlink/message.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { formatAddress, formatLinkAddress } from "../ip/addresses.ts";
import { fail, giveUp, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import { parseUnsigned } from "../ip/numbers.ts";
import type { Session } from "../ip/session.ts";
import type { BridgeSession } from "./bridge.ts";
import { dump } from "./dump.ts";
import { change, FDB_USAGE, flush, macOf } from "./fdb-change.ts";
import { filterIndex } from "./link.ts";

const USER_HZ = 100;
/** -2 as an exit code: what `fdb get` ends with when it was refused. */
const NOT_FOUND = 254;

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [NTF.SELF, "self"],
  [NTF.ROUTER, "router"],
  [NTF.EXT_LEARNED, "extern_learn"],
  [NTF.OFFLOADED, "offload"],
  [NTF.MASTER, "master"],
  [NTF.STICKY, "sticky"],
];

/** Which entries are printed. */
export interface FdbFilter {
  /** 0: any. */
  index: number;
  vlan: number;
  state: number;
  dynamic: boolean;
}

export const everyEntry: FdbFilter = { index: 0, vlan: 0, state: 0, dynamic: false };

export function fdb(session: BridgeSession, args: Arguments): number {
  const { process } = session;
  if (args.left === 0) return show(session, args);
  const word = args.current;
  args.advance();
  if (matches(word, "add")) return change(session, args, RTM.NEWNEIGH, NLM_F.CREATE | NLM_F.EXCL);
  if (matches(word, "append")) return change(session, args, RTM.NEWNEIGH, NLM_F.CREATE | NLM_F.APPEND);
  if (matches(word, "replace")) return change(session, args, RTM.NEWNEIGH, NLM_F.CREATE | NLM_F.REPLACE);
  if (matches(word, "delete")) return change(session, args, RTM.DELNEIGH, 0);
  if (matches(word, "get")) return get(session, args);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) return show(session, args);
  if (word === "flush") return flush(session, args);
  if (matches(word, "help")) return fail(process, 255, FDB_USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "bridge fdb help".\n`);
}

/** NUD_* bits of a state by name or number. */
function stateBits(args: Arguments): number {
  const word = args.current;
  if (matches(word, "permanent")) return NUD.PERMANENT;
  if (matches(word, "static") || matches(word, "temp")) return NUD.NOARP;
  if (matches(word, "stale")) return NUD.STALE;
  if (matches(word, "reachable") || matches(word, "dynamic")) return NUD.REACHABLE;
  if (word === "all") return 0xffff_ffff;
  return parseUnsigned(word) ?? args.invalid("invalid state");
}

function show(session: BridgeSession, args: Arguments): number {
  const { process, links, out } = session;
  const filter = { ...everyEntry };
  let device: string | undefined;
  let bridge: string | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "brport" || word === "dev") device = args.next();
    else if (word === "br") bridge = args.next();
    else if (word === "vlan") {
      const value = args.next();
      if (filter.vlan !== 0) args.duplicate("vlan", value);
      filter.vlan = Number.parseInt(value, 10) || 0;
    } else if (word === "state") {
      args.next();
      filter.state |= stateBits(args);
    } else if (word === "dynamic") filter.dynamic = true;
    else if (matches(word, "help")) fail(process, 255, FDB_USAGE);
  }
  const master =
    bridge === undefined
      ? undefined
      : links.index(bridge) || giveUp(process, `Cannot find bridge device "${bridge}"\n`, 255);
  filter.index = filterIndex(session, device);
  const body = encodeNeighbour({ family: AF.BRIDGE, ifindex: filter.index, master });
  const messages = dump(session, RTM.GETNEIGH, body);
  if (messages === undefined) return 1;
  out.begin();
  for (const { body: entry } of messages) {
    const decoded = decodeNeighbour(entry);
    if (!isMalformed(decoded)) printFdb(session, filter, decoded, false);
  }
  out.end();
  return 0;
}

/** One entry, if the filter lets it through. */
export function printFdb(
  session: Session,
  filter: FdbFilter,
  entry: NeighbourMessage,
  deleted: boolean,
): void {
  const { out, links, options } = session;
  if (entry.family !== AF.BRIDGE) return;
  if (filter.index !== 0 && filter.index !== entry.ifindex) return;
  if (filter.state !== 0 && (entry.state & filter.state) === 0) return;
  if (filter.vlan !== 0 && filter.vlan !== (entry.vlan ?? 0)) return;
  if (filter.dynamic && (entry.state & NUD.PERMANENT) !== 0) return;
  out.openObject();
  if (deleted) out.flag("deleted", "Deleted ");
  if (entry.lladdr !== undefined) {
    const mac = formatLinkAddress(entry.lladdr, links.type(entry.ifindex) ?? 1);
    out.fact("mac", mac, `${mac} `, "mac");
  }
  if (filter.index === 0 && entry.ifindex !== 0) {
    const name = links.name(entry.ifindex);
    out.text("dev ");
    out.fact("ifname", name, `${name} `, "ifname");
  }
  printTunnel(session, entry);
  const age = options.stats > 0 ? entry.cacheinfo : undefined;
  if (age !== undefined) {
    const used = Math.floor(age.used / USER_HZ);
    const updated = Math.floor(age.updated / USER_HZ);
    out.fact("used", used, `used ${used}/${updated} `);
    out.member("updated", updated);
  }
  out.openArray("flags");
  for (const [flag, name] of FLAG_NAMES) if (entry.flags & flag) out.element(name, `${name} `);
  out.closeArray();
  if (entry.master !== undefined) {
    const master = links.name(entry.master);
    out.fact("master", master, `master ${master} `);
  }
  const state = stateName(entry.state);
  out.fact("state", state.startsWith("state=") && out.json ? state.slice(6) : state, `${state}\n`);
  out.closeObject();
}

/** What entries of VXLAN devices have, around the VLAN that a bridge's have. */
function printTunnel({ out, links }: Session, entry: NeighbourMessage): void {
  const { dst, vlan, port, vni, srcVni, ndaIfindex, linkNetnsid, nhId } = entry;
  if (dst !== undefined) {
    const inet6 = dst.length === 16;
    const text = formatAddress(inet6 ? AF.INET6 : AF.INET, dst);
    out.text("dst ");
    out.fact("dst", text, `${text} `, inet6 ? "inet6" : "inet");
  }
  if (vlan !== undefined && vlan !== 0) out.fact("vlan", vlan, `vlan ${vlan} `);
  if (port !== undefined) out.fact("port", port, `port ${port} `);
  if (vni !== undefined) out.fact("vni", vni, `vni ${vni} `);
  if (srcVni !== undefined) out.fact("src_vni", srcVni, `src_vni ${srcVni} `);
  if (ndaIfindex !== undefined) {
    if (linkNetnsid !== undefined) out.fact("viaIfIndex", ndaIfindex, `via ifindex ${ndaIfindex} `);
    else out.fact("viaIf", links.name(ndaIfindex), `via ${links.name(ndaIfindex)} `);
  }
  if (nhId !== undefined) out.fact("nhid", nhId, `nhid ${nhId} `);
  if (linkNetnsid !== undefined) out.fact("linkNetNsId", linkNetnsid, `link-netnsid ${linkNetnsid} `);
}

function stateName(state: number): string {
  if (state & NUD.PERMANENT) return "permanent";
  if (state & NUD.NOARP) return "static";
  if (state & NUD.STALE) return "stale";
  if (state & NUD.REACHABLE) return "";
  return `state=0x${state.toString(16)}`;
}

function get(session: BridgeSession, args: Arguments): number {
  const { process, links, rtnl, out } = session;
  let device: string | undefined;
  let bridge: string | undefined;
  let address: string | undefined;
  let vlan: number | undefined;
  let vni: number | undefined;
  let flags = 0;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "brport" || word === "dev") device = args.next();
    else if (word === "br") bridge = args.next();
    else if (word === "vni") vni = args.nextUnsigned("invalid VNI\n", 0xff_ffff);
    else if (word === "self") flags |= NTF.SELF;
    else if (matches(word, "master")) flags |= NTF.MASTER;
    else if (matches(word, "vlan")) vlan = args.nextAtoi();
    else if (matches(word, "dynamic")) continue;
    else {
      if (word === "to") args.next();
      if (matches(args.current, "help")) fail(process, 255, FDB_USAGE);
      if (address !== undefined) args.garbage("to");
      address = args.current;
    }
  }
  if ((device === undefined && bridge === undefined) || address === undefined) {
    giveUp(process, "Device or master and address are required arguments.\n", 255);
  }
  const lladdr = macOf(process, address);
  const ifindex =
    device === undefined
      ? 0
      : links.index(device) || giveUp(process, `Cannot find device "${device}"\n`, 255);
  const master =
    bridge === undefined
      ? undefined
      : links.index(bridge) || giveUp(process, `Cannot find bridge device "${bridge}"\n`, 255);
  const body = encodeNeighbour({ family: AF.BRIDGE, ifindex, flags, lladdr, master, vlan, vni });
  const answer = rtnl.talk(RTM.GETNEIGH, 0, body)?.[0];
  if (answer === undefined) return NOT_FOUND;
  const entry = decodeNeighbour(answer.body);
  out.begin();
  if (!isMalformed(entry)) printFdb(session, everyEntry, entry, false);
  out.end();
  return 0;
}
