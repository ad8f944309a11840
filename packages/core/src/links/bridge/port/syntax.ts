// bridge_slave in `ip link`: what a port of a bridge can be told, and what -d tells of one.

import { giveUp, matches, switchValue } from "../../../tools/ip/arguments.ts";
import type { Arguments } from "../../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../../tools/ip/link-syntax.ts";
import type { Output } from "../../../tools/ip/output.ts";
import type { Session } from "../../../tools/ip/session.ts";
import { hex } from "../../../tools/ip/numbers.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { decodeBridgePortData, encodeBridgePortData } from "../netlink.ts";
import type { BridgePortData } from "../netlink.ts";
import { bridgeIdText, hexText, printTimer } from "../syntax.ts";

const HELP = `Usage: ... bridge_slave [ fdb_flush ]
			[ state STATE ]
			[ priority PRIO ]
			[ cost COST ]
			[ guard {on | off} ]
			[ hairpin {on | off} ]
			[ fastleave {on | off} ]
			[ root_block {on | off} ]
			[ learning {on | off} ]
			[ flood {on | off} ]
			[ proxy_arp {on | off} ]
			[ proxy_arp_wifi {on | off} ]
			[ mcast_router MULTICAST_ROUTER ]
			[ mcast_fast_leave {on | off} ]
			[ mcast_flood {on | off} ]
			[ bcast_flood {on | off} ]
			[ mcast_to_unicast {on | off} ]
			[ group_fwd_mask MASK ]
			[ neigh_suppress {on | off} ]
			[ vlan_tunnel {on | off} ]
			[ isolated {on | off} ]
			[ locked {on | off} ]
			[ backup_port DEVICE ] [ nobackup_port ]
`;

const STATES = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;

/** Members of BridgePortData that hold a number. */
type NumberOption = {
  [K in keyof BridgePortData]-?: Exclude<BridgePortData[K], undefined> extends number ? K : never;
}[keyof BridgePortData];

/** Options with on and off that may be shortened, in the order in which they are tried. */
const SWITCHES: readonly (readonly [string, NumberOption])[] = [
  ["hairpin", "mode"],
  ["guard", "guard"],
  ["root_block", "protect"],
  ["fastleave", "fastLeave"],
  ["learning", "learning"],
  ["flood", "unicastFlood"],
  ["mcast_flood", "mcastFlood"],
  ["bcast_flood", "bcastFlood"],
  ["mcast_to_unicast", "mcastToUcast"],
  ["proxy_arp", "proxyarp"],
  ["proxy_arp_wifi", "proxyarpWifi"],
];

const LATER_SWITCHES: readonly (readonly [string, NumberOption])[] = [
  ["mcast_fast_leave", "fastLeave"],
  ["neigh_suppress", "neighSuppress"],
];

const LAST_SWITCHES: readonly (readonly [string, NumberOption])[] = [
  ["vlan_tunnel", "vlanTunnel"],
  ["isolated", "isolated"],
  ["locked", "locked"],
];

type PortRequest = { -readonly [K in keyof BridgePortData]?: BridgePortData[K] };

function parseSwitch(
  args: Arguments,
  list: readonly (readonly [string, NumberOption])[],
  request: PortRequest,
): boolean {
  const found = list.find(([name]) => matches(args.current, name));
  if (found === undefined) return false;
  const [name, field] = found;
  const word = args.next();
  const value = switchValue(word);
  if (value === undefined) {
    giveUp(args.process, `Error: argument of "${name}" must be one of "off", "on", not "${word}"\n`);
  }
  request[field] = value ? 1 : 0;
  return true;
}

function parseOption(args: Arguments, session: Session, request: PortRequest): boolean {
  const word = args.current;
  if (matches(word, "fdb_flush")) request.flush = true;
  else if (matches(word, "state")) request.state = args.nextUnsigned("state is invalid", 0xff);
  else if (matches(word, "priority")) request.priority = args.nextUnsigned("priority is invalid", 0xffff);
  else if (matches(word, "cost")) request.cost = args.nextUnsigned("cost is invalid");
  else if (parseSwitch(args, SWITCHES, request)) return true;
  else if (matches(word, "mcast_router")) {
    request.multicastRouter = args.nextUnsigned("invalid mcast_router", 0xff);
  } else if (parseSwitch(args, LATER_SWITCHES, request)) return true;
  else if (matches(word, "group_fwd_mask")) {
    request.groupFwdMask = args.nextUnsigned("invalid group_fwd_mask", 0xffff);
  } else if (parseSwitch(args, LAST_SWITCHES, request)) return true;
  else if (matches(word, "backup_port")) {
    request.backupPort = session.links.index(args.next()) || args.invalid("Device does not exist\n");
  } else if (matches(word, "nobackup_port")) request.backupPort = 0;
  else return false;
  return true;
}

