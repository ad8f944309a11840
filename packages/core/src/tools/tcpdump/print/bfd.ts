// Bidirectional forwarding detection (RFC 5880), version 0 and 1, over UDP.

import { AUTHENTICATION, DIAGNOSTICS, FLAGS, FLAGS_V0, STATES } from "./bfd-names.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex8 } from "./numbers.ts";

const [CONTROL_PORT, ECHO_PORT, MULTIHOP_PORT, LAG_PORT] = [3784, 3785, 4784, 6784] as const;
const HEADER_LENGTH = 24;
const PORT_NAMES: Readonly<Record<number, string>> = { 4784: "Multihop", 6784: "Lag" };
const AUTHENTICATED = 0x04;
/** Length of each authentication section (RFC 5880 sections 4.2 to 4.4). */
const SHORTEST_AUTHENTICATION = 4;
const MD5_LENGTH = 24;
const SHA1_LENGTH = 28;

function badLength(d: Dissector, size: number): void {
  d.text += `[invalid length ${size}]`;
}

function authentication(d: Dissector, at: number): void {
  d.check(at, SHORTEST_AUTHENTICATION);
  const type = d.u8(at);
  const size = d.u8(at + 1);
  d.text += `\n\tAuthentication: ${AUTHENTICATION.get(type) ?? "Unknown"} (${type}), length: ${size}`;
  d.text += `\n\t  Auth Key ID: ${d.u8(at + 2)}`;
  if (type === 1) {
    if (size < 4 || size > 19) {
      badLength(d, size);
      return;
    }
    d.text += ", Password: ";
    d.characters(at + 3, size - 3);
  } else if (type === 2 || type === 3) {
    if (size !== MD5_LENGTH) return badLength(d, size);
    d.text += `, Sequence Number: 0x${hex8(d.u32(at + 4))}`;
    d.text += `\n\t  Digest: ${d.hexBytes(at + 8, 16)}`;
  } else if (type === 4 || type === 5) {
    if (size !== SHA1_LENGTH) return badLength(d, size);
    d.text += `, Sequence Number: 0x${hex8(d.u32(at + 4))}`;
    d.text += `\n\t  Hash: ${d.hexBytes(at + 8, 20)}`;
  }
}

function interval(d: Dissector, name: string, at: number): string {
  const value = Math.trunc(d.u32(at) / 1000);
  return `\n\t  ${name}${String(value).padStart(4)} ms`;
}

function control(d: Dissector, at: number, length: number, port: number): void {
  d.check(at, HEADER_LENGTH);
  const first = d.u8(at);
  const version = first >>> 5;
  const flags = d.u8(at + 1);
  if (version !== 0 && version !== 1) {
    d.text += `BFDv${version}, Control, length: ${length}`;
    if (d.verbose > 0) unknownData(d, at, "\n\t", length);
    return;
  }
  const diagnostic = first & 0x1f;
  const name = DIAGNOSTICS.get(diagnostic) ?? "unknown";
  if (version === 0) {
    if (d.verbose === 0) {
      d.text += `BFDv0, Control, Flags: [${FLAGS_V0.bits(flags, "none")}], length: ${length}`;
      return;
    }
    d.text += `BFDv0, length: ${length}`;
    d.text += `\n\tControl, Flags: [${FLAGS_V0.bits(flags, "none")}], Diagnostic: ${name} (0x${hex2(diagnostic)})`;
  } else {
    const state = STATES.get(flags >>> 6) ?? "unknown";
    const shown = FLAGS.bits(flags & 0x3f, "none");
    if (d.verbose === 0) {
      d.text += `BFDv1, ${PORT_NAMES[port] ?? "Control"}, State ${state}, Flags: [${shown}], length: ${length}`;
      return;
    }
    d.text += `BFDv1, length: ${length}`;
    d.text += `\n\t${PORT_NAMES[port] ?? "Control"}, State ${state}, Flags: [${shown}], Diagnostic: ${name} (0x${hex2(diagnostic)})`;
  }
  const multiplier = d.u8(at + 2);
  // In 32 bits, as the original multiplies.
  const detection = Math.imul(multiplier, d.u32(at + 12)) >>> 0;
  d.text += `\n\tDetection Timer Multiplier: ${multiplier} (${Math.trunc(detection / 1000)} ms Detection time)`;
  d.text += `, BFD Length: ${d.u8(at + 3)}`;
  d.text += `\n\tMy Discriminator: 0x${hex8(d.u32(at + 4))}, Your Discriminator: 0x${hex8(d.u32(at + 8))}`;
  d.text += interval(d, "Desired min Tx Interval:    ", at + 12);
  d.text += interval(d, "Required min Rx Interval:   ", at + 16);
  d.text += interval(d, "Required min Echo Interval: ", at + 20);
  if ((flags & AUTHENTICATED) !== 0) authentication(d, at + 24);
}

export function bfd(d: Dissector, at: number, length: number, port: number): void {
  d.protocol = "bfd";
  if (port === ECHO_PORT) {
    d.text += `BFD, Echo, length: ${length}`;
    if (d.verbose > 0) unknownData(d, at, "\n\t", length);
  } else if (port === CONTROL_PORT || port === MULTIHOP_PORT || port === LAG_PORT)
    control(d, at, length, port);
  else d.text += `BFD, unknown (${port}), length: ${length}`;
}
