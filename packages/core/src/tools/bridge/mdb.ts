// `bridge mdb`: multicast groups and router ports.

import { AttributeWriter } from "../../netlink/attributes.ts";
import { NLM_F } from "../../netlink/message.ts";
import type { MdbMessage } from "../../netlink/rtnl/mdb.ts";
import { decodeMdb, encodeMdbRequest, MDB_FLAGS, MDB_STATE } from "../../netlink/rtnl/mdb.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { formatAddress, formatLinkAddress, parseAddress, parseLinkAddress } from "../ip/addresses.ts";
import { fail, giveUp, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import { atoi } from "../ip/numbers.ts";
import type { Session } from "../ip/session.ts";
import type { BridgeSession } from "./bridge.ts";
import { dump } from "./dump.ts";
import { filterIndex } from "./link.ts";

const USAGE = `Usage: bridge mdb { add | del } dev DEV port PORT grp GROUP [src SOURCE] [permanent | temp] [vid VID]
       bridge mdb {show} [ dev DEV ] [ vid VID ]
`;

const ADDRESS_LENGTH = 16;
const MAC_LENGTH = 6;
/** MDBE_ATTR_SOURCE */
const SOURCE = 1;
/** MDB_RTR_TYPE_TEMP_QUERY and MDB_RTR_TYPE_TEMP: the port is a router's for a while. */
const TEMPORARY_ROUTERS = [1, 3];

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [MDB_FLAGS.OFFLOAD, "offload"],
  [MDB_FLAGS.FAST_LEAVE, "fast_leave"],
  [MDB_FLAGS.STAR_EXCL, "added_by_star_ex"],
  [MDB_FLAGS.BLOCKED, "blocked"],
];

