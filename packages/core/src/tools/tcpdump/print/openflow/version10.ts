// Messages of OpenFlow 1.0 (OpenFlow Switch Specification 1.0.0 sections 5.3 to 5.5).

import { hex2, hex4, hex8, hexPadded } from "../numbers.ts";
import { actions, BIG_SWITCH, match, portName } from "./actions10.ts";
import { vendorName } from "./cursor.ts";
import type { Cursor, MessageKind } from "./cursor.ts";
import * as names from "./names10.ts";
import { statisticsReply, statisticsRequest } from "./statistics10.ts";

const PORT_LENGTH = 48;
const NO_BUFFER = 0xffff_ffff;

function bufferName(id: number): string {
  return id === NO_BUFFER ? "NONE" : `0x${hex8(id)}`;
}

function named(list: readonly string[], value: number, unknown = "invalid", width = 2): string {
  return list[value] ?? `${unknown} (0x${width === 2 ? hex2(value) : hex4(value)})`;
}

/** A description of a port (section 5.2.1). */
function physicalPort(cursor: Cursor): void {
  const { d } = cursor;
  d.text += `\n\t  port_no ${portName(cursor.u16())}`;
  d.text += `, hw_addr ${cursor.mac()}`;
  cursor.name(", name", 16);
  if (d.verbose < 2) return cursor.skip(24);
  cursor.bits("\n\t   config", cursor.u32(), names.PORT_CONFIG, names.above(7));
  const state = cursor.u32();
  d.text += `\n\t   state 0x${hex8(state)} (${names.STP_STATES[(state >>> 8) & 3] ?? ""}`;
  d.text += `${(state & 1) === 0 ? "" : ", LINK_DOWN"})${(state & ~0x301) === 0 ? "" : " (bogus)"}`;
  for (const name of ["curr", "advertised", "supported", "peer"]) {
    cursor.bits(`\n\t   ${name}`, cursor.u32(), names.PORT_FEATURES, names.above(12));
  }
}

function featuresReply(part: Cursor): void {
  part.list((cursor) => {
    const { d } = cursor;
    d.text += `\n\t dpid 0x${hexPadded(cursor.u64(), 16)}`;
    d.text += `, n_buffers ${cursor.u32()}`;
    d.text += `, n_tables ${cursor.u8()}`;
    cursor.pass(3);
    cursor.bits("\n\t capabilities", cursor.u32(), names.CAPABILITIES, names.UNASSIGNED_CAPABILITIES);
    cursor.bits("\n\t actions", cursor.u32(), names.ACTION_BITS, names.above(12));
    while (cursor.left > 0) {
      if (cursor.left < PORT_LENGTH) cursor.invalid();
      physicalPort(cursor);
    }
  });
}

function switchConfig(cursor: Cursor): void {
  cursor.d.text += `\n\t flags ${named(names.CONFIG_FLAGS, cursor.u16(), "invalid", 4)}`;
  cursor.d.text += `, miss_send_len ${cursor.u16()}`;
}

function packetIn(cursor: Cursor): void {
  const { d } = cursor;
  d.text += `\n\t buffer_id ${bufferName(cursor.u32())}`;
  d.text += `, total_len ${cursor.u16()}`;
  d.text += `, in_port ${portName(cursor.u16())}`;
  d.text += `, reason ${named(names.PACKET_REASONS, cursor.u8())}`;
  cursor.skip(1);
  cursor.frame();
}

function packetOut(part: Cursor): void {
  part.list((cursor) => {
    const { d } = cursor;
    d.text += `\n\t buffer_id 0x${hex8(cursor.u32())}`;
    d.text += `, in_port ${portName(cursor.u16())}`;
    const length = cursor.u16();
    if (length > cursor.left) cursor.invalid();
    actions(cursor.part(length), "\n\t ");
    cursor.pass(length);
    cursor.frame();
  });
}

/** Shown unless it is zero. */
function unlessZero(cursor: Cursor, name: string): void {
  const value = cursor.u16();
  if (value !== 0) cursor.d.text += `, ${name} ${value}`;
}

