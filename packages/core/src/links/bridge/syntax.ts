// bridge in `ip link`: `type bridge [OPTION VALUE] ...`, and what -d tells of one. Times are in hundredths of a second.

import { parseLinkAddress } from "../../tools/ip/addresses.ts";
import { giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import { JsonNumber } from "../../tools/ip/json-writer.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { hex, parseU64, parseUnsigned } from "../../tools/ip/numbers.ts";
import type { Output } from "../../tools/ip/output.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { BR_BOOLOPT, decodeBridgeData, encodeBridgeData } from "./netlink.ts";
import type { BridgeData } from "./netlink.ts";
import { bridgeStatistics } from "./statistics/syntax.ts";

const HELP = `Usage: ... bridge [ fdb_flush ]
		  [ forward_delay FORWARD_DELAY ]
		  [ hello_time HELLO_TIME ]
		  [ max_age MAX_AGE ]
		  [ ageing_time AGEING_TIME ]
		  [ stp_state STP_STATE ]
		  [ priority PRIORITY ]
		  [ group_fwd_mask MASK ]
		  [ group_address ADDRESS ]
		  [ no_linklocal_learn NO_LINKLOCAL_LEARN ]
		  [ vlan_filtering VLAN_FILTERING ]
		  [ vlan_protocol VLAN_PROTOCOL ]
		  [ vlan_default_pvid VLAN_DEFAULT_PVID ]
		  [ vlan_stats_enabled VLAN_STATS_ENABLED ]
		  [ vlan_stats_per_port VLAN_STATS_PER_PORT ]
		  [ mcast_snooping MULTICAST_SNOOPING ]
		  [ mcast_vlan_snooping MULTICAST_VLAN_SNOOPING ]
		  [ mcast_router MULTICAST_ROUTER ]
		  [ mcast_query_use_ifaddr MCAST_QUERY_USE_IFADDR ]
		  [ mcast_querier MULTICAST_QUERIER ]
		  [ mcast_hash_elasticity HASH_ELASTICITY ]
		  [ mcast_hash_max HASH_MAX ]
		  [ mcast_last_member_count LAST_MEMBER_COUNT ]
		  [ mcast_startup_query_count STARTUP_QUERY_COUNT ]
		  [ mcast_last_member_interval LAST_MEMBER_INTERVAL ]
		  [ mcast_membership_interval MEMBERSHIP_INTERVAL ]
		  [ mcast_querier_interval QUERIER_INTERVAL ]
		  [ mcast_query_interval QUERY_INTERVAL ]
		  [ mcast_query_response_interval QUERY_RESPONSE_INTERVAL ]
		  [ mcast_startup_query_interval STARTUP_QUERY_INTERVAL ]
		  [ mcast_stats_enabled MCAST_STATS_ENABLED ]
		  [ mcast_igmp_version IGMP_VERSION ]
		  [ mcast_mld_version MLD_VERSION ]
		  [ nf_call_iptables NF_CALL_IPTABLES ]
		  [ nf_call_ip6tables NF_CALL_IP6TABLES ]
		  [ nf_call_arptables NF_CALL_ARPTABLES ]

Where: VLAN_PROTOCOL := { 802.1Q | 802.1ad }
`;

/** Members of BridgeData that hold a number. */
type NumberOption = {
  [K in keyof BridgeData]-?: Exclude<BridgeData[K], undefined> extends number ? K : never;
}[keyof BridgeData];

interface Option {
  readonly word: string;
  readonly field: NumberOption;
  /** Bits of the value. */
  readonly bits: 8 | 16 | 32 | 64;
}

const option = (word: string, field: NumberOption, bits: Option["bits"]): Option => ({ word, field, bits });

/** Options up to group_fwd_mask, in the order in which short forms are tried. */
const FIRST: readonly Option[] = [
  option("forward_delay", "forwardDelay", 32),
  option("hello_time", "helloTime", 32),
  option("max_age", "maxAge", 32),
  option("ageing_time", "ageingTime", 32),
  option("stp_state", "stpState", 32),
  option("priority", "priority", 16),
  option("vlan_filtering", "vlanFiltering", 8),
];

const LATER: readonly Option[] = [
  option("vlan_default_pvid", "vlanDefaultPvid", 16),
  option("vlan_stats_enabled", "vlanStatsEnabled", 8),
  option("vlan_stats_per_port", "vlanStatsPerPort", 8),
  option("mcast_router", "mcastRouter", 8),
  option("mcast_snooping", "mcastSnooping", 8),
  option("mcast_query_use_ifaddr", "mcastQueryUseIfaddr", 8),
  option("mcast_querier", "mcastQuerier", 8),
  option("mcast_hash_elasticity", "mcastHashElasticity", 32),
  option("mcast_hash_max", "mcastHashMax", 32),
  option("mcast_last_member_count", "mcastLastMemberCnt", 32),
  option("mcast_startup_query_count", "mcastStartupQueryCnt", 32),
  option("mcast_last_member_interval", "mcastLastMemberIntvl", 64),
  option("mcast_membership_interval", "mcastMembershipIntvl", 64),
  option("mcast_querier_interval", "mcastQuerierIntvl", 64),
  option("mcast_query_interval", "mcastQueryIntvl", 64),
  option("mcast_query_response_interval", "mcastQueryResponseIntvl", 64),
  option("mcast_startup_query_interval", "mcastStartupQueryIntvl", 64),
  option("mcast_stats_enabled", "mcastStatsEnabled", 8),
  option("mcast_igmp_version", "mcastIgmpVersion", 8),
  option("mcast_mld_version", "mcastMldVersion", 8),
  option("nf_call_iptables", "nfCallIptables", 8),
  option("nf_call_ip6tables", "nfCallIp6tables", 8),
  option("nf_call_arptables", "nfCallArptables", 8),
];

const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ["no_linklocal_learn", BR_BOOLOPT.NO_LL_LEARN],
  ["mcast_vlan_snooping", BR_BOOLOPT.MCAST_VLAN_SNOOPING],
]);

