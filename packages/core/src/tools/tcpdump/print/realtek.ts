// Realtek's EtherType: the Remote Control Protocol of its switch chips, and what else is told by the first byte.

import type { Dissector } from "./dissector.ts";
import { NO_ADDRESS } from "./dissector.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";

const OPERATIONS = ["hello", "get", "set"];
const [HELLO, GET, SET] = [0, 1, 2] as const;
/** Protocols by the first byte, other than RRCP (1). */
const NAMES: Readonly<Record<number, string>> = {
  0x02: "REP",
  0x03: "RLDP",
  0x23: "RLDP",
  0x04: "Realtek 8-byte DSA tag",
};

function remoteControl(d: Dissector, at: number): void {
  const flags = d.u8(at + 1);
  const isReply = (flags & 0x80) !== 0;
  const operation = flags & 0x7f;
  d.text += `RRCP ${isReply ? "reply" : "query"}: `;
  d.text += OPERATIONS[operation] ?? `unknown opcode (0x${hex2(operation)})`;
  const hasRegister = operation === GET || operation === SET;
  if (hasRegister) d.text += ` addr=0x${hex4(d.u16le(at + 4))}, data=0x${hex8(d.u32le(at + 6))}`;
  d.text += `, auth=0x${hex4(d.u16(at + 2))}`;
  if (operation === HELLO && isReply) {
    d.check(at + 4, 14);
    d.text += ` downlink_port=${d.u8(at + 4)}, uplink_port=${d.u8(at + 5)}, uplink_mac=${d.mac(at + 6)}`;
    d.text += `, vendor_id=${hex8(d.u32(at + 14))} ,chip_id=${hex4(d.u16(at + 12))} `;
  } else if (hasRegister) d.text += `, cookie=0x${hex8(d.u32(at + 14))}${hex8(d.u32(at + 10))} `;
}

export function realtek(
  d: Dissector,
  at: number,
  _length: number,
  _captured: number,
  source: number,
  destination: number,
): void {
  d.protocol = "rtl";
  if (source !== NO_ADDRESS && destination !== NO_ADDRESS)
    d.text += `${d.mac(source)} > ${d.mac(destination)}, `;
  const kind = d.u8(at);
  if (kind === 1) {
    d.protocol = "rrcp";
    return remoteControl(d, at);
  }
  if (NAMES[kind] !== undefined) d.text += NAMES[kind];
  else if ((kind & 0xf0) === 0x90) d.text += "Realtek RTL8306 4-byte DSA tag";
  else if ((kind & 0xf0) === 0xa0) d.text += "Realtek RTL8366RB 4-byte DSA tag";
  else d.text += `Realtek unknown type 0x${hex2(kind)}`;
}
