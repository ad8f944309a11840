// Matches and actions of OpenFlow 1.0 (sections 5.2.3 and 5.2.4), with the action of Big Switch Networks.

import { tagText } from "../ethernet.ts";
import { hex2, hex4, hex8 } from "../numbers.ts";
import { vendorName } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import * as names from "./names10.ts";

export const MATCH_LENGTH = 40;
export const BIG_SWITCH = 0x5c16c7;
const VLAN_ETHERTYPE = 0x8100;
const [MIN_LENGTH, VENDOR, CONTROLLER, NO_VLAN] = [8, 0xffff, 0xfffd, 0xffff] as const;
const [IN_PORT, VLAN, SOURCE, DESTINATION, TYPE, PROTOCOL, FROM, TO, PRIORITY, TOS] = [
  1, 2, 4, 8, 16, 32, 64, 128, 0x10_0000, 0x20_0000,
] as const; // prettier-ignore
const [IP, ARP, ICMP] = [0x0800, 0x0806, 1] as const;

export function portName(port: number): string {
  return names.PORTS[port] ?? String(port);
}

function vlanName(vid: number): string {
  if (vid === NO_VLAN) return "NONE";
  return `${vid}${vid > 0 && vid < 0xfff ? "" : " (bogus)"}`;
}

function priorityName(value: number): string {
  return `${value}${value <= 7 ? "" : " (bogus)"}`;
}

export function match(cursor: Cursor, prefix: string): void {
  const { d, at } = cursor;
  const wildcards = d.u32(at);
  const has = (bit: number): boolean => (wildcards & bit) === 0;
  const show = (text: string): void => void (d.text += `${prefix}match ${text}`);
  if ((wildcards & names.above(22)) !== 0) d.text += `${prefix}wildcards 0x${hex8(wildcards)} (bogus)`;
  if (has(IN_PORT)) show(`in_port ${portName(d.u16(at + 4))}`);
  if (has(SOURCE)) show(`dl_src ${d.mac(at + 6)}`);
  if (has(DESTINATION)) show(`dl_dst ${d.mac(at + 12)}`);
  if (has(VLAN)) show(`dl_vlan ${vlanName(d.u16(at + 18))}`);
  if (has(PRIORITY)) show(`dl_vlan_pcp ${priorityName(d.u8(at + 20))}`);
  const type = d.u16(at + 22);
  if (has(TYPE)) show(`dl_type 0x${hex4(type)}`);
  if (has(TOS)) show(`nw_tos 0x${hex2(d.u8(at + 24))}`);
  const protocol = d.u8(at + 25);
  if (has(PROTOCOL)) show(`${has(TYPE) && type === ARP ? "arp_opcode" : "nw_proto"} ${protocol}`);
  const sourceBits = (wildcards >>> 8) & 0x3f;
  if (sourceBits < 32) show(`nw_src ${d.ipv4(at + 28)}/${32 - sourceBits}`);
  const destinationBits = (wildcards >>> 14) & 0x3f;
  if (destinationBits < 32) show(`nw_dst ${d.ipv4(at + 32)}/${32 - destinationBits}`);
  const isIcmp = has(TYPE) && type === IP && has(PROTOCOL) && protocol === ICMP;
  if (has(FROM)) show(`${isIcmp ? "icmp_type" : "tp_src"} ${d.u16(at + 36)}`);
  if (has(TO)) show(`${isIcmp ? "icmp_code" : "tp_dst"} ${d.u16(at + 38)}`);
  else d.check(at + 38, 2);
  cursor.pass(MATCH_LENGTH);
}