/** Link-local groups that have a name (IEEE 802.1D-2004 table 7-10) in a mask of forwarded ones. */
const GROUPS: readonly (readonly [number, string])[] = [
  [1 << 0, "stp"],
  [1 << 2, "lacp"],
  [1 << 14, "lldp"],
];

function groupNames(mask: number): string {
  const named = GROUPS.filter(([bit]) => (mask & bit) !== 0);
  const rest = named.reduce((left, [bit]) => left & ~bit, mask);
  const numbers = rest !== 0 || mask === 0 ? [`0x${hex(rest)}`] : [];
  return [...numbers, ...named.map(([, name]) => name)].join(",");
}

/** The facts of one port, each only if the kernel told it. */
class PortPrinter {
  readonly #out: Output;
  readonly #data: BridgePortData;
  constructor(out: Output, data: BridgePortData) {
    this.#out = out;
    this.#data = data;
  }

  onOff(name: string, field: NumberOption): void {
    const value = this.#data[field];
    if (value !== undefined) this.#out.fact(name, value !== 0, `${name} ${value === 0 ? "off" : "on"} `);
  }

  number(key: string, field: NumberOption, text = key): void {
    const value = this.#data[field];
    if (value !== undefined) this.#out.fact(key, value, `${text} ${value} `);
  }

  hexadecimal(key: string, field: NumberOption, text: string): void {
    const value = this.#data[field];
    if (value !== undefined) this.#out.fact(key, hexText(value), `${text} ${hexText(value)} `);
  }

  bridgeId(key: string, id: Uint8Array | undefined, text: string): void {
    if (id !== undefined) this.#out.fact(key, bridgeIdText(id), `${text} ${bridgeIdText(id)} `);
  }
}

function printSpanningTree(out: Output, data: BridgePortData, printer: PortPrinter): void {
  printer.hexadecimal("id", "id", "port_id");
  printer.hexadecimal("no", "no", "port_no");
  printer.number("designated_port", "designatedPort");
  printer.number("designated_cost", "designatedCost");
  printer.bridgeId("bridge_id", data.bridgeId, "designated_bridge");
  printer.bridgeId("root_id", data.rootId, "designated_root");
  printTimer(out, "hold_timer", data.holdTimer);
  printTimer(out, "message_age_timer", data.messageAgeTimer);
  printTimer(out, "forward_delay_timer", data.forwardDelayTimer);
  printer.number("topology_change_ack", "topologyChangeAck");
  printer.number("config_pending", "configPending");
}

function print(session: Session, data: BridgePortData): void {
  const { out } = session;
  const printer = new PortPrinter(out, data);
  if (data.state !== undefined) {
    const name = STATES[data.state];
    if (name === undefined) out.fact("state_index", data.state, `state (${data.state}) `);
    else out.fact("state", name, `state ${name} `);
  }
  printer.number("priority", "priority");
  printer.number("cost", "cost");
  for (const [name, field] of SWITCHES.slice(0, 6)) printer.onOff(name, field);
  printSpanningTree(out, data, printer);
  printer.onOff("proxy_arp", "proxyarp");
  printer.onOff("proxy_arp_wifi", "proxyarpWifi");
  printer.number("multicast_router", "multicastRouter", "mcast_router");
  // In JSON "fastleave" has told it already.
  if (data.fastLeave !== undefined) out.text(`mcast_fast_leave ${data.fastLeave === 0 ? "off" : "on"} `);
  printer.onOff("mcast_flood", "mcastFlood");
  printer.onOff("bcast_flood", "bcastFlood");
  printer.onOff("mcast_to_unicast", "mcastToUcast");
  printer.onOff("neigh_suppress", "neighSuppress");
  if (data.groupFwdMask !== undefined) {
    printer.hexadecimal("group_fwd_mask", "groupFwdMask", "group_fwd_mask");
    const names = groupNames(data.groupFwdMask);
    out.fact("group_fwd_mask_str", names, `group_fwd_mask_str ${names} `);
  }
  for (const [name, field] of LAST_SWITCHES) printer.onOff(name, field);
  if (data.backupPort !== undefined) {
    const device = session.links.name(data.backupPort);
    out.fact("backup_port", device, `backup_port ${device} `);
  }
}

export const bridgePortSyntax: LinkSyntax = {
  kind: "bridge_slave",
  parse(args, { session }) {
    const request: PortRequest = {};
    for (; args.left > 0; args.advance()) {
      if (parseOption(args, session, request)) continue;
      if (!matches(args.current, "help"))
        args.process.warn(`bridge_slave: unknown option "${args.current}"?\n`);
      giveUp(args.process, HELP);
    }
    return encodeBridgePortData(request);
  },
  print(session, bytes) {
    const data = decodeBridgePortData(bytes);
    if (!isMalformed(data)) print(session, data);
  },
  help: ({ process }) => process.print(HELP),
};
