// Messages of OpenFlow 1.3 (OpenFlow Switch Specification 1.3.5 section 7): those that tcpdump looks into.

import type { NameTable } from "../names.ts";
import { hex4, hex8, hexPadded } from "../numbers.ts";
import { vendorName } from "./cursor.ts";
import type { Cursor, MessageKind } from "./cursor.ts";
import { above, CONFIG_FLAGS, STATUS_REASONS } from "./names10.ts";
import * as names from "./names13.ts";

const [VERSION_BITMAP, ELEMENT_HEADER, ONE_BITMAP] = [1, 4, 8] as const;

function portName(port: number): string {
  return names.PORTS[port] ?? String(port);
}

function hello(part: Cursor): void {
  part.list((cursor) => {
    const { d } = cursor;
    while (cursor.left > 0) {
      if (cursor.left < ELEMENT_HEADER) cursor.invalid();
      const type = cursor.u16();
      d.text += `\n\t type ${type === VERSION_BITMAP ? "VERSIONBITMAP" : `unknown (0x${hex4(type)})`}`;
      const length = cursor.u16();
      d.text += `, length ${length}`;
      if (length < ELEMENT_HEADER || length > ELEMENT_HEADER + cursor.left) cursor.invalid();
      if (type === VERSION_BITMAP && length === ONE_BITMAP) {
        cursor.bits(", bitmap", cursor.u32(), names.VERSIONS, above(6));
        continue;
      }
      if (type === VERSION_BITMAP) d.text += " (bogus)";
      cursor.skip(length - ELEMENT_HEADER);
    }
  });
}

function error(cursor: Cursor): void {
  const { d } = cursor;
  const type = cursor.u16();
  const [name, codes] = names.ERRORS[type] ?? [`invalid (0x${hex4(type)})`, []];
  d.text += `\n\t type ${name}`;
  const code = cursor.u16();
  d.text += `, code ${codes[code] ?? `invalid (0x${hex4(code)})`}`;
  cursor.data();
}

function experimenter(cursor: Cursor): void {
  const id = cursor.u32();
  cursor.d.text += `\n\t experimenter 0x${hex8(id)} (${vendorName(id)})`;
  cursor.d.text += `, exp_type 0x${hex8(cursor.u32())}`;
  cursor.data();
}

function featuresReply(cursor: Cursor): void {
  const { d } = cursor;
  d.text += `\n\t dpid 0x${hexPadded(cursor.u64(), 16)}`;
  d.text += `, n_buffers ${cursor.u32()}`;
  d.text += `, n_tables ${cursor.u8()}`;
  d.text += `, auxiliary_id ${cursor.u8()}`;
  cursor.pass(2);
  cursor.bits("\n\t capabilities", cursor.u32(), names.CAPABILITIES, names.UNASSIGNED_CAPABILITIES);
  cursor.skip(4);
}

function switchConfig(cursor: Cursor): void {
  const { d } = cursor;
  const flags = cursor.u16();
  d.text += `\n\t flags ${CONFIG_FLAGS[flags] ?? `invalid (0x${hex4(flags)})`}`;
  const length = cursor.u16();
  d.text += `, miss_send_len ${names.LENGTHS[length] ?? length}`;
}

function port(cursor: Cursor): void {
  const { d } = cursor;
  d.text += `\n\t  port_no ${portName(cursor.u32())}`;
  cursor.pass(4);
  d.text += `, hw_addr ${cursor.mac()}`;
  cursor.pass(2);
  cursor.name(", name", 16);
  if (d.verbose < 2) return cursor.skip(32);
  cursor.bits("\n\t   config", cursor.u32(), names.PORT_CONFIG, names.UNASSIGNED_CONFIG);
  cursor.bits("\n\t   state", cursor.u32(), names.PORT_STATES, above(3));
  for (const name of ["curr", "advertised", "supported", "peer"]) {
    cursor.bits(`\n\t   ${name}`, cursor.u32(), names.PORT_FEATURES, above(16));
  }
  for (const name of ["curr_speed", "max_speed"]) d.text += `\n\t   ${name} ${cursor.u32()}kbps`;
}

/** An unknown reason is told by what was meant to be the format of its number. */
function portStatus(cursor: Cursor): void {
  cursor.d.text += `\n\t reason ${STATUS_REASONS[cursor.u8()] ?? "invalid (0x02x)"}`;
  cursor.pass(7);
  port(cursor);
}

