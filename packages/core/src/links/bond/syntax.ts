// bond and bond_slave in `ip link`: `type bond mode MODE [miimon MS] ...`.

import { AF } from "../../netlink/rtnl/types.ts";
import {
  formatAddress,
  formatLinkAddress,
  parseLinkAddress,
  requireAddress,
} from "../../tools/ip/addresses.ts";
import { CommandFailed, giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { parseSigned, parseUnsigned } from "../../tools/ip/numbers.ts";
import type { Session } from "../../tools/ip/session.ts";
import { isMalformed } from "../../wire/malformed.ts";
import {
  BOND_WORDS,
  decodeBondData,
  decodeBondPortData,
  encodeBondData,
  encodeBondPortData,
} from "./netlink.ts";
import type { BondData, BondPortData } from "./netlink.ts";

/** BOND_XSTATS_3AD (linux/if_link.h). */
const BOND_XSTATS_3AD = 1;
const ARPHRD_ETHER = 1;

const HELP = `Usage: ... bond [ mode BONDMODE ] [ active_slave SLAVE_DEV ]
                [ clear_active_slave ] [ miimon MIIMON ]
                [ updelay UPDELAY ] [ downdelay DOWNDELAY ]
                [ peer_notify_delay DELAY ]
                [ use_carrier USE_CARRIER ]
                [ arp_interval ARP_INTERVAL ]
                [ arp_validate ARP_VALIDATE ]
                [ arp_all_targets ARP_ALL_TARGETS ]
                [ arp_ip_target [ ARP_IP_TARGET, ... ] ]
                [ ns_ip6_target [ NS_IP6_TARGET, ... ] ]
                [ primary SLAVE_DEV ]
                [ primary_reselect PRIMARY_RESELECT ]
                [ fail_over_mac FAIL_OVER_MAC ]
                [ xmit_hash_policy XMIT_HASH_POLICY ]
                [ resend_igmp RESEND_IGMP ]
                [ num_grat_arp|num_unsol_na NUM_GRAT_ARP|NUM_UNSOL_NA ]
                [ all_slaves_active ALL_SLAVES_ACTIVE ]
                [ min_links MIN_LINKS ]
                [ lp_interval LP_INTERVAL ]
                [ packets_per_slave PACKETS_PER_SLAVE ]
                [ tlb_dynamic_lb TLB_DYNAMIC_LB ]
                [ lacp_rate LACP_RATE ]
                [ lacp_active LACP_ACTIVE]
                [ ad_select AD_SELECT ]
                [ ad_user_port_key PORTKEY ]
                [ ad_actor_sys_prio SYSPRIO ]
                [ ad_actor_system LLADDR ]
                [ arp_missed_max MISSED_MAX ]

BONDMODE := balance-rr|active-backup|balance-xor|broadcast|802.3ad|balance-tlb|balance-alb
ARP_VALIDATE := none|active|backup|all|filter|filter_active|filter_backup
ARP_ALL_TARGETS := any|all
PRIMARY_RESELECT := always|better|failure
FAIL_OVER_MAC := none|active|follow
XMIT_HASH_POLICY := layer2|layer2+3|layer3+4|encap2+3|encap3+4|vlan+srcmac
LACP_ACTIVE := off|on
LACP_RATE := slow|fast
AD_SELECT := stable|bandwidth|count
`;

const PORT_HELP = `Usage: ... bond_slave [ queue_id ID ] [ prio PRIORITY ]
`;

type Request = { -readonly [K in keyof BondData]?: BondData[K] };
type NumberKey = Exclude<
  keyof BondData,
  "arpIpTarget" | "nsIp6Target" | "adActorSystem" | "adInfo" | "unknown"
>;
type WordKey = keyof typeof BOND_WORDS;

/** Keywords in the order in which they are tried: the value is a word of a list, a number, or a device. */
type Keyword =
  | { readonly name: string; readonly key: WordKey; readonly kind: "word"; readonly wrong: string }
  | {
      readonly name: string;
      readonly key: NumberKey;
      readonly kind: "number";
      readonly max: number;
      readonly wrong: string;
    }
  | { readonly name: string; readonly key: NumberKey; readonly kind: "device" }
  | { readonly name: string; readonly kind: "clear" | "arp" | "ns" | "system" };

const U32 = 0xffff_ffff;
const word = (name: string, key: WordKey, wrong = `invalid ${name}`): Keyword => ({
  name,
  key,
  kind: "word",
  wrong,
});
const number = (name: string, key: NumberKey, max = U32, wrong = `invalid ${name}`): Keyword => ({
  name,
  key,
  kind: "number",
  max,
  wrong,
});

const KEYWORDS: readonly Keyword[] = [
  word("mode", "mode"),
  { name: "active_slave", key: "activeSlave", kind: "device" },
  { name: "clear_active_slave", kind: "clear" },
  number("miimon", "miimon"),
  number("updelay", "updelay"),
  number("downdelay", "downdelay"),
  number("peer_notify_delay", "peerNotifDelay"),
  number("use_carrier", "useCarrier", 0xff),
  number("arp_interval", "arpInterval"),
  { name: "arp_ip_target", kind: "arp" },
  { name: "ns_ip6_target", kind: "ns" },
  word("arp_validate", "arpValidate"),
  word("arp_all_targets", "arpAllTargets"),
  { name: "primary", key: "primary", kind: "device" },
  word("primary_reselect", "primaryReselect"),
  word("fail_over_mac", "failOverMac"),
  word("xmit_hash_policy", "xmitHashPolicy"),
  number("resend_igmp", "resendIgmp"),
  number("num_grat_arp", "numPeerNotif", 0xff, "invalid num_grat_arp|num_unsol_na"),
  number("num_unsol_na", "numPeerNotif", 0xff, "invalid num_grat_arp|num_unsol_na"),
  number("all_slaves_active", "allSlavesActive", 0xff),
  number("min_links", "minLinks"),
  number("lp_interval", "lpInterval"),
  number("packets_per_slave", "packetsPerSlave"),
  word("lacp_rate", "lacpRate"),
  word("lacp_active", "lacpActive"),
  word("ad_select", "adSelect"),
  number("ad_user_port_key", "adUserPortKey", 0xffff),
  number("ad_actor_sys_prio", "adActorSysPrio", 0xffff),
  { name: "ad_actor_system", kind: "system" },
  number("tlb_dynamic_lb", "tlbDynamicLb", 0xff),
  number("arp_missed_max", "missedMax", 0xff),
];

function parse(args: Arguments, session: Session): Request {
  const request: Request = {};
  for (; args.left > 0; args.advance()) {
    const current = args.current;
    const keyword = KEYWORDS.find(({ name }) => matches(current, name));
    if (keyword !== undefined) readValue(args, session, keyword, request);
    else {
      if (!matches(current, "help")) args.process.warn(`bond: unknown command "${current}"?\n`);
      giveUp(args.process, HELP);
    }
  }
  return request;
}

function readValue(args: Arguments, session: Session, keyword: Keyword, request: Request): void {
  switch (keyword.kind) {
    case "word": {
      const words: readonly string[] = BOND_WORDS[keyword.key];
      const text = args.next();
      const index = parseUnsigned(text, words.length - 1) ?? words.indexOf(text);
      request[keyword.key] = index < 0 ? args.invalid(keyword.wrong) : index;
      break;
    }
    case "number":
      request[keyword.key] = parseUnsigned(args.next(), keyword.max) ?? args.invalid(keyword.wrong);
      break;
    case "device": {
      const index = session.links.index(args.next());
      request[keyword.key] = index === 0 ? giveUp(args.process, "") : index;
      break;
    }
    case "clear":
      request.activeSlave = 0;
      break;
    case "arp":
      request.arpIpTarget = targets(args, AF.INET);
      break;
    case "ns":
      request.nsIp6Target = targets(args, AF.INET6);
      break;
    case "system": {
      args.next();
      const address = parseLinkAddress(args);
      if (address === undefined) throw new CommandFailed(1);
      request.adActorSystem = address;
    }
  }
}

/** Addresses with commas between them; none if no word follows. */
function targets(args: Arguments, family: number): Uint8Array[] {
  if (args.following === undefined) return [];
  return args
    .next()
    .split(",")
    .map((text) => requireAddress(args, family, text).bytes);
}

function print(session: Session, payload: Uint8Array): void {
  const data = decodeBondData(payload);
  if (isMalformed(data)) return;
  const { out, links } = session;
  const say = (key: string, value: number | undefined, text = key): void => {
    if (value !== undefined) out.fact(key, value, `${text} ${value} `);
  };
  const sayWord = (key: string, name: WordKey, said = key): void => {
    const value = data[name];
    if (value === undefined) return;
    const text = BOND_WORDS[name][value] ?? String(value);
    out.fact(key, text, `${said} ${text} `);
  };
  const sayDevice = (key: string, index: number | undefined): void => {
    if (index) out.fact(key, links.name(index), `${key} ${links.name(index)} `);
  };
  sayWord("mode", "mode");
  sayDevice("active_slave", data.activeSlave);
  say("miimon", data.miimon);
  say("updelay", data.updelay);
  say("downdelay", data.downdelay);
  say("peer_notify_delay", data.peerNotifDelay);
  say("use_carrier", data.useCarrier);
  say("arp_interval", data.arpInterval);
  say("arp_missed_max", data.missedMax);
  printTargets(session, "arp_ip_target", AF.INET, data.arpIpTarget);
  printTargets(session, "ns_ip6_target", AF.INET6, data.nsIp6Target);
  sayWord("arp_validate", "arpValidate");
  sayWord("arp_all_targets", "arpAllTargets");
  sayDevice("primary", data.primary);
  sayWord("primary_reselect", "primaryReselect");
  sayWord("fail_over_mac", "failOverMac");
  sayWord("xmit_hash_policy", "xmitHashPolicy");
  say("resend_igmp", data.resendIgmp);
  say("num_peer_notif", data.numPeerNotif, "num_grat_arp");
  say("all_slaves_active", data.allSlavesActive);
  say("min_links", data.minLinks);
  say("lp_interval", data.lpInterval);
  say("packets_per_slave", data.packetsPerSlave);
  sayWord("ad_lacp_active", "lacpActive", "lacp_active");
  sayWord("ad_lacp_rate", "lacpRate", "lacp_rate");
  sayWord("ad_select", "adSelect");
  say("ad_actor_sys_prio", data.adActorSysPrio);
  say("ad_user_port_key", data.adUserPortKey);
  if (data.adActorSystem !== undefined) {
    const system = formatLinkAddress(data.adActorSystem, ARPHRD_ETHER);
    out.fact("ad_actor_system", system, `ad_actor_system ${system} `);
  }
  say("tlb_dynamic_lb", data.tlbDynamicLb);
}

function printTargets(
  { out }: Session,
  key: string,
  family: number,
  all: readonly Uint8Array[] | undefined,
): void {
  if (all === undefined || all.length === 0) return;
  out.openArray(key, `${key} `);
  all.forEach((bytes, index) => {
    const text = formatAddress(family, bytes);
    out.element(text, index === 0 ? text : `,${text}`);
  });
  out.closeArray(" ");
}

export const bondSyntax: LinkSyntax = {
  kind: "bond",
  parse: (args, { session }) => encodeBondData(parse(args, session)),
  print,
  help: ({ process }) => process.print(HELP),
  statistics: [{ name: "802.3ad", attribute: BOND_XSTATS_3AD }],
};

type PortRequest = { -readonly [K in keyof BondPortData]?: BondPortData[K] };

function parsePort(args: Arguments): PortRequest {
  const request: PortRequest = {};
  for (; args.left > 0; args.advance()) {
    const current = args.current;
    if (matches(current, "queue_id")) {
      request.queueId = parseUnsigned(args.next(), 0xffff) ?? args.invalid("queue_id is invalid");
    } else if (current === "prio") {
      request.prio = parseSigned(args.next(), -0x8000_0000, 0x7fff_ffff) ?? args.invalid("prio is invalid");
    } else {
      if (!matches(current, "help")) args.process.warn(`bond_slave: unknown option "${current}"?\n`);
      giveUp(args.process, PORT_HELP);
    }
  }
  return request;
}

const LINK_STATES = ["UP", "GOING_DOWN", "DOWN", "GOING_BACK"];

function printPort({ out }: Session, payload: Uint8Array): void {
  const data = decodeBondPortData(payload);
  if (isMalformed(data)) return;
  if (data.state !== undefined) {
    const state = data.state === 0 ? "ACTIVE" : "BACKUP";
    out.fact("state", state, `state ${state} `);
  }
  if (data.miiStatus !== undefined) {
    const state = LINK_STATES[data.miiStatus] ?? String(data.miiStatus);
    out.fact("mii_status", state, `mii_status ${state} `);
  }
  if (data.linkFailureCount !== undefined) {
    out.fact("link_failure_count", data.linkFailureCount, `link_failure_count ${data.linkFailureCount} `);
  }
  if (data.permHwaddr !== undefined) {
    const address = formatLinkAddress(data.permHwaddr, ARPHRD_ETHER);
    out.fact("perm_hwaddr", address, `perm_hwaddr ${address} `);
  }
  if (data.queueId !== undefined) out.fact("queue_id", data.queueId, `queue_id ${data.queueId} `);
  if (data.prio !== undefined) out.fact("prio", data.prio, `prio ${data.prio} `);
  if (data.adAggregatorId !== undefined) {
    out.fact("ad_aggregator_id", data.adAggregatorId, `ad_aggregator_id ${data.adAggregatorId} `);
  }
}

export const bondPortSyntax: LinkSyntax = {
  kind: "bond_slave",
  parse: (args) => encodeBondPortData(parsePort(args)),
  print: printPort,
  help: ({ process }) => process.print(PORT_HELP),
};
