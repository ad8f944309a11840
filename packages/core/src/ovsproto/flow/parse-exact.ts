// The flow of one packet from OpenFlow's syntax (parse_ofp_exact_flow of Open vSwitch): every field is exact, and what is not
// said is zero. ofproto/trace and `ovs-ofctl compose-packet` read their flows with it.

import { readFieldValue } from "../openflow/field-text.ts";
import { fieldNamed } from "../openflow/fields.ts";
import { onesOf } from "../openflow/flow-key.ts";
import type { Field } from "../openflow/fields.ts";
import { keyValues } from "../openflow/key-values.ts";
import type { Match } from "../openflow/match.ts";
import type { Names } from "../openflow/names.ts";
import { Port } from "../openflow/ports.ts";
import { TextError } from "../openflow/text-error.ts";
import { prerequisitesHold, readField, writeField } from "./fields.ts";
import { dlType, newFlow, setNwProto, unwildcard, W, word } from "./flow.ts";
import type { Flow } from "./flow.ts";

const PROTOCOLS: ReadonlyMap<string, readonly [ethType: number, protocol: number]> = new Map([
  ["ip", [0x0800, 0]],
  ["ipv4", [0x0800, 0]],
  ["ip4", [0x0800, 0]],
  ["arp", [0x0806, 0]],
  ["icmp", [0x0800, 1]],
  ["tcp", [0x0800, 6]],
  ["udp", [0x0800, 17]],
  ["sctp", [0x0800, 132]],
  ["ipv6", [0x86dd, 0]],
  ["ip6", [0x86dd, 0]],
  ["icmp6", [0x86dd, 58]],
  ["tcp6", [0x86dd, 6]],
  ["udp6", [0x86dd, 17]],
  ["sctp6", [0x86dd, 132]],
  ["rarp", [0x8035, 0]],
  ["mpls", [0x8847, 0]],
  ["mplsm", [0x8848, 0]],
]);

export interface ExactFlowOptions {
  readonly names?: Names;
  /** Where a switch has the bits of a tun_metadata field; undefined for a field that its table does not have. */
  readonly place?: (field: Field) => Field | undefined;
  /** Gets what was said, with masks, which are refused without it. */
  readonly said?: Match;
}

/** @throws TextError, whose message begins with the whole text */
export function parseExactFlow(text: string, options: ExactFlowOptions = {}): Flow {
  const { names, place = (field) => (field.tunMetadata === undefined ? field : undefined), said } = options;
  const flow = newFlow();
  const wrong = (what: string): never => {
    throw new TextError(`${text}: ${what}`);
  };
  const set = new Set<string>();
  for (const { key, value } of keyValues(text)) {
    const protocol = PROTOCOLS.get(key);
    if (protocol) {
      if (dlType(flow) !== 0) wrong("Ethernet type set multiple times");
      flow[W.ETH_TYPE] = protocol[0];
      if (protocol[1] !== 0) setNwProto(flow, protocol[1]);
      if (said) {
        unwildcard(said.mask, W.ETH_TYPE, 0xffff);
        if (protocol[1] !== 0) unwildcard(said.mask, W.NW, 0xff00_0000);
      }
      continue;
    }
    const field = fieldNamed(key) ?? wrong(`unknown field ${key}`);
    if (!prerequisitesHold(flow, field, undefined)) wrong(`prerequisites not met for setting ${key}`);
    const before = place(field);
    if (set.has(field.name) || (before && readField(flow, before) !== 0n))
      wrong(`field ${key} set multiple times`);
    if (field.tunMetadata !== undefined) set.add(field.name);
    const refuse = (what: string) => wrong(`bad value for ${key} (${what})`);
    const parsed = readFieldValue(field, value, names, said !== undefined, refuse);
    const placed = place(field);
    if (!placed) continue;
    // all stored bits: that of the VLAN id that says that there is a tag is one of them
    writeField(flow, placed, parsed.value & parsed.mask, onesOf(Math.max(placed.at?.bits ?? 0, placed.bits)));
    said?.set(placed, parsed.value & parsed.mask, parsed.mask);
  }
  if (word(flow, W.IN_PORT) === 0) flow[W.IN_PORT] = Port.NONE;
  // flow_fix_vlan_tpid(): what is no zero has a TPID, also without the bit that says that there is a tag
  for (const at of [W.VLAN, W.INNER_VLAN]) {
    const tag = word(flow, at);
    if ((tag & 0xffff) !== 0 && tag >>> 16 === 0) flow[at] = (0x8100_0000 | (tag & 0xffff)) >>> 0;
  }
  return flow;
}
