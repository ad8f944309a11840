// What opaque LSAs carry (RFC 5250): traffic engineering (RFC 3630, RFC 4203), graceful restart (RFC 3623) and router
// information (RFC 7770). OSPF version 3 has LSAs of its own for the first two.

import { megabits } from "../bandwidth.ts";
import type { Dissector } from "../dissector.ts";
import { CONSTRAINT_MODELS, ENCODINGS, LINK_PROTECTION, SWITCHING } from "../gmpls-names.ts";
import { unknownData } from "../hexdump.ts";
import { hex8 } from "../numbers.ts";
import { CAPABILITIES, GRACE_REASONS, GRACE_TLVS, LINK_SUBTLVS } from "./names.ts";

const TLV_HEADER = 4;

/** Everything is aligned to four bytes. */
function aligned(length: number): number {
  return (length + 3) & ~3;
}

function wrong(d: Dissector, text: string): false {
  d.text += text;
  return false;
}

/** Grace LSA. False if it is wrong or cut off. */
export function grace(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let left = total;
  while (left > 0) {
    if (!d.has(at, TLV_HEADER)) return false;
    if (left < TLV_HEADER) return wrong(d, `\n\t    Remaining LS length ${left} < 4`);
    const type = d.u16(at);
    const length = d.u16(at + 2);
    at += TLV_HEADER;
    left -= TLV_HEADER;
    d.text += `\n\t    ${GRACE_TLVS.get(type) ?? "unknown"} TLV (${type}), length ${length}, value: `;
    if (length > left) return wrong(d, `\n\t    Bogus length ${length} > ${left}`);
    if (type === 0 || length === 0 || !d.has(at, length)) return false;
    const size = type === 2 ? 1 : 4;
    if (type >= 1 && type <= 3 && length !== size)
      return wrong(d, `\n\t    Bogus length ${length} != ${size}`);
    if (type === 1) d.text += `${d.u32(at)}s`;
    else if (type === 2) d.text += `${GRACE_REASONS.get(d.u8(at)) ?? "Unknown"} (${d.u8(at)})`;
    else if (type === 3) d.text += d.ipv4(at);
    else if (d.verbose <= 1) unknownData(d, at, "\n\t      ", length);
    at += aligned(length);
    left = (left - aligned(length)) >>> 0;
  }
  return true;
}

/** Router information LSA. False if it is wrong. */
export function routerInformation(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let left = total;
  while (left > 0) {
    d.check(at, TLV_HEADER);
    if (left < TLV_HEADER) return wrong(d, `\n\t    Remaining LS length ${left} < 4`);
    const type = d.u16(at);
    const length = d.u16(at + 2);
    at += TLV_HEADER;
    left -= TLV_HEADER;
    d.text += `\n\t    ${type === 1 ? "Router Capabilities" : "unknown"} TLV (${type}), length: ${length}, value: `;
    if (length > left) return wrong(d, `\n\t    Bogus length ${length} > remaining LS length ${left}`);
    d.check(at, length);
    if (type === 1) {
      if (length !== 4) return wrong(d, `\n\t    Bogus length ${length} != 4`);
      d.text += `Capabilities: ${CAPABILITIES.bits(d.u32(at), "Unknown")}`;
    } else if (d.verbose <= 1) unknownData(d, at, "\n\t      ", length);
    at += length;
    left -= length;
  }
  return true;
}

/** Traffic engineering LSA. False if it is wrong or cut off. */
export function trafficEngineering(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let left = total;
  while (left > 0) {
    if (!d.has(at, TLV_HEADER)) return false;
    if (left < TLV_HEADER) return wrong(d, `\n\t    Remaining LS length ${left} < 4`);
    const type = d.u16(at);
    const length = d.u16(at + 2);
    at += TLV_HEADER;
    left -= TLV_HEADER;
    const name = type === 1 ? "Router Address" : type === 2 ? "Link" : "unknown";
    d.text += `\n\t    ${name} TLV (${type}), length: ${length}`;
    if (length > left) return wrong(d, `\n\t    Bogus length ${length} > ${left}`);
    if (type === 0 || length === 0) return false;
    if (type === 2) {
      const end = link(d, at, length);
      if (end === undefined) return false;
      // The original has used up the length by then, and takes nothing from what is left.
      at = end;
      continue;
    }
    if (type === 1) {
      if (length < 4) return wrong(d, `\n\t    TLV length ${length} < 4`);
      d.text += `, ${d.ipv4(at)}`;
    } else if (d.verbose <= 1) unknownData(d, at, "\n\t      ", length);
    if (aligned(length) > left) return wrong(d, `\n\t    Bogus padded length ${aligned(length)} > ${left}`);
    at += aligned(length);
    left -= aligned(length);
  }
  return true;
}