const VLAN_PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["802.1q", 0x8100],
  ["802.1ad", 0x88a8],
]);

type BridgeRequest = { -readonly [K in keyof BridgeData]?: BridgeData[K] };

function parseNumber(args: Arguments, { word, field, bits }: Option, request: BridgeRequest): void {
  const text = args.next();
  const value = bits === 64 ? parseU64(text) : parseUnsigned(text, 2 ** bits - 1);
  request[field] = value === undefined ? args.invalid(`invalid ${word}`) : Number(value);
}

function parseOption(args: Arguments, request: BridgeRequest): boolean {
  const word = args.current;
  const named = (list: readonly Option[]): Option | undefined =>
    list.find((each) => matches(word, each.word));
  const first = named(FIRST);
  const boolean = BOOLEANS.get(word);
  if (first !== undefined) parseNumber(args, first, request);
  else if (matches(word, "vlan_protocol")) {
    const protocol = VLAN_PROTOCOLS.get(args.next().toLowerCase()) ?? parseUnsigned(args.current, 0xffff);
    request.vlanProtocol = protocol ?? args.invalid("invalid vlan_protocol");
  } else if (matches(word, "group_fwd_mask")) {
    request.groupFwdMask = args.nextUnsigned("invalid group_fwd_mask", 0xffff);
  } else if (matches(word, "group_address")) {
    args.next();
    const address = parseLinkAddress(args) ?? giveUp(args.process, "");
    const group = new Uint8Array(6);
    group.set(address.subarray(0, 6));
    request.groupAddr = group;
  } else if (boolean !== undefined) {
    const on = args.nextUnsigned(`invalid ${word}`, 0xff) !== 0;
    const { value, mask } = request.multiBoolopt ?? { value: 0, mask: 0 };
    request.multiBoolopt = { value: on ? value | boolean : value & ~boolean, mask: mask | boolean };
  } else if (matches(word, "fdb_flush")) request.fdbFlush = true;
  else {
    const later = named(LATER);
    if (later === undefined) return false;
    parseNumber(args, later, request);
  }
  return true;
}

/** A bridge id as iproute2 prints it: bytes of the address without leading zeros. */
export function bridgeIdText(id: Uint8Array): string {
  const byte = (at: number): number => id[at] ?? 0;
  const priority = [0, 1].map((at) => byte(at).toString(16).padStart(2, "0")).join("");
  return `${priority}.${[2, 3, 4, 5, 6, 7].map((at) => byte(at).toString(16)).join(":")}`;
}

/** A timer in hundredths of a second: seconds in seven columns. */
export function printTimer(out: Output, key: string, centiseconds: number | undefined): void {
  if (centiseconds === undefined) return;
  const seconds = (centiseconds / 100).toFixed(2);
  out.fact(key, new JsonNumber(seconds), `${key} ${seconds.padStart(7)} `);
}

