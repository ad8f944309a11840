// Options of VLANs: `bridge vlan set`, `bridge vlan global`, and the list with them (`bridge -d vlan`). They travel in
// the messages of the VLAN database.

import type {
  BridgeVlanEntry,
  BridgeVlanGlobalOptions,
  BridgeVlanMessage,
} from "../../netlink/rtnl/bridge-vlan.ts";
import {
  BRIDGE_VLAN_INFO,
  BRIDGE_VLANDB_DUMPF,
  decodeBridgeVlan,
  encodeBridgeVlan,
  encodeBridgeVlanRequest,
} from "../../netlink/rtnl/bridge-vlan.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { fail, giveUp, matches } from "../ip/arguments.ts";
import type { Arguments } from "../ip/arguments.ts";
import type { Session } from "../ip/session.ts";
import type { BridgeSession } from "./bridge.ts";
import { dump } from "./dump.ts";
import { printState, stateByName } from "./states.ts";
import type { VlanFilter } from "./vlan-filter.ts";
import { parseFilter } from "./vlan-filter.ts";
import { parseVlanRange } from "./vlan-change.ts";
import { VLAN_USAGE } from "./vlan-help.ts";
import {
  closePort,
  indent,
  nextRow,
  openPort,
  printRange,
  printVlanFlags,
  VLAN_HEADER,
} from "./vlan-rows.ts";
import { printCounters } from "./vlan-statistics.ts";

const VLAN_LIMIT = 4096;
const U8 = 0xff;
const U32 = 0xffff_ffff;

type Option = keyof BridgeVlanGlobalOptions;

/** Options of `global set`: keyword, attribute, largest value; printed in this order too. */
const GLOBAL: readonly (readonly [string, Option & `mcast${string}`, number])[] = [
  ["mcast_snooping", "mcastSnooping", U8],
  ["mcast_querier", "mcastQuerier", U8],
  ["mcast_igmp_version", "mcastIgmpVersion", U8],
  ["mcast_mld_version", "mcastMldVersion", U8],
  ["mcast_last_member_count", "mcastLastMemberCount", U32],
  ["mcast_last_member_interval", "mcastLastMemberInterval", Number.MAX_SAFE_INTEGER],
  ["mcast_startup_query_count", "mcastStartupQueryCount", U32],
  ["mcast_startup_query_interval", "mcastStartupQueryInterval", Number.MAX_SAFE_INTEGER],
  ["mcast_membership_interval", "mcastMembershipInterval", Number.MAX_SAFE_INTEGER],
  ["mcast_querier_interval", "mcastQuerierInterval", Number.MAX_SAFE_INTEGER],
  ["mcast_query_interval", "mcastQueryInterval", Number.MAX_SAFE_INTEGER],
  ["mcast_query_response_interval", "mcastQueryResponseInterval", Number.MAX_SAFE_INTEGER],
];

/** `vid VID` of a `set`: first and last, which is undefined for a single one. */
function vlanIds(session: BridgeSession, text: string): { first: number; last: number | undefined } {
  const { process } = session;
  const { first, last, isRange } = parseVlanRange(text);
  if (first >= VLAN_LIMIT) giveUp(process, `Invalid VLAN ID "${first}"\n`, 255);
  if (!isRange) return { first, last: undefined };
  if (last === -1 || last >= VLAN_LIMIT || first >= last) {
    giveUp(process, `Invalid VLAN range "${first}-${last & 0xffff}"\n`, 255);
  }
  return { first, last };
}

function deviceOf(session: BridgeSession, name: string): number {
  const text = `Cannot find network device "${name}"\n`;
  return session.links.index(name) || giveUp(session.process, text, 255);
}

function required(session: BridgeSession): never {
  return giveUp(session.process, "Device and VLAN ID are required arguments.\n", 255);
}

/** `bridge vlan set` */
export function setOptions(session: BridgeSession, args: Arguments): number {
  let index: number | undefined;
  let ids: ReturnType<typeof vlanIds> | undefined;
  let state: number | undefined;
  let mcastRouter: number | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "dev") index = deviceOf(session, args.next());
    else if (word === "vid") ids = vlanIds(session, args.next());
    else if (word === "state") state = vlanState(session, args.next());
    else if (word === "mcast_router") mcastRouter = args.nextUnsigned("invalid mcast_router", U8);
    else if (matches(word, "help")) args.next();
  }
  if (index === undefined || ids === undefined) return required(session);
  const entry: BridgeVlanEntry = {
    info: { flags: BRIDGE_VLAN_INFO.ONLY_OPTS, vid: ids.first },
    range: ids.last,
    state,
    mcastRouter,
  };
  const body = encodeBridgeVlan({ family: AF.BRIDGE, index, entries: [entry] });
  return session.rtnl.talk(RTM.NEWVLAN, 0, body) === undefined ? 255 : 0;
}