export function mdb(session: BridgeSession, args: Arguments): number {
  const { process } = session;
  if (args.left === 0) return show(session, args);
  const word = args.current;
  args.advance();
  if (matches(word, "add")) return change(session, args, RTM.NEWMDB, NLM_F.CREATE | NLM_F.EXCL);
  if (matches(word, "delete")) return change(session, args, RTM.DELMDB, 0);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) return show(session, args);
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "bridge mdb help".\n`);
}

function show(session: BridgeSession, args: Arguments): number {
  const { out } = session;
  let device: string | undefined;
  let vlan = 0;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") {
      args.next();
      if (device !== undefined) args.duplicate("dev");
      device = args.current;
    } else if (args.current === "vid") {
      args.next();
      if (vlan !== 0) args.duplicate("vid");
      vlan = atoi(args.current);
    }
  }
  const only = filterIndex(session, device);
  out.begin();
  out.openObject();
  const databases = ask(session);
  if (databases === undefined) return 255;
  out.openArray("mdb");
  for (const each of databases) if (only === 0 || only === each.ifindex) printGroups(session, each, vlan);
  out.closeArray();
  const again = ask(session);
  if (again === undefined) return 255;
  out.openObject(out.json ? "router" : undefined);
  for (const each of again) {
    if ((only === 0 || only === each.ifindex) && session.options.details > 0) printRouters(session, each);
  }
  out.closeObject();
  out.closeObject();
  out.end();
  return 0;
}

function ask(session: BridgeSession): MdbMessage[] | undefined {
  const body = encodeMdbRequest({ family: AF.BRIDGE });
  return dump(session, RTM.GETMDB, body)?.flatMap((message) => {
    const decoded = decodeMdb(message.body);
    return isMalformed(decoded) ? [] : [decoded];
  });
}

/** Ticks of 1/100 s: `" 259.70"`. */
function timer(ticks: number): string {
  const fraction = String(ticks % 100).padStart(2, "0");
  return `${String(Math.floor(ticks / 100)).padStart(4)}.${fraction}`;
}

/** The groups of one bridge. */
export function printGroups(session: Session, message: MdbMessage, vlan: number, deleted = false): void {
  const { out, links, options, names } = session;
  for (const entry of (message.mdb?.groups ?? []).flatMap(({ entries = [] }) => entries)) {
    if (vlan !== 0 && vlan !== entry.vid) continue;
    out.openObject();
    if (deleted) out.flag("deleted", "Deleted ");
    const device = links.name(message.ifindex);
    const port = links.name(entry.ifindex);
    out.member("index", message.ifindex);
    out.fact("dev", device, `dev ${device}`, "ifname");
    out.fact("port", port, ` port ${port}`);
    const group = groupText(entry.proto, entry.address);
    const color = entry.proto === EtherType.IPV4 ? "inet" : entry.proto === 0 ? undefined : "inet6";
    out.fact("grp", group, ` grp ${group}`, color);
    const { source, groupMode, rtprot, timer: left } = entry.attributes;
    if (source !== undefined) {
      const text = groupText(entry.proto, source);
      out.fact("src", text, ` src ${text}`, color);
    }
    const state = entry.state & MDB_STATE.PERMANENT ? "permanent" : "temp";
    out.fact("state", state, ` ${state}`);
    if (options.details > 0) {
      const mode = groupMode === undefined ? undefined : groupMode === 0 ? "include" : "exclude";
      if (mode !== undefined) out.fact("filter_mode", mode, ` filter_mode ${mode}`);
      if (rtprot !== undefined) {
        const protocol = names.name("protocol", rtprot);
        out.fact("protocol", protocol, ` proto ${protocol} `);
      }
    }
    out.openArray("flags");
    for (const [flag, name] of FLAG_NAMES) if (entry.flags & flag) out.element(name, ` ${name}`);
    out.closeArray();
    if (entry.vid !== 0) out.fact("vid", entry.vid, ` vid ${entry.vid}`);
    if (options.stats > 0 && left !== undefined) out.fact("timer", timer(left), ` ${timer(left)}`);
    out.text(out.lineEnd);
    out.closeObject();
  }
}

function groupText(proto: number, address: Uint8Array): string {
  if (proto === EtherType.IPV4) return formatAddress(AF.INET, address.subarray(0, 4));
  if (proto === EtherType.IPV6) return formatAddress(AF.INET6, address);
  return formatLinkAddress(address.subarray(0, 6), 1);
}

/** Ports behind which multicast routers are, one line each with -s. */
function printRouters(session: Session, message: MdbMessage): void {
  const { out, links, options } = session;
  const ports = message.router?.ports ?? [];
  if (ports.length === 0) return;
  const bridge = links.name(message.ifindex);
  const withTimers = options.stats > 0;
  const title = `router ports on ${bridge}: `;
  out.openArray(bridge, withTimers ? "" : title);
  for (const { ifindex, attributes } of ports) {
    const name = links.name(ifindex);
    out.openObject();
    out.fact("port", name, withTimers ? `${title}${name}` : `${name} `);
    if (withTimers) {
      const left = timer(attributes.timer ?? 0);
      out.fact("timer", left, ` ${left}`);
      const type = TEMPORARY_ROUTERS.includes(attributes.type ?? 0) ? "temp" : "permanent";
      out.fact("type", type, ` ${type}`);
      out.text("\n");
    }
    out.closeObject();
  }
  if (!withTimers) out.text(out.lineEnd);
  out.closeArray();
}

/** A notification about router ports names the first one. */
export function printRouterChange({ out, links }: Session, message: MdbMessage): void {
  const port = message.router?.ports?.[0];
  if (port === undefined) return;
  out.text(`router ports on ${links.name(message.ifindex)}: ${links.name(port.ifindex)}\n`);
}

function change(session: BridgeSession, args: Arguments, type: number, flags: number): number {
  const { process, links, rtnl } = session;
  const words = new Map<string, string>();
  let permanent = false;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (["dev", "grp", "port", "vid", "src"].includes(word)) words.set(word, args.next());
    else if (word === "permanent") permanent = type === RTM.NEWMDB;
    else if (word !== "temp" && matches(word, "help")) fail(process, 255, USAGE);
  }
  const [device, port, group, source] = ["dev", "port", "grp", "src"].map((key) => words.get(key));
  if (device === undefined || group === undefined || port === undefined) {
    giveUp(process, "Device, group address and port name are required arguments.\n", 255);
  }
  const ifindex = links.index(device) || giveUp(process, `Cannot find device "${device}"\n`, 255);
  const portIndex = links.index(port) || giveUp(process, `Cannot find device "${port}"\n`, 255);
  const { proto, bytes } = parseGroup(args, group) ?? giveUp(process, `Invalid address "${group}"\n`, 255);
  const address = new Uint8Array(ADDRESS_LENGTH);
  address.set(bytes);
  const body = encodeMdbRequest({
    family: AF.BRIDGE,
    ifindex,
    entry: {
      ifindex: portIndex,
      state: permanent ? MDB_STATE.PERMANENT : MDB_STATE.TEMPORARY,
      flags: 0,
      vid: atoi(words.get("vid") ?? "0") & 0xffff,
      address,
      proto,
    },
    entryAttributes: source === undefined ? undefined : sourceAttribute(session, source),
  });
  return rtnl.talk(type, flags, body) === undefined ? 255 : 0;
}

function sourceAttribute({ process }: Session, text: string): Uint8Array {
  const address =
    parseAddress(text, AF.INET)?.bytes ??
    parseAddress(text, AF.INET6)?.bytes ??
    giveUp(process, `Invalid source address "${text}"\n`, 255);
  const writer = new AttributeWriter();
  writer.attribute(SOURCE, () => writer.appendBytes(address));
  return writer.finish();
}

/** An IPv4, IPv6 or MAC group; undefined after a complaint about a MAC address. */
function parseGroup(
  args: Arguments,
  text: string,
): { readonly proto: number; readonly bytes: Uint8Array } | undefined {
  const inet = /^\d+\.\d+\.\d+\.\d+$/.test(text) ? parseAddress(text, AF.INET)?.bytes : undefined;
  if (inet) return { proto: EtherType.IPV4, bytes: inet };
  const inet6 = text.includes(":") ? parseAddress(text, AF.INET6)?.bytes : undefined;
  if (inet6) return { proto: EtherType.IPV6, bytes: inet6 };
  const mac = parseLinkAddress(args, text, MAC_LENGTH);
  return mac?.length === MAC_LENGTH ? { proto: 0, bytes: mac } : undefined;
}
