// VLAN Query Protocol of Cisco.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex8 } from "./numbers.ts";

const [HEADER_LENGTH, OBJECT_LENGTH] = [8, 6] as const;
const MESSAGES = ["", "Request, Join Port", "Response, VLAN", "Request, Reconfirm", "Response, Reconfirm"];
const ERRORS: Readonly<Record<number, string>> = {
  0: "No error",
  3: "Access denied",
  4: "Shutdown port",
  5: "Wrong VTP domain",
};
const [ADDRESS, PORT, VLAN, DOMAIN, PACKET, NO_MAC, MAC] = [
  0xc01, 0xc02, 0xc03, 0xc04, 0xc05, 0xc06, 0xc08,
] as const;
const OBJECTS: Readonly<Record<number, string>> = {
  [ADDRESS]: "Client IP Address",
  [PORT]: "Port Name",
  [VLAN]: "VLAN Name",
  [DOMAIN]: "VTP Domain",
  [PACKET]: "Ethernet Packet",
  [NO_MAC]: "MAC Null",
  [MAC]: "MAC Address",
};

/** False if the length is not the type's. */
function value(d: Dissector, type: number, at: number, size: number): boolean {
  switch (type) {
    case ADDRESS:
      if (size !== 4) return false;
      d.text += `${d.ipv4(at)} (0x${hex8(d.u32(at))})`;
      return true;
    case PORT:
    case VLAN:
    case DOMAIN:
    case PACKET:
      d.paddedCharacters(at, size);
      return true;
    case MAC:
    case NO_MAC:
      if (size !== 6) return false;
      d.text += d.mac(at);
      return true;
    default:
      if (d.verbose <= 1) unknownData(d, at, "\n\t    ", size);
      return true;
  }
}

export function vqp(d: Dissector, start: number, length: number): void {
  d.protocol = "vqp";
  d.check(start, HEADER_LENGTH);
  if (length < HEADER_LENGTH) {
    d.invalid();
    return;
  }
  const version = d.u8(start);
  if (version !== 1) {
    d.text += `VQP version ${version} packet not supported`;
    return;
  }
  const type = d.u8(start + 1);
  const error = d.u8(start + 2);
  const message = `${MESSAGES[type] || `unknown (${type})`} Message, error-code ${ERRORS[error] ?? "unknown"} (${error})`;
  if (d.verbose === 0) {
    d.text += `VQPv${version} ${message}, length ${length}`;
    return;
  }
  let items = d.u8(start + 3);
  d.text += `\n\tVQPv${version}, ${message}, seq 0x${hex8(d.u32(start + 4))}, items ${items}, length ${length}`;
  let at = start + HEADER_LENGTH;
  let left = length - HEADER_LENGTH;
  for (; items > 0 && left > 0; items--) {
    d.check(at, OBJECT_LENGTH);
    if (left < OBJECT_LENGTH) {
      d.invalid();
      return;
    }
    const kind = d.u32(at);
    const size = d.u16(at + 4);
    at += OBJECT_LENGTH;
    left -= OBJECT_LENGTH;
    d.text += `\n\t  ${OBJECTS[kind] ?? "Unknown"} Object (0x${hex8(kind)}), length ${size}, value: `;
    if (kind === 0 || size === 0) return;
    d.check(at, size);
    if (size > left || !value(d, kind, at, size)) {
      d.invalid();
      return;
    }
    at += size;
    left -= size;
  }
}