function portModification(cursor: Cursor): void {
  const { d } = cursor;
  d.text += `\n\t port_no ${portName(cursor.u32())}`;
  cursor.pass(4);
  d.text += `, hw_addr ${cursor.mac()}`;
  cursor.pass(2);
  cursor.bits("\n\t  config", cursor.u32(), names.PORT_CONFIG, names.UNASSIGNED_CONFIG);
  cursor.bits("\n\t  mask", cursor.u32(), names.PORT_CONFIG, names.UNASSIGNED_CONFIG);
  cursor.bits("\n\t  advertise", cursor.u32(), names.PORT_FEATURES, above(16));
  cursor.skip(4);
}

function tableModification(cursor: Cursor): void {
  const table = cursor.u8();
  cursor.d.text += `\n\t table_id ${names.TABLES[table] ?? table}`;
  cursor.pass(3);
  cursor.d.text += `, config 0x${hex8(cursor.u32())}`;
}

function queueConfigRequest(cursor: Cursor): void {
  cursor.d.text += `\n\t port ${portName(cursor.u32())}`;
  cursor.skip(4);
}

function role(cursor: Cursor): void {
  const value = cursor.u32();
  cursor.d.text += `\n\t role ${names.ROLES[value] ?? `invalid (0x${hex8(value)})`}`;
  cursor.pass(4);
  cursor.d.text += `, generation_id 0x${hexPadded(cursor.u64(), 16)}`;
}

const MASKS: readonly (readonly [string, NameTable])[] = [
  ["packet_in", names.PACKET_IN_MASK],
  ["port_status", names.PORT_STATUS_MASK],
  ["flow_removed", names.PORT_STATUS_MASK],
];

function asynchronous(cursor: Cursor): void {
  for (const [name, bits] of MASKS) {
    for (const who of ["EM", "S"]) cursor.bits(`\n\t ${name}_mask[${who}]`, cursor.u32(), bits, above(3));
  }
}

function data(cursor: Cursor): void {
  cursor.data();
}

/** By type; lengths are those behind the header. */
export const MESSAGES_13: readonly MessageKind[] = [
  { name: "HELLO", length: 0, is: "least", print: hello },
  { name: "ERROR", length: 4, is: "least", print: error },
  { name: "ECHO_REQUEST", length: 0, is: "least", print: data },
  { name: "ECHO_REPLY", length: 0, is: "least", print: data },
  { name: "EXPERIMENTER", length: 8, is: "least", print: experimenter },
  { name: "FEATURES_REQUEST", length: 0, is: "exact" },
  { name: "FEATURES_REPLY", length: 24, is: "exact", print: featuresReply },
  { name: "GET_CONFIG_REQUEST", length: 0, is: "exact" },
  { name: "GET_CONFIG_REPLY", length: 4, is: "exact", print: switchConfig },
  { name: "SET_CONFIG", length: 4, is: "exact", print: switchConfig },
  { name: "PACKET_IN", length: 0, is: "any" },
  { name: "FLOW_REMOVED", length: 0, is: "any" },
  { name: "PORT_STATUS", length: 72, is: "exact", print: portStatus },
  { name: "PACKET_OUT", length: 0, is: "any" },
  { name: "FLOW_MOD", length: 0, is: "any" },
  { name: "GROUP_MOD", length: 0, is: "any" },
  { name: "PORT_MOD", length: 32, is: "exact", print: portModification },
  { name: "TABLE_MOD", length: 8, is: "exact", print: tableModification },
  { name: "MULTIPART_REQUEST", length: 0, is: "any" },
  { name: "MULTIPART_REPLY", length: 0, is: "any" },
  { name: "BARRIER_REQUEST", length: 0, is: "exact" },
  { name: "BARRIER_REPLY", length: 0, is: "exact" },
  { name: "QUEUE_GET_CONFIG_REQUEST", length: 8, is: "exact", print: queueConfigRequest },
  { name: "QUEUE_GET_CONFIG_REPLY", length: 0, is: "any" },
  { name: "ROLE_REQUEST", length: 16, is: "exact", print: role },
  { name: "ROLE_REPLY", length: 16, is: "exact", print: role },
  { name: "GET_ASYNC_REQUEST", length: 0, is: "exact" },
  { name: "GET_ASYNC_REPLY", length: 24, is: "exact", print: asynchronous },
  { name: "SET_ASYNC", length: 24, is: "exact", print: asynchronous },
  { name: "METER_MOD", length: 0, is: "any" },
];
