// Statistics of OpenFlow 1.0 (section 5.3.5).

import { hex4, hex8, hexPadded } from "../numbers.ts";
import { actions, match, portName } from "./actions10.ts";
import { vendorName } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import * as names from "./names10.ts";

const [DESCRIPTION, FLOW, AGGREGATE, TABLE, PORT, QUEUE, VENDOR] = [0, 1, 2, 3, 4, 5, 0xffff] as const;
const [DESCRIPTION_LENGTH, FLOW_LENGTH, TABLE_LENGTH, PORT_LENGTH, QUEUE_LENGTH] = [
  1056, 88, 64, 104, 32,
] as const;
/** Wildcards without the prefix lengths are assigned up to this bit. */
const WILDCARD_BITS = 22;

function tableName(table: number): string {
  return names.TABLES[table] ?? String(table);
}

function type(cursor: Cursor): number {
  const value = cursor.u16();
  cursor.d.text += `\n\t type ${names.STATISTICS[value] ?? `invalid (0x${hex4(value)})`}`;
  return value;
}

function counters(cursor: Cursor, list: readonly string[]): void {
  for (const name of list) cursor.d.text += `, ${name} ${cursor.u64()}`;
}

function vendorData(cursor: Cursor): void {
  if (cursor.left < 4) cursor.invalid();
  const vendor = cursor.u32();
  cursor.d.text += `, vendor 0x${hex8(vendor)} (${vendorName(vendor)})`;
  cursor.data();
}

/** Lengths of requests by type. */
const REQUESTS: Readonly<Record<number, number>> = {
  [DESCRIPTION]: 0,
  [FLOW]: 44,
  [AGGREGATE]: 44,
  [TABLE]: 0,
  [PORT]: 8,
  [QUEUE]: 8,
};

export function statisticsRequest(part: Cursor): void {
  part.list((cursor) => {
    const { d } = cursor;
    const kind = type(cursor);
    const flags = cursor.u16();
    d.text += `, flags 0x${hex4(flags)}${flags === 0 ? "" : " (bogus)"}`;
    const length = REQUESTS[kind];
    if (length !== undefined && cursor.left !== length) cursor.invalid();
    switch (kind) {
      case FLOW:
      case AGGREGATE:
        match(cursor, "\n\t ");
        d.text += `\n\t table_id ${tableName(cursor.u8())}`;
        cursor.pass(1);
        d.text += `, out_port ${portName(cursor.u16())}`;
        break;
      case PORT:
        d.text += `\n\t port_no ${portName(cursor.u16())}`;
        cursor.skip(6);
        break;
      case QUEUE: {
        d.text += `\n\t port_no ${portName(cursor.u16())}`;
        cursor.pass(2);
        const queue = cursor.u32();
        d.text += `, queue_id ${queue === 0xffff_ffff ? "ALL" : queue}`;
        break;
      }
      case VENDOR:
        vendorData(cursor);
        break;
      default:
    }
  });
}

function description(cursor: Cursor): void {
  if (cursor.left !== DESCRIPTION_LENGTH) cursor.invalid();
  for (const name of ["mfr_desc", "hw_desc", "sw_desc"]) cursor.name(`\n\t  ${name}`, 256);
  cursor.name("\n\t  serial_num", 32);
  cursor.name("\n\t  dp_desc", 256);
}

function flow(cursor: Cursor): void {
  const { d } = cursor;
  if (cursor.left < FLOW_LENGTH) cursor.invalid();
  const length = d.u16(cursor.at);
  d.text += `\n\t length ${length}`;
  if (length < FLOW_LENGTH || length > cursor.left) cursor.invalid();
  cursor.pass(2);
  d.text += `, table_id ${tableName(cursor.u8())}`;
  cursor.pass(1);
  match(cursor, "\n\t  ");
  d.text += `\n\t  duration_sec ${cursor.u32()}`;
  d.text += `, duration_nsec ${cursor.u32()}`;
  for (const name of ["priority", "idle_timeout", "hard_timeout"]) d.text += `, ${name} ${cursor.u16()}`;
  cursor.pass(6);
  d.text += `, cookie 0x${hexPadded(cursor.u64(), 16)}`;
  counters(cursor, ["packet_count", "byte_count"]);
  actions(cursor.part(length - FLOW_LENGTH), "\n\t  ");
  cursor.pass(length - FLOW_LENGTH);
}

function aggregate(cursor: Cursor): void {
  const { d } = cursor;
  if (cursor.left !== 24) cursor.invalid();
  d.text += `\n\t packet_count ${cursor.u64()}`;
  d.text += `, byte_count ${cursor.u64()}`;
  d.text += `, flow_count ${cursor.u32()}`;
  d.check(cursor.at, 4);
  cursor.pass(4);
}

function table(cursor: Cursor): void {
  const { d } = cursor;
  if (cursor.left < TABLE_LENGTH) cursor.invalid();
  d.text += `\n\t table_id ${tableName(cursor.u8())}`;
  cursor.pass(3);
  cursor.name(", name", 32);
  cursor.bits("\n\t  wildcards", cursor.u32(), names.WILDCARDS, names.above(WILDCARD_BITS));
  d.text += `\n\t  max_entries ${cursor.u32()}`;
  d.text += `, active_count ${cursor.u32()}`;
  counters(cursor, ["lookup_count", "matched_count"]);
}

const PORT_COUNTERS = ["rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_dropped", "tx_dropped", "rx_errors",
  "tx_errors", "rx_frame_err", "rx_over_err", "rx_crc_err", "collisions"]; // prettier-ignore

function port(cursor: Cursor): void {
  if (cursor.left < PORT_LENGTH) cursor.invalid();
  cursor.d.text += `\n\t  port_no ${portName(cursor.u16())}`;
  if (cursor.d.verbose < 2) return cursor.skip(PORT_LENGTH - 2);
  cursor.pass(6);
  counters(cursor, PORT_COUNTERS);
}

function queue(cursor: Cursor): void {
  if (cursor.left < QUEUE_LENGTH) cursor.invalid();
  cursor.d.text += `\n\t  port_no ${portName(cursor.u16())}`;
  cursor.pass(2);
  cursor.d.text += `, queue_id ${cursor.u32()}`;
  counters(cursor, ["tx_bytes", "tx_packets", "tx_errors"]);
}

/** Those that may come more than once in a reply. */
function each(print: (cursor: Cursor) => void): (cursor: Cursor) => void {
  return (cursor) => {
    while (cursor.left > 0) print(cursor);
  };
}

const REPLIES: Readonly<Record<number, (cursor: Cursor) => void>> = {
  [DESCRIPTION]: description,
  [FLOW]: each(flow),
  [AGGREGATE]: aggregate,
  [TABLE]: each(table),
  [PORT]: each(port),
  [QUEUE]: each(queue),
  [VENDOR]: vendorData,
};

export function statisticsReply(cursor: Cursor): void {
  const kind = type(cursor);
  cursor.bits(", flags", cursor.u16(), names.MORE, 0xfffe, 4);
  const print = REPLIES[kind];
  if (print === undefined) cursor.d.check(cursor.at, cursor.left);
  else cursor.list(print);
}
