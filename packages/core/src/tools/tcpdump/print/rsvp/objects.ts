// The objects of RSVP by class; those about routes and labels are in paths.ts.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex, hex2, hex4, hex8 } from "../numbers.ts";
import { messageSignature } from "../signature.ts";
import { integratedServices } from "./integrated.ts";
import {
  ADMINISTRATIVE,
  ATTRIBUTE_FLAGS,
  DIFFSERV_ERRORS,
  ERRORS,
  PROPERTIES,
  RECOVERY_FLAGS,
  ROUTING_ERRORS,
  STYLES,
} from "./names.ts";
import { from, line, TOO_SHORT } from "./object.ts";
import type { ObjectClass, ObjectPrinter } from "./object.ts";
import { DETOUR, FAST_REROUTE, LABEL, LABEL_REQUEST, LABEL_SET, ROUTE, USER_INTERFACE } from "./paths.ts";

const tunnelSession: ObjectPrinter = line(
  12,
  (d, at) =>
    `IPv4 Tunnel EndPoint: ${d.ipv4(at)}, Tunnel ID: 0x${hex4(d.u16(at + 6))}, Extended Tunnel ID: ${d.ipv4(at + 8)}`,
);

function destination(d: Dissector, at: number, version: 4 | 6, indent: string): string {
  const [address, rest] = version === 4 ? [d.ipv4(at), at + 4] : [d.ipv6(at), at + 16];
  return `IPv${version} DestAddress: ${address}, Protocol ID: 0x${hex2(d.u8(rest))}${indent}  Flags: [0x${hex2(d.u8(rest + 1))}], DestPort ${d.u16(rest + 2)}`;
}

const SESSION: ObjectClass = {
  1: line(8, (d, at, indent) => destination(d, at, 4, indent)),
  2: line(20, (d, at, indent) => destination(d, at, 6, indent)),
  7: tunnelSession,
  8: line(
    36,
    (d, at) =>
      `IPv6 Tunnel EndPoint: ${d.ipv6(at)}, Tunnel ID: 0x${hex4(d.u16(at + 18))}, Extended Tunnel ID: ${d.ipv6(at + 20)}`,
  ),
  11: tunnelSession,
  13: line(
    12,
    (d, at) =>
      `IPv4 P2MP LSP ID: ${d.ipv4(at)}, Tunnel ID: 0x${hex4(d.u16(at + 6))}, Extended Tunnel ID: ${d.ipv4(at + 8)}`,
  ),
  14: line(
    26,
    (d, at) =>
      `IPv6 P2MP LSP ID: 0x${hex8(d.u32(at))}, Tunnel ID: 0x${hex4(d.u16(at + 6))}, Extended Tunnel ID: ${d.ipv6(at + 8)}`,
  ),
};

function addressClass(name: (version: number) => string): ObjectClass {
  return {
    1: line(4, (d, at) => `${name(4)}: ${d.ipv4(at)}`),
    2: line(16, (d, at) => `${name(6)}: ${d.ipv6(at)}`),
  };
}

const source4: ObjectPrinter = line(
  8,
  (d, at) => `Source Address: ${d.ipv4(at)}, Source Port: ${d.u16(at + 6)}`,
);
const source6: ObjectPrinter = line(
  20,
  (d, at) => `Source Address: ${d.ipv6(at)}, Source Port: ${d.u16(at + 18)}`,
);
const group4: ObjectPrinter = line(
  16,
  (d, at, indent) =>
    `IPv4 Tunnel Sender Address: ${d.ipv4(at)}, LSP ID: 0x${hex4(d.u16(at + 6))}${indent}  Sub-Group Originator ID: ${d.ipv4(at + 8)}, Sub-Group ID: 0x${hex4(d.u16(at + 12))}`,
);
const group6: ObjectPrinter = line(
  40,
  (d, at, indent) =>
    `IPv6 Tunnel Sender Address: ${d.ipv6(at)}, LSP ID: 0x${hex4(d.u16(at + 18))}${indent}  Sub-Group Originator ID: ${d.ipv6(at + 20)}, Sub-Group ID: 0x${hex4(d.u16(at + 38))}`,
);