function flowModification(cursor: Cursor): void {
  const { d } = cursor;
  match(cursor, "\n\t ");
  d.text += `\n\t cookie 0x${hexPadded(cursor.u64(), 16)}`;
  const command = cursor.u16();
  d.text += `, command ${named(names.COMMANDS, command, "invalid", 4)}`;
  for (const name of ["idle_timeout", "hard_timeout", "priority"]) unlessZero(cursor, name);
  if (command <= 2) d.text += `, buffer_id ${bufferName(d.u32(cursor.at))}`;
  cursor.pass(4);
  if (command === 3 || command === 4) d.text += `, out_port ${portName(d.u16(cursor.at))}`;
  cursor.pass(2);
  cursor.bits(", flags", cursor.u16(), names.FLOW_FLAGS, 0xffff & names.above(3), 4);
  actions(cursor, "\n\t ");
}

function flowRemoved(cursor: Cursor): void {
  const { d } = cursor;
  match(cursor, "\n\t ");
  d.text += `\n\t cookie 0x${hexPadded(cursor.u64(), 16)}`;
  unlessZero(cursor, "priority");
  d.text += `, reason ${named(names.REMOVED_REASONS, cursor.u8(), "unknown")}`;
  cursor.pass(1);
  d.text += `, duration_sec ${cursor.u32()}`;
  d.text += `, duration_nsec ${cursor.u32()}`;
  unlessZero(cursor, "idle_timeout");
  cursor.pass(2);
  d.text += `, packet_count ${cursor.u64()}`;
  d.text += `, byte_count ${cursor.u64()}`;
}

function portStatus(cursor: Cursor): void {
  cursor.d.text += `\n\t reason ${named(names.STATUS_REASONS, cursor.u8())}`;
  cursor.pass(7);
  physicalPort(cursor);
}

function portModification(cursor: Cursor): void {
  const { d } = cursor;
  d.text += `\n\t port_no ${portName(cursor.u16())}`;
  d.text += `, hw_addr ${cursor.mac()}`;
  cursor.bits("\n\t config", cursor.u32(), names.PORT_CONFIG, names.above(7));
  cursor.bits("\n\t mask", cursor.u32(), names.PORT_CONFIG, names.above(7));
  cursor.bits("\n\t advertise", cursor.u32(), names.PORT_FEATURES, names.above(12));
  cursor.skip(4);
}

function error(cursor: Cursor): void {
  const type = cursor.u16();
  const [name, codes] = names.ERRORS[type] ?? [`invalid (0x${hex4(type)})`, []];
  cursor.d.text += `\n\t type ${name}`;
  cursor.d.text += `, code ${named(codes, cursor.u16(), "invalid", 4)}`;
  cursor.data();
}

function queueProperties(part: Cursor): void {
  part.list((cursor) => {
    const { d } = cursor;
    while (cursor.left > 0) {
      if (cursor.left < 8) cursor.invalid();
      const property = cursor.u16();
      d.text += `\n\t   property ${named(names.QUEUE_PROPERTIES, property, "invalid", 4)}`;
      const length = cursor.u16();
      d.text += `, len ${length}`;
      if (length < 8 || length > cursor.left + 4) cursor.invalid();
      cursor.skip(4);
      const isBogus = (property === 0 && length !== 8) || (property === 1 && length !== 16);
      if (isBogus) d.text += " (bogus)";
      if (isBogus || property > 1) cursor.skip(length - 8);
      else if (property === 1) {
        const rate = cursor.u16();
        d.text += rate > 1000 ? ", rate disabled" : `, rate ${Math.floor(rate / 10)}.${rate % 10}%`;
        cursor.skip(6);
      }
    }
  });
}

function queueConfigReply(part: Cursor): void {
  part.d.text += `\n\t port ${portName(part.u16())}`;
  part.skip(6);
  part.list((cursor) => {
    const { d } = cursor;
    while (cursor.left > 0) {
      if (cursor.left < 8) cursor.invalid();
      d.text += `\n\t  queue_id ${cursor.u32()}`;
      const length = cursor.u16();
      d.text += `, len ${length}`;
      if (length < 8 || length > cursor.left + 6) cursor.invalid();
      cursor.skip(2);
      if (d.verbose >= 2) queueProperties(cursor.part(length - 8));
      else d.check(cursor.at, length - 8);
      cursor.pass(length - 8);
    }
  });
}

function queueConfigRequest(cursor: Cursor): void {
  cursor.d.text += `\n\t port ${portName(cursor.u16())}`;
  cursor.skip(2);
}

