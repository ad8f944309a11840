// The multicast source discovery protocol (RFC 3618), over TCP.

import type { Dissector } from "./dissector.ts";

const LARGEST = 1500;
const SAID_ABOVE = 1400;
const LAST_TYPE = 7;
const ENTRY_LENGTH = 12;

export function msdp(d: Dissector, start: number, length: number): void {
  d.protocol = "msdp";
  d.text += ": msdp";
  d.untilCut(() => messages(d, start, length));
}

function messages(d: Dissector, start: number, length: number): void {
  const first = d.u8(start);
  const firstLength = d.u16(start + 1);
  // Not cut off, but in the middle of a message.
  if (firstLength > LARGEST || firstLength < 3 || first === 0 || first > LAST_TYPE) d.cutOff();
  let at = start;
  for (let left = length; left > 0;) {
    const type = d.u8(at);
    const size = d.u16(at + 1);
    if (size > SAID_ABOVE || d.verbose > 0) d.text += ` [len ${size}]`;
    if (size < 3 || left < size) d.cutOff();
    message(d, type, at + 3, size);
    at += size;
    left -= size;
  }
}

function message(d: Dissector, type: number, at: number, size: number): void {
  switch (type) {
    case 1:
    case 3: {
      d.text += type === 1 ? " SA" : " SA-Response";
      const entries = d.u8(at);
      d.text += ` ${entries} entries`;
      const used = entries * ENTRY_LENGTH + 8;
      if (used >= size) return;
      d.text += " [w/data]";
      if (d.verbose < 2) return;
      d.text += " ";
      d.layers.ipv4(d, at + used - 3, size - used);
      return;
    }
    case 2:
      d.text += " SA-Request";
      d.text += ` for ${d.ipv4(at + 1)}`;
      return;
    case 4:
      d.text += " Keepalive";
      if (size !== 3) d.text += `[len=${size}] `;
      return;
    case 5:
      d.text += " Notification";
      return;
    default:
      d.text += ` [type=${type} len=${size}]`;
  }
}