const SENDER_TEMPLATE: ObjectClass = {
  1: source4,
  2: source6,
  7: line(8, (d, at) => `IPv4 Tunnel Sender Address: ${d.ipv4(at)}, LSP-ID: 0x${hex4(d.u16(at + 6))}`),
  12: group4,
  13: group6,
};

const FILTER: ObjectClass = {
  1: source4,
  2: source6,
  3: line(20, (d, at) => `Source Address: ${d.ipv6(at)}, Flow Label: ${d.u24(at + 17)}`),
  7: line(8, (d, at) => `Source Address: ${d.ipv4(at)}, LSP-ID: 0x${hex4(d.u16(at + 6))}`),
  8: line(20, (d, at) => `Source Address: ${d.ipv4(at)}, LSP-ID: 0x${hex4(d.u16(at + 18))}`),
  12: group4,
  13: group6,
};

const INTEGRATED: ObjectClass = { 2: from(4, integratedServices) };

const hop4: ObjectPrinter = from(8, (d, at, length, indent) => {
  d.text += `${indent}  Previous/Next Interface: ${d.ipv4(at)}, Logical Interface Handle: 0x${hex8(d.u32(at + 4))}`;
  return length > 8 ? "hexdump" : undefined;
});
const hop6: ObjectPrinter = from(20, (d, at, _length, indent) => {
  d.text += `${indent}  Previous/Next Interface: ${d.ipv6(at)}, Logical Interface Handle: 0x${hex8(d.u32(at + 16))}`;
  return "hexdump";
});

/** `at`: of the flags behind the address of the node. */
function error(d: Dissector, address: string, at: number, version: 4 | 6, indent: string): string {
  const code = d.u8(at + 1);
  const value = d.u16(at + 2);
  let text = `Error Node Address: ${address}, Flags: [0x${hex2(d.u8(at))}]${indent}  Error Code: ${ERRORS.get(code) ?? "unknown"} (${code})`;
  if (code === 24) text += `, Error Value: ${ROUTING_ERRORS.get(value) ?? "unknown"} (${value})`;
  else if (version === 4) {
    text +=
      code === 28 || code === 125
        ? `, Error Value: ${DIFFSERV_ERRORS.get(value) ?? "unknown"} (${value})`
        : `, Unknown Error Value (${value})`;
  }
  return text;
}

const error4: ObjectPrinter = line(8, (d, at, indent) => error(d, d.ipv4(at), at + 4, 4, indent));
const error6: ObjectPrinter = line(20, (d, at, indent) => error(d, d.ipv6(at), at + 16, 6, indent));

const hello: ObjectPrinter = line(
  8,
  (d, at) => `Source Instance: 0x${hex8(d.u32(at))}, Destination Instance: 0x${hex8(d.u32(at + 4))}`,
);

const attribute: ObjectPrinter = from(4, (d, at, length, indent) => {
  const name = d.u8(at + 3);
  if (length < 4 + name) return TOO_SHORT;
  d.text += `${indent}  Session Name: `;
  d.characters(at + 4, name);
  const flags = d.u8(at + 2);
  d.text += `${indent}  Setup Priority: ${d.u8(at)}, Holding Priority: ${d.u8(at + 1)}, Flags: [${ATTRIBUTE_FLAGS.bits(flags, "none")}] (${flags === 0 ? "0" : `0x${hex(flags)}`})`;
});

const messageIds: ObjectPrinter = from(4, (d, at, length, indent) => {
  d.text += `${indent}  Flags [0x${hex2(d.u8(at))}], epoch: ${d.u24(at + 1)}`;
  for (let place = 4; length - place >= 4; place += 4) {
    const id = d.u32(at + place);
    d.text += `${indent}    Message-ID 0x${hex8(id)} (${id})`;
  }
});