/** Lengths of messages of Big Switch Networks, behind the subtype. */
const BIG_SWITCH_LENGTHS: Readonly<Record<number, number>> = {
  0: 8, 1: 8, 2: 8, 3: 4, 4: 4, 5: 4, 8: 4, 9: 0, 13: 0, 17: 4, 19: 0, 21: 0, 27: 0,
}; // prettier-ignore

function bigSwitch(cursor: Cursor): void {
  const { d } = cursor;
  if (cursor.left < 4) cursor.invalid();
  const subtype = cursor.u32();
  d.text += `\n\t subtype ${names.BIG_SWITCH_MESSAGES[subtype] || `unknown (0x${hex8(subtype)})`}`;
  const length = BIG_SWITCH_LENGTHS[subtype];
  if (length !== undefined && cursor.left !== length) cursor.invalid();
  switch (subtype) {
    case 0:
    case 2:
      d.text += `, index ${cursor.u8()}`;
      cursor.pass(3);
      d.text += `, mask ${cursor.ipv4()}`;
      break;
    case 1:
      d.text += `, index ${cursor.u8()}`;
      cursor.skip(7);
      break;
    case 3:
    case 4:
    case 5: {
      const value = cursor.u8();
      d.text += `, report_mirror_ports ${["OFF", "ON"][value] ?? `bogus (${value})`}`;
      cursor.skip(3);
      break;
    }
    case 6:
    case 7:
      if (subtype === 6) {
        if (cursor.left < 4) cursor.invalid();
        d.text += `, service ${cursor.u32()}`;
      }
      d.text += ", data '";
      d.characters(cursor.at, cursor.left);
      d.text += "'";
      break;
    case 8:
      d.text += `, status 0x${hex8(cursor.u32())}`;
      break;
    case 17:
      d.text += `, vport_no ${cursor.u32()}`;
      break;
    default:
      d.check(cursor.at, cursor.left);
  }
}

function vendor(cursor: Cursor): void {
  const id = cursor.u32();
  cursor.d.text += `, vendor 0x${hex8(id)} (${vendorName(id)})`;
  if (id === BIG_SWITCH) cursor.list(bigSwitch);
  else cursor.data();
}

function data(cursor: Cursor): void {
  cursor.data();
}

/** By type; lengths are those behind the header. */
export const MESSAGES_10: readonly MessageKind[] = [
  { name: "HELLO", length: 0, is: "least", print: data },
  { name: "ERROR", length: 4, is: "least", print: error },
  { name: "ECHO_REQUEST", length: 0, is: "least", print: data },
  { name: "ECHO_REPLY", length: 0, is: "least", print: data },
  { name: "VENDOR", length: 4, is: "least", print: vendor },
  { name: "FEATURES_REQUEST", length: 0, is: "exact" },
  { name: "FEATURES_REPLY", length: 24, is: "least", print: featuresReply },
  { name: "GET_CONFIG_REQUEST", length: 0, is: "exact" },
  { name: "GET_CONFIG_REPLY", length: 4, is: "exact", print: switchConfig },
  { name: "SET_CONFIG", length: 4, is: "exact", print: switchConfig },
  { name: "PACKET_IN", length: 10, is: "least", print: packetIn },
  { name: "FLOW_REMOVED", length: 80, is: "exact", print: flowRemoved },
  { name: "PORT_STATUS", length: 56, is: "exact", print: portStatus },
  { name: "PACKET_OUT", length: 8, is: "least", print: packetOut },
  { name: "FLOW_MOD", length: 64, is: "least", print: flowModification },
  { name: "PORT_MOD", length: 24, is: "exact", print: portModification },
  { name: "STATS_REQUEST", length: 4, is: "least", print: statisticsRequest },
  { name: "STATS_REPLY", length: 4, is: "least", print: statisticsReply },
  { name: "BARRIER_REQUEST", length: 0, is: "exact" },
  { name: "BARRIER_REPLY", length: 0, is: "exact" },
  { name: "QUEUE_GET_CONFIG_REQUEST", length: 4, is: "exact", print: queueConfigRequest },
  { name: "QUEUE_GET_CONFIG_REPLY", length: 8, is: "least", print: queueConfigReply },
];