function vlanState({ process }: Session, word: string): number {
  if (/^\d+$/.test(word)) return Number(word) & U8;
  return stateByName(word) ?? giveUp(process, "Error: invalid STP state\n", 255);
}

/** `bridge vlan global` */
export function global(session: BridgeSession, args: Arguments): number {
  if (args.left > 0) {
    const word = args.current;
    args.advance();
    if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) {
      return showOptions(session, parseFilter(session, args), true);
    }
    if (matches(word, "set")) return setGlobal(session, args);
    return fail(session.process, 255, VLAN_USAGE);
  }
  return showOptions(session, parseFilter(session, args), true);
}

function setGlobal(session: BridgeSession, args: Arguments): number {
  let index: number | undefined;
  let ids: ReturnType<typeof vlanIds> | undefined;
  const options: { -readonly [K in Option]?: BridgeVlanGlobalOptions[K] } = {};
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const option = GLOBAL.find(([keyword]) => keyword === word);
    if (option !== undefined) {
      const [keyword, attribute, max] = option;
      Object.assign(options, { [attribute]: args.nextUnsigned(`invalid ${keyword}`, max) });
    } else if (word === "dev") index = deviceOf(session, args.next());
    else if (word === "vid") ids = vlanIds(session, args.next());
    else if (matches(word, "help")) args.next();
  }
  if (index === undefined || ids === undefined) return required(session);
  const entry = { ...options, id: ids.first, range: ids.last };
  const body = encodeBridgeVlan({ family: AF.BRIDGE, index, globalOptions: [entry] });
  return session.rtnl.talk(RTM.NEWVLAN, 0, body) === undefined ? 255 : 0;
}

/** `bridge -d vlan`, and with `globalOnly` the options of whole bridges. */
export function showOptions(session: BridgeSession, filter: VlanFilter, globalOnly: boolean): number {
  const { out, options } = session;
  const dumpFlags =
    (options.stats > 0 ? BRIDGE_VLANDB_DUMPF.STATS : 0) | (globalOnly ? BRIDGE_VLANDB_DUMPF.GLOBAL : 0);
  const body = encodeBridgeVlanRequest({ family: AF.BRIDGE, index: 0, dumpFlags });
  const messages = dump(session, RTM.GETVLAN, body);
  out.begin();
  out.text(`${VLAN_HEADER}\n`);
  for (const { body: each } of messages ?? []) {
    const message = decodeBridgeVlan(each);
    if (isMalformed(message)) continue;
    if (filter.index === 0 || filter.index === message.index) {
      printDatabase(session, message, filter.vlan, globalOnly);
    }
  }
  out.end();
  return messages === undefined ? 1 : 0;
}

/** The VLANs of one device in a message of the VLAN database. */
export function printDatabase(
  session: BridgeSession,
  message: BridgeVlanMessage,
  only: number,
  globalOnly: boolean,
): void {
  let opened = false;
  const row = (first: number, last: number, print: () => void): void => {
    if (only !== 0 && (only < first || only > last)) return;
    if (opened) {
      session.out.openObject();
      nextRow(session);
    } else {
      openPort(session, message.index, "vlans");
      session.out.openObject();
    }
    opened = true;
    print();
    session.out.closeObject();
  };
  for (const entry of globalOnly ? [] : (message.entries ?? [])) {
    const { info = { vid: 0, flags: 0 }, range = info.vid } = entry;
    row(info.vid, range, () => printEntry(session, entry, info.vid, range, info.flags));
  }
  for (const entry of message.globalOptions ?? []) {
    const { id = 0, range = id } = entry;
    row(id, range, () => printGlobal(session, entry, id, range));
  }
  if (opened) closePort(session);
}

function printEntry(
  session: BridgeSession,
  entry: BridgeVlanEntry,
  first: number,
  last: number,
  flags: number,
): void {
  const { out, options } = session;
  printRange(out, "vlan", first, last);
  printVlanFlags(out, flags);
  out.text(out.lineEnd);
  indent(session);
  printState(out, entry.state ?? 0);
  const { mcastRouter, stats } = entry;
  if (mcastRouter !== undefined) out.fact("mcast_router", mcastRouter, `mcast_router ${mcastRouter} `);
  out.text(out.lineEnd);
  if (options.stats > 0 && stats !== undefined) printCounters(session, stats);
}

function printGlobal(
  session: BridgeSession,
  entry: BridgeVlanGlobalOptions,
  first: number,
  last: number,
): void {
  const { out } = session;
  printRange(out, "vlan", first, last);
  out.text(out.lineEnd);
  indent(session);
  for (const [keyword, attribute] of GLOBAL) {
    const value = entry[attribute];
    if (typeof value === "number") out.fact(keyword, value, `${keyword} ${value} `);
  }
  out.text(out.lineEnd);
}