const properties: ObjectPrinter = from(4, (d, start, length, indent) => {
  const padding = d.u16(start + 2);
  d.text += `${indent}  TLV count: ${d.u16(start)}, padding bytes: ${padding}`;
  for (let at = start + 4, left = length - 4; left >= 2 + padding;) {
    const size = d.u8(at + 1);
    d.text += `${indent}    ${PROPERTIES.get(d.u8(at)) ?? "unknown"} TLV (0x${hex2(d.u8(at))}), length: ${size}`;
    if (left < size) return TOO_SHORT;
    if (size < 2) return "ERROR: property TLV is too short";
    unknownData(d, at + 2, "\n\t\t", size - 2);
    at += size;
    left -= size;
  }
});

const integrity: ObjectPrinter = from(32, (d, at, _length, indent, message) => {
  d.text += `${indent}  Key-ID 0x${hex4(d.u16(at + 2))}${hex8(d.u32(at + 4))}, Sequence 0x${d.hexBytes(at + 8, 8)}, Flags [${(d.u8(at) & 0x80) === 0 ? "none" : "Handshake"}]`;
  d.text += `${indent}  MD5-sum 0x${d.hexBytes(at + 16, 16)} `;
  messageSignature(d, message, at + 16, [message.start + 2]);
});

const classType: ObjectClass = { 1: line(4, (d, at) => `CT: ${d.u32(at) & 7}`) };

/** RFC 5063. */
function capability(d: Dissector, at: number, indent: string): string {
  const word = d.u32(at);
  const reserved = (word & ~7) >>> 0;
  const flags = `Flags: [${RECOVERY_FLAGS.bits(word & 7, "none")}]`;
  return reserved === 0 ? flags : `[reserved=0x${hex8(reserved)} must be zero]${indent}  ${flags}`;
}

export const CLASSES: ReadonlyMap<number, ObjectClass> = new Map<number, ObjectClass>([
  [1, SESSION],
  [3, { 1: hop4, 2: hop6, 3: hop4, 4: hop6 }],
  [4, { 1: integrity }],
  [5, { 1: line(4, (d, at) => `Refresh Period: ${d.u32(at)}ms`) }],
  [6, { 1: error4, 2: error6, 3: error4, 4: error6 }],
  [
    8,
    {
      1: line(
        4,
        (d, at) =>
          `Reservation Style: ${STYLES.get(d.u24(at + 1)) ?? "Unknown"}, Flags: [0x${hex2(d.u8(at))}]`,
      ),
    },
  ],
  [9, INTEGRATED],
  [10, FILTER],
  [11, SENDER_TEMPLATE],
  [12, INTEGRATED],
  [13, INTEGRATED],
  [15, addressClass((version) => `IPv${version} Receiver Address`)],
  [16, LABEL],
  [19, LABEL_REQUEST],
  [20, ROUTE],
  [21, ROUTE],
  [22, { 1: hello, 2: hello }],
  [23, { 1: messageIds, 2: messageIds }],
  [24, { 1: messageIds, 2: messageIds }],
  [25, { 1: messageIds, 2: messageIds }],
  [34, LABEL],
  [35, LABEL],
  [36, LABEL_SET],
  [50, addressClass(() => "Sub-LSP destination address")],
  [63, DETOUR],
  [66, classType],
  [125, classType],
  [129, LABEL],
  [131, { 1: line(8, (d, at) => `Restart  Time: ${d.u32(at)}ms, Recovery Time: ${d.u32(at + 4)}ms`) }],
  [134, { 1: line(4, capability) }],
  [195, addressClass((version) => `IPv${version} Notify Node Address`)],
  [196, { 1: line(4, (d, at) => `Flags [${ADMINISTRATIVE.bits(d.u32(at), "none")}]`) }],
  [204, { 1: properties }],
  [205, FAST_REROUTE],
  [207, { 7: attribute }],
  [229, USER_INTERFACE],
]);
