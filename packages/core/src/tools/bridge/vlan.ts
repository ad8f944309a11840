// `bridge vlan`: the commands, and the lists of VLANs and tunnels. Changes are in vlan-change.ts, options and the new
// form of the list (-d) in vlan-options.ts, counters (-s) in vlan-statistics.ts.

import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import type { BridgeSpecification } from "../../netlink/rtnl/bridge-vlan.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { fail, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import { decodeLinks } from "../ip/link-cache.ts";
import type { BridgeSession } from "./bridge.ts";
import { dump } from "./dump.ts";
import { changeVlan } from "./vlan-change.ts";
import { parseFilter } from "./vlan-filter.ts";
import { VLAN_USAGE } from "./vlan-help.ts";
import { global, setOptions, showOptions } from "./vlan-options.ts";
import { closePort, nextRow, openPort, printRange, printVlanFlags, VLAN_HEADER } from "./vlan-rows.ts";
import { showStatistics } from "./vlan-statistics.ts";

const { RANGE_BEGIN, RANGE_END } = BRIDGE_VLAN_INFO;

export function vlan(session: BridgeSession, args: Arguments): number {
  const { process } = session;
  if (args.left === 0) return show(session, args, false);
  const word = args.current;
  args.advance();
  if (matches(word, "add")) return changeVlan(session, args, RTM.SETLINK);
  if (matches(word, "delete")) return changeVlan(session, args, RTM.DELLINK);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) {
    return show(session, args, false);
  }
  if (matches(word, "tunnelshow")) return show(session, args, true);
  if (matches(word, "set")) return setOptions(session, args);
  if (word === "global") return global(session, args);
  if (matches(word, "help")) return fail(process, 255, VLAN_USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "bridge vlan help".\n`);
}

function show(session: BridgeSession, args: Arguments, tunnels: boolean): number {
  const { out, options } = session;
  const filter = parseFilter(session, args);
  if (options.details > 0 && !tunnels) return showOptions(session, filter, false);
  if (options.stats > 0) return showStatistics(session, filter);
  const extMask = session.compressVlans ? RTEXT_FILTER.BRVLAN_COMPRESSED : RTEXT_FILTER.BRVLAN;
  const messages = dump(session, RTM.GETLINK, encodeLink({ family: AF.BRIDGE, extMask }));
  out.begin();
  out.text(`${VLAN_HEADER}${tunnels ? "  tunnel-id" : ""}\n`);
  for (const link of decodeLinks(messages ?? [])) {
    if (filter.index !== 0 && filter.index !== link.index) continue;
    if (link.bridge === undefined) continue;
    if (tunnels) printTunnels(session, filter.vlan, link.index, link.bridge);
    else printVlans(session, filter.vlan, link.index, link.bridge);
  }
  out.end();
  return messages === undefined ? 1 : 0;
}

function printVlans(
  session: BridgeSession,
  only: number,
  index: number,
  { vlans = [] }: BridgeSpecification,
): void {
  const { out } = session;
  let opened = false;
  let start = 0;
  for (const { vid, flags } of vlans) {
    if ((flags & RANGE_END) === 0) start = vid;
    if (flags & RANGE_BEGIN) continue;
    if (only !== 0 && (only < start || only > vid)) continue;
    if (opened) nextRow(session);
    else openPort(session, index, "vlans");
    opened = true;
    out.openObject();
    printRange(out, "vlan", start, vid);
    printVlanFlags(out, flags);
    out.closeObject();
    out.text(out.lineEnd);
  }
  if (opened) closePort(session);
}

function printTunnels(
  session: BridgeSession,
  only: number,
  index: number,
  { tunnels = [] }: BridgeSpecification,
): void {
  const { out } = session;
  let opened = false;
  let start = 0;
  let firstId = 0;
  for (const { vid = 0, id = 0, flags = 0 } of tunnels) {
    if ((flags & RANGE_END) === 0) {
      start = vid;
      firstId = id;
    }
    if (flags & RANGE_BEGIN) continue;
    if (only !== 0 && (only < start || only > vid)) continue;
    if (opened) nextRow(session);
    else openPort(session, index, "tunnels");
    opened = true;
    out.openObject();
    const width = printRange(out, "vlan", start, vid);
    out.text(" ".repeat(Math.max(0, VLAN_COLUMN - width) + 2));
    printRange(out, "tunid", firstId, id);
    out.closeObject();
    out.text(out.lineEnd);
  }
  if (opened) closePort(session);
}

/** Width of the column of VLANs in the table of tunnels. */
const VLAN_COLUMN = 9;
