// vlan in `ip link`: `type vlan id N [protocol ...] [flags] [ingress-qos-map ...] [egress-qos-map ...]`.

import { giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { hex, parseUnsigned } from "../../tools/ip/numbers.ts";
import type { Output } from "../../tools/ip/output.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeVlanData, encodeVlanData, VLAN_FLAG } from "./netlink.ts";
import type { QosMapping, VlanData } from "./netlink.ts";

const HELP = `Usage: ... vlan id VLANID
		[ protocol VLANPROTO ]
		[ reorder_hdr { on | off } ]
		[ gvrp { on | off } ]
		[ mvrp { on | off } ]
		[ loose_binding { on | off } ]
		[ bridge_binding { on | off } ]
		[ ingress-qos-map QOS-MAP ]
		[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO
`;

/** EtherTypes by the names that iproute2 has for them; others are typed as numbers. */
const PROTOCOLS: readonly (readonly [string, number])[] = [
  ["802.1Q", 0x8100],
  ["802.1ad", 0x88a8],
];

/** In the order in which words are tried and flags are printed. */
const FLAGS: readonly (readonly [string, number, string])[] = [
  ["reorder_hdr", VLAN_FLAG.REORDER_HDR, "REORDER_HDR"],
  ["gvrp", VLAN_FLAG.GVRP, "GVRP"],
  ["mvrp", VLAN_FLAG.MVRP, "MVRP"],
  ["loose_binding", VLAN_FLAG.LOOSE_BINDING, "LOOSE_BINDING"],
  ["bridge_binding", VLAN_FLAG.BRIDGE_BINDING, "BRIDGE_BINDING"],
];

type VlanRequest = { -readonly [K in keyof VlanData]?: VlanData[K] };

function parseProtocol(args: Arguments): number {
  const word = args.next();
  const named = PROTOCOLS.find(([name]) => name.toLowerCase() === word.toLowerCase());
  return named?.[1] ?? parseUnsigned(word, 0xffff) ?? args.invalid("protocol is invalid");
}

function parseFlag(args: Arguments, flag: number, name: string, request: VlanRequest): void {
  const word = args.next();
  if (word !== "on" && word !== "off") {
    giveUp(args.process, `Error: argument of "${name}" must be "on" or "off", not "${word}"\n`);
  }
  const { flags, mask } = request.flags ?? { flags: 0, mask: 0 };
  request.flags = { flags: word === "on" ? flags | flag : flags & ~flag, mask: mask | flag };
}

/** Pairs FROM:TO up to the first word without a colon. */
function parseMap(args: Arguments, name: string): readonly QosMapping[] {
  const mappings: QosMapping[] = [];
  for (args.next(); args.left > 0 && args.current.includes(":"); args.advance()) {
    const [from = "", to = ""] = args.current.split(":", 2);
    const invalid = (): never => args.invalid(`invalid ${name}`, from);
    mappings.push({ from: parseUnsigned(from) ?? invalid(), to: parseUnsigned(to) ?? invalid() });
  }
  return mappings;
}

function parse(args: Arguments): VlanRequest {
  const request: VlanRequest = {};
  while (args.left > 0) {
    const word = args.current;
    const flag = FLAGS.find(([name]) => matches(word, name));
    if (matches(word, "protocol")) request.protocol = parseProtocol(args);
    else if (matches(word, "id")) request.id = args.nextUnsigned("id is invalid", 0xffff);
    else if (flag !== undefined) parseFlag(args, flag[1], flag[0], request);
    else if (matches(word, "ingress-qos-map")) {
      request.ingressQos = parseMap(args, "ingress-qos-map");
      continue;
    } else if (matches(word, "egress-qos-map")) {
      request.egressQos = parseMap(args, "egress-qos-map");
      continue;
    } else {
      if (!matches(word, "help")) args.process.warn(`vlan: unknown command "${word}"?\n`);
      giveUp(args.process, HELP);
    }
    args.advance();
  }
  return request;
}

function printFlags(out: Output, flags: number): void {
  let left = flags;
  out.openArray("flags", "<");
  for (const [, flag, name] of FLAGS) {
    if ((left & flag) === 0) continue;
    left &= ~flag;
    out.element(name, left === 0 ? name : `${name},`);
  }
  if (left !== 0) out.element(hex(left), hex(left));
  out.closeArray("> ");
}

function printMap(out: Output, key: string, name: string, mappings: readonly QosMapping[]): void {
  out.openArray(key, `${out.lineEnd}      ${name} { `);
  for (const { from, to } of mappings) {
    out.openObject();
    out.fact("from", from, `${from}`);
    out.fact("to", to, `:${to} `);
    out.closeObject();
  }
  out.closeArray("} ");
}

function protocolName(protocol: number): string {
  return PROTOCOLS.find(([, number]) => number === protocol)?.[0] ?? `[${protocol}]`;
}

export const vlanSyntax: LinkSyntax = {
  kind: "vlan",
  parse: (args) => encodeVlanData(parse(args)),
  print({ out }, bytes) {
    const data = decodeVlanData(bytes);
    if (isMalformed(data)) return;
    const protocol = protocolName(data.protocol ?? 0x8100);
    if (data.protocol === undefined) out.fact("protocol", protocol, `protocol ${protocol} `);
    else out.fact("protocol", protocol, `protocol ${protocol} `);
    if (data.id !== undefined) out.fact("id", data.id, `id ${data.id} `);
    if (data.flags !== undefined) printFlags(out, data.flags.flags);
    if (data.ingressQos !== undefined) printMap(out, "ingress_qos", "ingress-qos-map", data.ingressQos);
    if (data.egressQos !== undefined) printMap(out, "egress_qos", "egress-qos-map", data.egressQos);
  },
  help: ({ process }) => process.print(HELP),
};
