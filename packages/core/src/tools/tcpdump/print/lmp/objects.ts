// The objects of LMP (RFC 4204 section 13) and of its service discovery (OIF UNI 1.0), by class and class type.

import { megabits } from "../bandwidth.ts";
import type { Dissector } from "../dissector.ts";
import { ENCODINGS, SWITCHING } from "../gmpls-names.ts";
import { hex, hex8 } from "../numbers.ts";
import {
  CHANNEL_STATUS,
  CONCATENATION,
  DATA_LINK_FLAGS,
  DATA_LINK_SUBOBJECTS,
  DIVERSITY,
  LINK_FLAGS,
  LINK_TYPES,
  NETWORK_TRANSPARENCY,
  PORT_TRANSPARENCY,
  SDH_SIGNALS,
  SIGNALLING,
  SONET_SIGNALS,
  SUMMARY_ERRORS,
  TANDEM_MONITORING,
  VERIFY_ERRORS,
  VERIFY_FLAGS,
} from "./names.ts";

/** Prints an object's value. False: its bytes are shown, too. */
type Printer = (d: Dissector, at: number, length: number) => boolean | undefined;

/** An id as number, IPv4 or IPv6 address. */
interface IdKind {
  readonly size: number;
  text(d: Dissector, at: number): string;
}

const IPV4: IdKind = { size: 4, text: (d, at) => d.ipv4(at) };
const IPV6: IdKind = { size: 16, text: (d, at) => d.ipv6(at) };
const NUMBER: IdKind = { size: 4, text: (d, at) => String(d.u32(at)) };

function id(d: Dissector, name: string, at: number, kind: IdKind): void {
  d.text += `\n\t    ${name}: ${kind.text(d, at)} (0x${hex8(d.u32(at))})`;
}

/** A value that must have this length. */
function exactly(size: number, print: (d: Dissector, at: number) => void): Printer {
  return (d, at, length) => {
    if (length === size) print(d, at);
    else d.text += " (not correct for object)";
    return undefined;
  };
}

function oneId(name: string, kind: IdKind): Printer {
  return exactly(kind.size, (d, at) => id(d, name, at, kind));
}

const linkIds: Readonly<Record<number, Printer>> = {
  1: oneId("IPv4 Link ID", IPV4),
  2: oneId("IPv4 Link ID", IPV4),
  3: oneId("IPv6 Link ID", IPV6),
  4: oneId("IPv6 Link ID", IPV6),
  5: oneId("Link ID", NUMBER),
  6: oneId("Link ID", NUMBER),
};

/** A printer for IPv4, IPv6 and unnumbered ids each. */
function byKind(print: (kind: IdKind) => Printer): Readonly<Record<number, Printer>> {
  return { 1: print(IPV4), 2: print(IPV6), 3: print(NUMBER) };
}

function linkPair(kind: IdKind): Printer {
  return exactly(4 + 2 * kind.size, (d, at) => {
    d.text += `\n\t    Flags: [${LINK_FLAGS.bits(d.u8(at), "none")}]`;
    id(d, "Local Link-ID", at + 4, kind);
    id(d, "Remote Link-ID", at + 4 + kind.size, kind);
  });
}

function switchingType(d: Dissector, at: number): void {
  const [type, encoding] = [d.u8(at + 2), d.u8(at + 3)];
  d.text += `\n\t      Switching Type: ${SWITCHING.get(type) ?? "Unknown"} (${type})`;
  d.text += `\n\t      Encoding Type: ${ENCODINGS.get(encoding) ?? "Unknown"} (${encoding})`;
  d.text += `\n\t      Min Reservable Bandwidth: ${megabits(d, at + 4)} Mbps`;
  d.text += `\n\t      Max Reservable Bandwidth: ${megabits(d, at + 8)} Mbps`;
}

/** False if one is not known. */
function subobjects(d: Dissector, start: number, total: number): boolean {
  let at = start;
  for (let left = total; left > 0;) {
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    d.text += `\n\t    Subobject, Type: ${DATA_LINK_SUBOBJECTS.get(type) ?? "Unknown"} (${type}), Length: ${length}`;
    const fault =
      length < 4
        ? "too short"
        : length % 4 !== 0
          ? "not a multiple of 4"
          : left < length
            ? "goes past the end of the object"
            : undefined;
    if (fault !== undefined) {
      d.text += ` (${fault})`;
      return true;
    }
    if (type === 1) switchingType(d, at);
    else if (type === 2) d.text += `\n\t      Wavelength: ${d.u32(at + 4)}`;
    else return false;
    at += length;
    left -= length;
  }
  return true;
}

function dataLink(kind: IdKind): Printer {
  return (d, at, length) => {
    const size = 4 + 2 * kind.size;
    if (length < size) {
      d.text += " (not correct for object)";
      return undefined;
    }
    d.text += `\n\t    Flags: [${DATA_LINK_FLAGS.bits(d.u8(at), "none")}]`;
    id(d, "Local Interface ID", at + 4, kind);
    id(d, "Remote Interface ID", at + 4 + kind.size, kind);
    return subobjects(d, at + size, length - size);
  };
}

const MECHANISM_PAYLOAD = 8000; // decimal, as in tcpdump