function bigSwitchAction(cursor: Cursor): void {
  const { d } = cursor;
  if (cursor.left < 4) cursor.invalid();
  const subtype = cursor.u32();
  d.text += `\n\t  subtype ${names.BIG_SWITCH_ACTIONS[subtype] ?? `unknown (0x${hex8(subtype)})`}`;
  if (subtype !== 1) return d.check(cursor.at, cursor.left);
  if (cursor.left !== 12) cursor.invalid();
  d.text += `, dest_port ${cursor.u32()}`;
  const tag = cursor.u32();
  const kind = tag >>> 16;
  if (kind === 0) d.text += ", vlan_tag none";
  else if (kind === VLAN_ETHERTYPE) d.text += `, vlan_tag 802.1Q (${tagText(tag & 0xffff)})`;
  else d.text += `, vlan_tag unknown (0x${hex4(kind)})`;
  const stage = cursor.u8();
  d.text += `, copy_stage ${["INGRESS", "EGRESS"][stage] ?? `unknown (${stage})`}`;
  d.check(cursor.at, 3);
}

function vendorAction(cursor: Cursor): void {
  const { d } = cursor;
  if (cursor.left < 4) cursor.invalid();
  const vendor = cursor.u32();
  d.text += `, vendor 0x${hex8(vendor)} (${vendorName(vendor)})`;
  if (vendor === BIG_SWITCH) cursor.list(bigSwitchAction);
  else cursor.data();
}

/** Prints the value of an action; the four bytes of its header are done with. */
type Value = (cursor: Cursor, length: number) => void;

const output: Value = (cursor) => {
  const port = cursor.u16();
  cursor.d.text += `, port ${portName(port)}`;
  if (port === CONTROLLER) cursor.d.text += `, max_len ${cursor.u16()}`;
  else cursor.skip(2);
};

function field(name: string, show: (cursor: Cursor) => string, padding: number): Value {
  return (cursor) => {
    cursor.d.text += `, ${name} ${show(cursor)}`;
    cursor.skip(padding);
  };
}

const macAddress = field("dl_addr", (cursor) => cursor.mac(), 6);
const ipAddress = field("nw_addr", (cursor) => cursor.ipv4(), 0);
const transportPort = field("tp_port", (cursor) => String(cursor.u16()), 2);

const enqueue: Value = (cursor) => {
  cursor.d.text += `, port ${portName(cursor.u16())}`;
  cursor.pass(6);
  const queue = cursor.u32();
  cursor.d.text += `, queue_id ${queue === 0xffff_ffff ? "ALL" : queue}`;
};

const ACTIONS: readonly (readonly [length: number, print: Value])[] = [
  [8, output],
  [8, field("vlan_vid", (cursor) => vlanName(cursor.u16()), 2)],
  [8, field("vlan_pcp", (cursor) => priorityName(cursor.u8()), 3)],
  [8, (cursor) => cursor.skip(4)],
  [16, macAddress],
  [16, macAddress],
  [8, ipAddress],
  [8, ipAddress],
  [8, field("nw_tos", (cursor) => `0x${hex2(cursor.u8())}`, 3)],
  [8, transportPort],
  [8, transportPort],
  [16, enqueue],
];
const ACTION_LIST = names.list(names.ACTION_NAMES);

/** Actions up to the end of the cursor's part. */
export function actions(part: Cursor, prefix: string): void {
  part.list((cursor) => {
    const { d } = cursor;
    while (cursor.left > 0) {
      if (cursor.left < MIN_LENGTH) cursor.invalid();
      const type = cursor.u16();
      const name = type === VENDOR ? "VENDOR" : ACTION_LIST[type];
      d.text += `${prefix}action type ${name ?? `invalid (0x${hex4(type)})`}`;
      const length = cursor.u16();
      d.text += `, len ${length}`;
      if (length < MIN_LENGTH || length > cursor.left + 4) cursor.invalid();
      const [expected, print] = ACTIONS[type] ?? [length, undefined];
      const isBogus = name !== undefined && (type === VENDOR ? length % 8 !== 0 : length !== expected);
      if (isBogus) d.text += " (bogus)";
      if (isBogus || name === undefined) cursor.skip(length - 4);
      else if (type === VENDOR) {
        cursor.part(length - 4).list(vendorAction);
        cursor.pass(length - 4);
      } else print?.(cursor, length);
    }
  });
}