/** C's `%#x`. */
export function hexText(value: number): string {
  return value === 0 ? "0" : `0x${hex(value)}`;
}

/** JSON's names for those that have others in text. */
const JSON_KEYS: ReadonlyMap<string, string> = new Map([
  ["mcast_last_member_count", "mcast_last_member_cnt"],
  ["mcast_startup_query_count", "mcast_startup_query_cnt"],
  ["mcast_last_member_interval", "mcast_last_member_intvl"],
  ["mcast_membership_interval", "mcast_membership_intvl"],
  ["mcast_querier_interval", "mcast_querier_intvl"],
  ["mcast_query_interval", "mcast_query_intvl"],
  ["mcast_query_response_interval", "mcast_query_response_intvl"],
  ["mcast_startup_query_interval", "mcast_startup_query_intvl"],
]);

function printNumbers(out: Output, data: BridgeData, options: readonly Option[]): void {
  for (const { word, field } of options) {
    const value = data[field];
    if (value !== undefined) out.fact(JSON_KEYS.get(word) ?? word, value, `${word} ${value} `);
  }
}

function printTopology(out: Output, data: BridgeData): void {
  const number = (key: string, value: number | undefined): void => {
    if (value !== undefined) out.fact(key, value, `${key} ${value} `);
  };
  if (data.vlanProtocol !== undefined) {
    const known =
      data.vlanProtocol === 0x8100 ? "802.1Q" : data.vlanProtocol === 0x88a8 ? "802.1ad" : undefined;
    const name = known ?? `[${data.vlanProtocol}]`;
    out.fact("vlan_protocol", name, `vlan_protocol ${name} `);
  }
  const id = data.bridgeId && bridgeIdText(data.bridgeId);
  if (id !== undefined) out.fact("bridge_id", id, `bridge_id ${id} `);
  // iproute2 6.1 prints the bridge's own id as its root.
  if (data.rootId !== undefined && id !== undefined) out.fact("root_id", id, `designated_root ${id} `);
  number("root_port", data.rootPort);
  number("root_path_cost", data.rootPathCost);
  number("topology_change", data.topologyChange);
  number("topology_change_detected", data.topologyChangeDetected);
  printTimer(out, "hello_timer", data.helloTimer);
  printTimer(out, "tcn_timer", data.tcnTimer);
  printTimer(out, "topology_change_timer", data.topologyChangeTimer);
  printTimer(out, "gc_timer", data.gcTimer);
}

function print(out: Output, data: BridgeData): void {
  const upTo = (word: string): readonly Option[] =>
    LATER.slice(
      0,
      LATER.findIndex((each) => each.word === word),
    );
  const snooping = LATER.filter(({ word }) => word === "mcast_snooping");
  printNumbers(out, data, FIRST);
  printTopology(out, data);
  printNumbers(out, data, upTo("mcast_router"));
  if (data.groupFwdMask !== undefined) {
    const mask = hexText(data.groupFwdMask);
    out.fact("group_fwd_mask", mask, `group_fwd_mask ${mask} `);
  }
  if (data.groupAddr !== undefined) {
    const address = [...data.groupAddr].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    out.fact("group_addr", address, `group_address ${address} `);
  }
  printNumbers(out, data, snooping);
  if (data.multiBoolopt !== undefined) {
    const { value, mask } = data.multiBoolopt;
    for (const [word, bit] of BOOLEANS) {
      const on = (value & bit) === 0 ? 0 : 1;
      if ((mask & bit) !== 0) out.fact(word, on, `${word} ${on} `);
    }
  }
  const rest = LATER.slice(upTo("mcast_router").length).filter((each) => !snooping.includes(each));
  printNumbers(out, data, rest);
}

export const bridgeSyntax: LinkSyntax = {
  kind: "bridge",
  parse(args) {
    const request: BridgeRequest = {};
    for (; args.left > 0; args.advance()) {
      if (parseOption(args, request)) continue;
      if (!matches(args.current, "help")) args.process.warn(`bridge: unknown command "${args.current}"?\n`);
      giveUp(args.process, HELP);
    }
    return encodeBridgeData(request);
  },
  print({ out }, bytes) {
    const data = decodeBridgeData(bytes);
    if (!isMalformed(data)) print(out, data);
  },
  help: ({ process }) => process.print(HELP),
  statistics: bridgeStatistics,
};
