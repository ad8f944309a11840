// What integrated services carry in RSVP (RFC 2210, RFC 2215): services with their parameters.

import { generalFloat } from "../bandwidth.ts";
import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex2 } from "../numbers.ts";
import { PARAMETERS, SERVICES } from "./names.ts";

const HEADER_LENGTH = 4;
/** Bytes a second of one megabit a second. */
const PER_MEGABIT = 125_000;
const DO_NOT_CARE = 0xffff_ffff;

export function integratedServices(d: Dissector, start: number, length: number, indent: string): void {
  d.text += `${indent}  Msg-Version: ${d.u8(start) >>> 4}, length: ${d.u16(start + 2) * 4}`;
  let at = start + HEADER_LENGTH;
  let left = length - HEADER_LENGTH;
  while (left >= HEADER_LENGTH) {
    const service = d.u8(at);
    let serviceLength = d.u16(at + 2) * 4;
    d.text += `${indent}  Service Type: ${SERVICES.get(service) ?? "unknown"} (${service})`;
    d.text += `, break bit ${(d.u8(at + 1) & 0x80) === 0 ? "not " : ""}set, Service length: ${serviceLength}`;
    at += HEADER_LENGTH;
    left -= HEADER_LENGTH;
    while (serviceLength >= HEADER_LENGTH) {
      const used = parameter(d, at, left);
      if (used === 0) break;
      left -= used;
      serviceLength = (serviceLength - used) >>> 0;
      at += used;
    }
  }
}

/** Returns the bytes it takes; 0 if it does not fit. */
function parameter(d: Dissector, at: number, left: number): number {
  if (left < HEADER_LENGTH) return 0;
  const id = d.u8(at);
  const length = d.u16(at + 2) * 4;
  d.text += `\n\t      Parameter ID: ${PARAMETERS.get(id) ?? "unknown"} (${id}), length: ${length}, Flags: [0x${hex2(d.u8(at + 1))}]`;
  if (left < length + HEADER_LENGTH) return 0;
  const value = at + HEADER_LENGTH;
  const line = (size: number, text: () => string): void => {
    if (length === size) d.text += `\n\t\t${text()}`;
  };
  switch (id) {
    case 4:
      line(4, () => `IS hop count: ${d.u32(value)}`);
      break;
    case 6:
      line(4, () => `Path b/w estimate: ${generalFloat(d, value, PER_MEGABIT)} Mbps`);
      break;
    case 8:
      line(4, () => `Minimum path latency: ${d.u32(value) === DO_NOT_CARE ? "don't care" : d.u32(value)}`);
      break;
    case 10:
      line(4, () => `Composed MTU: ${d.u32(value)} bytes`);
      break;
    case 127:
      line(20, () => `Token Bucket Rate: ${generalFloat(d, value, PER_MEGABIT)} Mbps`);
      line(20, () => `Token Bucket Size: ${generalFloat(d, value + 4)} bytes`);
      line(20, () => `Peak Data Rate: ${generalFloat(d, value + 8, PER_MEGABIT)} Mbps`);
      line(20, () => `Minimum Policed Unit: ${d.u32(value + 12)} bytes`);
      line(20, () => `Maximum Packet Size: ${d.u32(value + 16)} bytes`);
      break;
    case 130:
      line(8, () => `Rate: ${generalFloat(d, value, PER_MEGABIT)} Mbps`);
      line(8, () => `Slack Term: ${d.u32(value + 4)}`);
      break;
    case 133:
    case 134:
    case 135:
    case 136:
      line(4, () => `Value: ${d.u32(value)}`);
      break;
    default:
      if (d.verbose <= 1) unknownData(d, value, "\n\t\t", length);
  }
  return length + HEADER_LENGTH;
}
