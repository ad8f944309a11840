// Objects of RSVP about routes and labels: explicit and recorded routes, labels and requests for them, fast reroute, and what the
// user network interface of OIF adds.

import { generalMegabits } from "../bandwidth.ts";
import type { Dissector } from "../dissector.ts";
import { ETHERTYPES } from "../ethernet-names.ts";
import { ENCODINGS, PAYLOADS, SWITCHING } from "../gmpls-names.ts";
import { NETWORK_FAMILIES } from "../network-address.ts";
import { hex, hex4, hex8 } from "../numbers.ts";
import { LABEL_SET_ACTIONS, RECORD_FLAGS, ROUTE_SUBOBJECTS, TYPES, UNI_SUBOBJECTS } from "./names.ts";
import { each, from, INVALID, line, SUBOBJECT_TOO_SHORT } from "./object.ts";
import type { ObjectClass, ObjectPrinter } from "./object.ts";

const RECORDED_ROUTE = 21;

/** %#x */
function prefixedHex(value: number): string {
  return value === 0 ? "0" : `0x${hex(value)}`;
}

export const LABEL: ObjectClass = {
  1: each(4, (d, at) => `Label: ${d.u32(at)}`),
  2: line(4, (d, at) => `Generalized Label: ${d.u32(at)}`),
  3: line(
    12,
    (d, at, indent) =>
      `Waveband ID: ${d.u32(at)}${indent}  Start Label: ${d.u32(at + 4)}, Stop Label: ${d.u32(at + 8)}`,
  ),
};

function layer3(d: Dissector, at: number): string {
  const type = d.u16(at + 2);
  return `L3 Protocol ID: ${ETHERTYPES.get(type) ?? `Unknown Protocol (0x${hex4(type)})`}`;
}

export const LABEL_REQUEST: ObjectClass = {
  1: each(4, layer3),
  2: line(12, (d, at, indent) => {
    const merge = (d.u8(at + 4) & 0x80) === 0 ? "" : "no";
    const range = (place: number): string => `${d.u16(place) & 0xfff}/${d.u16(place + 2) & 0xfff}`;
    return `${layer3(d, at)},${merge} merge capability${indent}  Minimum VPI/VCI: ${range(at + 4)}${indent}  Maximum VPI/VCI: ${range(at + 8)}`;
  }),
  3: line(12, (d, at, indent) => {
    const size = (d.u16(at + 4) >>> 7) & 3;
    const bits = size === 0 ? "10" : size === 2 ? "23" : "";
    return `${layer3(d, at)}${indent}  Minimum/Maximum DLCI: ${d.u32(at + 4) & 0x7f_ffff}/${d.u32(at + 8) & 0x7f_ffff}, ${bits} bit DLCI`;
  }),
  4: line(4, (d, at, indent) => {
    const [encoding, switching, payload] = [d.u8(at), d.u8(at + 1), d.u16(at + 2)];
    return (
      `LSP Encoding Type: ${ENCODINGS.get(encoding) ?? "Unknown"} (${encoding})${indent}  Switching Type: ${SWITCHING.get(switching) ?? "Unknown"} (${switching})` +
      `, Payload ID: ${PAYLOADS[payload] ?? "Unknown"} (0x${hex4(payload)})`
    );
  }),
};

const route: ObjectPrinter = (d, start, total, indent) => {
  for (let at = start, left = total; left >= 4;) {
    d.need(at, 4);
    const field = d.u8(at);
    const type = field & 0x7f;
    const length = d.u8(at + 1);
    d.text += `${indent}  Subobject Type: ${ROUTE_SUBOBJECTS.get(type) ?? `Unknown ${type}`}, length ${length}`;
    if (left < length) {
      d.text += `${indent}  ERROR: ERO subobject length > object length`;
      return;
    }
    if (length === 0) {
      d.text += `${indent}  ERROR: zero length ERO subtype`;
      return;
    }
    if (type === 1 || type === 3) {
      if (length !== 8) {
        d.text += " ERROR: length != 8";
        return INVALID;
      }
      d.need(at, 8);
    }
    if (type === 1) {
      const bits = d.u8(at + 6);
      if (bits !== 32) {
        d.text += ` ERROR: Prefix length ${bits} != 32`;
        return INVALID;
      }
      d.text += `, ${(field & 0x80) === 0 ? "Strict" : "Loose"}, ${d.ipv4(at + 2)}/${bits}, Flags: [${RECORD_FLAGS.bits(d.u8(at + 7), "none")}]`;
    } else if (type === 3) {
      const [flags, kind] = [d.u8(at + 2), d.u8(at + 3)];
      d.text += `, Flags: [${(flags & 1) === 0 ? "none" : "Global"}] (${prefixedHex(flags)})`;
      d.text += `, Class-Type: ${TYPES.get(RECORDED_ROUTE)?.get(kind) ?? "Unknown"} (${kind}), ${d.u32(at + 4)}`;
    }
    at += length;
    left -= length;
  }
};