/** Returns the offset after the link; undefined if something is wrong. */
function link(d: Dissector, start: number, total: number): number | undefined {
  let at = start;
  let left = total;
  while (left > 0) {
    if (left < TLV_HEADER) return (wrong(d, `\n\t    Remaining TLV length ${left} < 4`), undefined);
    const type = d.u16(at);
    const length = d.u16(at + 2);
    at += TLV_HEADER;
    left -= TLV_HEADER;
    if (type === 0 || length === 0) return (d.invalid(), undefined);
    d.text += `\n\t      ${LINK_SUBTLVS.get(type) ?? "unknown"} subTLV (${type}), length: ${length}`;
    const tooLong = (size: number): undefined => {
      d.text += `\n\t    Remaining TLV length ${left + TLV_HEADER} < ${size + TLV_HEADER}`;
    };
    if (left < length) return tooLong(length);
    if (!d.has(at, length)) return undefined;
    const fault = subTlv(d, type, at, length);
    if (fault !== undefined) {
      d.text += fault;
      return (d.invalid(), undefined);
    }
    // A list of risk groups has moved on by its own length already.
    if (type === SHARED_RISK) at += length;
    const size = aligned(length);
    if (left < size) return tooLong(size);
    at += size;
    left -= size;
  }
  return at;
}

const SHARED_RISK = 16;

/** Sub-TLVs of one fixed length, with that length in the fault. */
function fixed(size: number, text: (d: Dissector, at: number) => string): SubTlv {
  return (d, at, length) => {
    if (length !== size) return ` != ${size}`;
    d.text += text(d, at);
    return undefined;
  };
}

/** What is wrong with it, if anything. */
type SubTlv = (d: Dissector, at: number, length: number) => string | undefined;

const linkIds: SubTlv = (d, at, length) => {
  if (length !== 4 && length !== 8) return " != 4 && != 8";
  for (let place = at; place < at + length; place += 4)
    d.text += `, ${d.ipv4(place)} (0x${hex8(d.u32(place))})`;
  return undefined;
};

const constraints: SubTlv = (d, at, length) => {
  if (length < 4) return " < 4";
  const model = d.u8(at);
  d.text += `\n\t\tBandwidth Constraints Model ID: ${CONSTRAINT_MODELS.get(model) ?? "unknown"} (${model})`;
  if (length % 4 !== 0) return `\n\t\tlength ${length} != N x 4`;
  if (length > 36) return `\n\t\tlength ${length} > 36`;
  for (let index = 0; index < (length - 4) / 4; index++) {
    d.text += `\n\t\t  Bandwidth constraint CT${index}: ${megabits(d, at + 4 + 4 * index)} Mbps`;
  }
  return undefined;
};

const unreserved: SubTlv = (d, at, length) => {
  if (length !== 32) return " != 32";
  for (let index = 0; index < 8; index++) {
    d.text += `\n\t\tTE-Class ${index}: ${megabits(d, at + 4 * index)} Mbps`;
  }
  return undefined;
};

const switching: SubTlv = (d, at, length) => {
  if (length < 36) return " < 36";
  d.text += `\n\t\tInterface Switching Capability: ${SWITCHING.get(d.u8(at)) ?? "Unknown"}`;
  d.text += `\n\t\tLSP Encoding: ${ENCODINGS.get(d.u8(at + 1)) ?? "Unknown"}\n\t\tMax LSP Bandwidth:`;
  for (let level = 0; level < 8; level++) {
    d.text += `\n\t\t  priority level ${level}: ${megabits(d, at + 4 + 4 * level)} Mbps`;
  }
  return undefined;
};

const sharedRisk: SubTlv = (d, at, length) => {
  if (length % 4 !== 0) return " != N x 4";
  d.text += "\n\t\t  Shared risk group: ";
  for (let place = at; place < at + length; place += 4) {
    d.text += `${d.u32(place)}${place + 4 < at + length ? ", " : ""}`;
  }
  return undefined;
};

const LINK_TYPES: Readonly<Record<number, string>> = { 1: "Point-to-point", 2: "Multi-Access" };

const SUBTLVS: ReadonlyMap<number, SubTlv> = new Map<number, SubTlv>([
  [1, fixed(1, (d, at) => `, ${LINK_TYPES[d.u8(at)] ?? "unknown"} (${d.u8(at)})`)],
  [2, linkIds],
  [3, fixed(4, (d, at) => `, ${d.ipv4(at)}`)],
  [4, fixed(4, (d, at) => `, ${d.ipv4(at)}`)],
  [5, fixed(4, (d, at) => `, Metric ${d.u32(at)}`)],
  [6, fixed(4, (d, at) => `, ${megabits(d, at)} Mbps`)],
  [7, fixed(4, (d, at) => `, ${megabits(d, at)} Mbps`)],
  [8, unreserved],
  [9, fixed(4, (d, at) => `, 0x${hex8(d.u32(at))}`)],
  [11, linkIds],
  [14, fixed(4, (d, at) => `, ${LINK_PROTECTION.bits(d.u8(at), "none")}`)],
  [15, switching],
  [SHARED_RISK, sharedRisk],
  [17, constraints],
]);

function subTlv(d: Dissector, type: number, at: number, length: number): string | undefined {
  const print = SUBTLVS.get(type);
  if (print !== undefined) return print(d, at, length);
  if (d.verbose <= 1) unknownData(d, at, "\n\t\t", length);
  return undefined;
}