const beginVerify = exactly(20, (d, at) => {
  d.text += `\n\t    Flags: ${VERIFY_FLAGS.bits(d.u16(at), "none")}`;
  d.text += `\n\t    Verify Interval: ${d.u16(at + 2)}\n\t    Data links: ${d.u32(at + 4)}`;
  d.text += `\n\t    Encoding type: ${ENCODINGS.get(d.u8(at + 8)) ?? "Unknown"}`;
  const mechanism = d.u16(at + 10);
  const capable = (mechanism & MECHANISM_PAYLOAD) === 0 ? "" : " (Payload test messages capable)";
  d.text += `\n\t    Verify Transport Mechanism: ${mechanism} (0x${hex(mechanism)})${capable}`;
  d.text += `\n\t    Transmission Rate: ${megabits(d, at + 12)} Mbps\n\t    Wavelength: ${d.u32(at + 16)}`;
});

/** Interface ids with the status of each. */
function channelStatus(kind: IdKind): Printer {
  const size = kind.size + 4;
  return (d, start, length) => {
    for (let at = start; at + size <= start + length; at += size) {
      id(d, "Interface ID", at, kind);
      const status = d.u32(at + kind.size);
      const [active, transmit, code] = [status >>> 31, (status >>> 30) & 1, status & 0x3ff_ffff];
      d.text += `\n\t\t    Active: ${active === 0 ? "Non-allocated" : "Allocated"} (${active})`;
      d.text += `\n\t\t    Direction: ${transmit === 0 ? "Receive" : "Transmit"} (${transmit})`;
      d.text += `\n\t\t    Channel Status: ${CHANNEL_STATUS.get(code) ?? "Unknown"} (${code})`;
    }
    return undefined;
  };
}

function channelRequest(kind: IdKind): Printer {
  return (d, start, length) => {
    for (let at = start; at + kind.size <= start + length; at += kind.size) id(d, "Interface ID", at, kind);
    return undefined;
  };
}

const [SDH, SONET] = [5, 6] as const;

const clientPort = exactly(16, (d, at) => {
  const [type, signal] = [d.u8(at), d.u8(at + 1)];
  d.text += `\n\t Link Type: ${LINK_TYPES.get(type) ?? "Unknown"} (${type})`;
  const signals = type === SDH ? SDH_SIGNALS : type === SONET ? SONET_SIGNALS : undefined;
  if (signals !== undefined) d.text += `\n\t Signal Type: ${signals.get(signal) ?? "Unknown"} (${signal})`;
  d.text += `\n\t Transparency: ${PORT_TRANSPARENCY.bits(d.u8(at + 2), "none")}`;
  d.text += `\n\t Contiguous Concatenation Types: ${CONCATENATION.bits(d.u8(at + 3), "none")}`;
  d.text += `\n\t Minimum NCC: ${d.u16(at + 4)}\n\t Maximum NCC: ${d.u16(at + 6)}`;
  d.text += `\n\t Minimum NVC:${d.u16(at + 8)}\n\t Maximum NVC:${d.u16(at + 10)}`;
  id(d, "Local Interface ID", at + 12, IPV4);
});

const services: Readonly<Record<number, Printer>> = {
  1: exactly(4, (d, at) => {
    d.text += `\n\t Flags: ${SIGNALLING.bits(d.u8(at), "none")}\n\t  UNI Version: ${d.u8(at + 1)}`;
  }),
  2: clientPort,
  3: exactly(8, (d, at) => {
    d.text += `\n\t Transparency Flags: ${NETWORK_TRANSPARENCY.bits(d.u32(at), "none")}`;
    d.text += `\n\t TCM Monitoring Flags: ${TANDEM_MONITORING.bits(d.u8(at + 7), "none")}`;
  }),
  4: exactly(4, (d, at) => {
    d.text += `\n\t Diversity: Flags: ${DIVERSITY.bits(d.u8(at + 3), "none")}`;
  }),
};

const controlChannel = oneId("Control Channel ID", NUMBER);
const node = oneId("Node ID", IPV4);

export const OBJECT_PRINTERS: Readonly<Record<number, Readonly<Record<number, Printer>>>> = {
  1: { 1: controlChannel, 2: controlChannel },
  2: { 1: node, 2: node },
  3: linkIds,
  4: linkIds,
  5: { 1: oneId("Message ID", NUMBER), 2: oneId("Message ID Ack", NUMBER) },
  6: {
    1: exactly(4, (d, at) => {
      d.text += `\n\t    Hello Interval: ${d.u16(at)}\n\t    Hello Dead Interval: ${d.u16(at + 2)}`;
    }),
  },
  7: {
    1: exactly(8, (d, at) => d.print(`\n\t    Tx Seq: ${d.u32(at)}, Rx Seq: ${d.u32(at + 4)}`)),
  },
  8: { 1: beginVerify },
  9: {
    1: exactly(4, (d, at) => {
      d.text += `\n\t    Verify Dead Interval: ${d.u16(at)}\n\t    Verify Transport Response: ${d.u16(at + 2)}`;
    }),
  },
  10: { 1: exactly(4, (d, at) => d.print(`\n\t    Verify ID: ${d.u32(at)}`)) },
  11: byKind(linkPair),
  12: byKind(dataLink),
  13: byKind(channelStatus),
  14: byKind(channelRequest),
  20: {
    1: exactly(4, (d, at) => d.print(`\n\t    Error Code: ${VERIFY_ERRORS.bits(d.u32(at), "none")}`)),
    2: exactly(4, (d, at) => d.print(`\n\t    Error Code: ${SUMMARY_ERRORS.bits(d.u32(at), "none")}`)),
  },
  51: services,
};