export const ROUTE: ObjectClass = { 1: route };

const labelSet: ObjectPrinter = (d, at, length, indent, message) => {
  const action = d.u8(at);
  d.text += `${indent}  Action: ${LABEL_SET_ACTIONS[action] ?? "Unknown"} (${action}), Label type: ${d.u32(at) & 0x7f}`;
  if (action === 2 || action === 3) {
    return line(12, () => `Start range: ${d.u32(at + 4)}, End range: ${d.u32(at + 8)}`)(
      d,
      at,
      length,
      indent,
      message,
    );
  }
  for (let place = 4, number = 1; length - place >= 4; place += 4, number++) {
    d.text += `${indent}  Subchannel #${number}: ${d.u32(at + place)}`;
  }
};

export const LABEL_SET: ObjectClass = { 1: from(4, labelSet) };

function detourHead(d: Dissector, at: number): string {
  return `Setup Priority: ${d.u8(at)}, Holding Priority: ${d.u8(at + 1)}, Hop-limit: ${d.u8(at + 2)}, Bandwidth: ${generalMegabits(d, at + 4)} Mbps`;
}

export const FAST_REROUTE: ObjectClass = {
  1: line(
    20,
    (d, at, indent) =>
      `${detourHead(d, at)}${indent}  Include-any: 0x${hex8(d.u32(at + 8))}, Exclude-any: 0x${hex8(d.u32(at + 12))}, Include-all: 0x${hex8(d.u32(at + 16))}`,
  ),
  7: line(
    16,
    (d, at, indent) =>
      `${detourHead(d, at)}${indent}  Include Colors: 0x${hex8(d.u32(at + 8))}, Exclude Colors: 0x${hex8(d.u32(at + 12))}`,
  ),
};

export const DETOUR: ObjectClass = {
  7: each(8, (d, at) => `PLR-ID: ${d.ipv4(at)}, Avoid-Node-ID: ${d.ipv4(at + 4)}`),
};

/** Generalized UNI: sub-objects whose length counts their header. */
const userInterface: ObjectPrinter = (d, start, total, indent) => {
  let result: "hexdump" | undefined;
  for (let at = start, left = total; left > 0;) {
    if (left < 4) return INVALID;
    const length = d.u16(at);
    const type = d.u8(at + 2);
    const family = d.u8(at + 3);
    d.text += `${indent}  Subobject Type: ${UNI_SUBOBJECTS.get(type) ?? "Unknown"} (${type}), AF: ${NETWORK_FAMILIES.get(family) ?? "Unknown"} (${family}), length: ${length}`;
    if (length < 4 || length > left) return INVALID;
    if (type === 1 || type === 2) {
      if (family === 1 || family === 2) {
        if (length < (family === 1 ? 8 : 20)) return SUBOBJECT_TOO_SHORT;
        d.text += `${indent}    UNI IPv${family === 1 ? 4 : 6} TNA address: ${family === 1 ? d.ipv4(at + 4) : d.ipv6(at + 4)}`;
      } else if (family === 3) result = "hexdump";
    } else if (type === 3) {
      if (length > 4) result = "hexdump";
    } else if (type === 4) {
      if (length < 16) return SUBOBJECT_TOO_SHORT;
      d.text += `${indent}    U-bit: ${hex(d.u32(at + 4) >>> 31)}, Label type: ${d.u8(at + 7)}, Logical port id: ${d.u32(at + 8)}, Label: ${d.u32(at + 12)}`;
    } else if (type === 5) {
      if (length < 8) return SUBOBJECT_TOO_SHORT;
      d.text += `${indent}    Service level: ${d.u8(at + 4)}`;
    } else result = "hexdump";
    at += length;
    left -= length;
  }
  return result;
};

export const USER_INTERFACE: ObjectClass = { 1: from(4, userInterface) };
