// HNCP, the home networking control protocol (RFC 7788), a profile of DNCP (RFC 7787): nested type-length-values. Without enough
// -v, those inside are only counted.

import type { Dissector } from "../dissector.ts";
import { hex8, hexPadded } from "../numbers.ts";
import { TYPES, typeOrRange } from "./names.ts";
import {
  address,
  dhcp4Options,
  dhcp6Options,
  domainLabels,
  interval,
  nodeId,
  paddedText,
  printPrefix,
} from "./values.ts";

const HEADER_LENGTH = 4;
/** From so many -v on everything is shown line by line. */
const ALL_LINES = 3;

export function hncp(d: Dissector, at: number, length: number): void {
  d.protocol = "hncp";
  d.text += `hncp (${length})`;
  records(d, at, length, 1);
}

function roundedUp(length: number): number {
  return (length + 3) & ~3;
}

/** Names of types that come in a row, with how many there are of each. */
class InLine {
  readonly #d: Dissector;
  readonly #indent: number;
  #first = true;
  #type: number | undefined;
  #count = 0;

  constructor(d: Dissector, indent: number) {
    this.#d = d;
    this.#indent = indent;
  }

  add(type: number): void {
    if (type === this.#type) {
      this.#count++;
      return;
    }
    this.finish();
    this.#type = type;
    this.#count = 1;
  }

  finish(): void {
    if (this.#type === undefined) return;
    const d = this.#d;
    if (!this.#first) d.text += ", ";
    else d.text += this.#indent > 1 ? `\n${"\t".repeat(this.#indent)}` : " ";
    this.#first = false;
    d.text += TYPES.get(this.#type) ?? "Easter Egg";
    if (this.#count > 1) d.text += ` (x${this.#count})`;
  }
}

function records(d: Dissector, start: number, total: number, indent: number): void {
  const inLine = indent - 1 >= d.verbose && d.verbose < ALL_LINES ? new InLine(d, indent) : undefined;
  for (let offset = 0; offset < total;) {
    const at = start + offset;
    if (inLine === undefined) d.text += `\n${"\t".repeat(indent)}`;
    if (!d.has(at, HEADER_LENGTH)) return d.truncated();
    if (offset + HEADER_LENGTH > total) return d.invalid();
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    const value = at + HEADER_LENGTH;
    if (!d.has(value, length)) return d.truncated();
    if (offset + HEADER_LENGTH + length > total) return d.invalid();
    const kind = typeOrRange(type);
    if (inLine !== undefined) inLine.add(kind);
    else {
      d.text += TYPES.get(kind) ?? "";
      if (kind > 0xffff) d.text += `: type=${type}`;
      d.text += ` (${length + HEADER_LENGTH})`;
      const print = PRINTERS[kind];
      if (print !== undefined && !print(d, value, length, indent + 1)) {
        d.invalid();
        // Nothing behind options of DHCPv4 that do not fit is believed.
        if (kind === DHCP4_DATA && length > 0) return;
      }
    }
    offset += HEADER_LENGTH + roundedUp(length);
  }
  inLine?.finish();
}

/** Prints a value; false if it does not fit. */
type Printer = (d: Dissector, at: number, length: number, indent: number) => boolean;

/** Those inside a record, from an offset on. */
function inside(d: Dissector, at: number, length: number, from: number, indent: number): true {
  if (length >= from) records(d, at + from, length - from, indent);
  return true;
}

const nodeState: Printer = (d, at, length, indent) => {
  if (length < 20) return false;
  d.text += ` NID: ${nodeId(d, at)} seqno: ${d.u32(at + 4)} ${interval(d, at + 8)} hash: ${hexPadded(d.u64(at + 12), 16)}`;
  return inside(d, at, length, 20, indent);
};

const peer: Printer = (d, at, length) => {
  if (length !== 12) return false;
  d.text += ` Peer-NID: ${nodeId(d, at)} Peer-EPID: ${hex8(d.u32(at + 4))} Local-EPID: ${hex8(d.u32(at + 8))}`;
  return true;
};

const trustVerdict: Printer = (d, at, length) => {
  if (length <= 36) return false;
  d.text += ` Verdict: ${d.u8(at)} Fingerprint: ${d.hexBytes(at + 4, 32)} Common Name: `;
  paddedText(d, at + 36, length - 36);
  return true;
};

const version: Printer = (d, at, length) => {
  if (length < 5) return false;
  const capabilities = d.u16(at + 2);
  const nibble = (place: number): number => (capabilities >>> place) & 15;
  d.text += ` M: ${nibble(12)} P: ${nibble(8)} H: ${nibble(4)} L: ${nibble(0)} User-agent: `;
  paddedText(d, at + 4, length - 4);
  return true;
};

const delegatedPrefix: Printer = (d, at, length, indent) => {
  if (length < 9 || length < 9 + Math.floor((d.u8(at + 8) + 7) / 8)) return false;
  d.text += ` VLSO: ${interval(d, at)} PLSO: ${interval(d, at + 4)} Prefix: `;
  const size = printPrefix(d, at + 8, length - 8);
  if (size === -1) {
    d.text += "(length is invalid)";
    return true;
  }
  if (size < 0) return false;
  return inside(d, at, length, 8 + roundedUp(size), indent);
};

const prefixPolicy: Printer = (d, at, length) => {
  if (length < 1) return false;
  const policy = d.u8(at);
  d.text += " type: ";
  if (policy === 0 || policy === 131) {
    if (length !== 1) return false;
    d.text += policy === 0 ? "Internet connectivity" : "Restrictive assignment";
  } else if (policy <= 128) {
    d.text += "Dest-Prefix: ";
    const size = printPrefix(d, at, length);
    if (size === -1) d.text += "(length is invalid)";
    else if (size < 0) return false;
  } else if (policy === 129) {
    d.text += "DNS domain: ";
    domainLabels(d, at + 1, length - 1);
  } else if (policy === 130) {
    d.text += "Opaque UTF-8: ";
    paddedText(d, at + 1, length - 1);
  } else d.text += `Unknown (${policy})`;
  return true;
};

const assignedPrefix: Printer = (d, at, length, indent) => {
  if (length < 6 || length < 6 + Math.floor((d.u8(at + 5) + 7) / 8)) return false;
  d.text += ` EPID: ${hex8(d.u32(at))} Prty: ${d.u8(at + 4) & 15} Prefix: `;
  const size = printPrefix(d, at + 5, length - 5);
  if (size < 0) return false;
  return inside(d, at, length, roundedUp(size + 5), indent);
};

const delegatedZone: Printer = (d, at, length, indent) => {
  if (length < 17) return false;
  const flags = d.u8(at + 16);
  const letters = [4, 2, 1].map((bit, index) => ((flags & bit) === 0 ? "-" : "lbs"[index])).join("");
  d.text += ` IP-Address: ${address(d, at)} ${letters} `;
  const size = domainLabels(d, at + 17, length - 17);
  if (size < 0) return false;
  return inside(d, at, length, roundedUp(size + 17), indent);
};

const nodeName: Printer = (d, at, length, indent) => {
  if (length < 17) return false;
  const size = d.u8(at + 16);
  if (length < 17 + size) return false;
  d.text += ` IP-Address: ${address(d, at)} Name: `;
  if (size < 64) {
    d.text += '"';
    paddedText(d, at + 17, size);
    d.text += '"';
  } else d.invalid();
  return inside(d, at, length, roundedUp(17 + size), indent);
};

const DHCP4_DATA = 37;

const PRINTERS: Readonly<Record<number, Printer>> = {
  1: (_d, _at, length) => length === 0,
  2: (d, at, length) => {
    if (length !== 4) return false;
    d.text += ` NID: ${nodeId(d, at)}`;
    return true;
  },
  3: (d, at, length) => {
    if (length !== 8) return false;
    d.text += ` NID: ${nodeId(d, at)} EPID: ${hex8(d.u32(at + 4))}`;
    return true;
  },
  4: (d, at, length) => {
    if (length !== 8) return false;
    d.text += ` hash: ${hexPadded(d.u64(at), 16)}`;
    return true;
  },
  5: nodeState,
  8: peer,
  9: (d, at, length) => {
    if (length < 8) return false;
    d.text += ` EPID: ${hex8(d.u32(at))} Interval: ${interval(d, at + 4)}`;
    return true;
  },
  10: trustVerdict,
  32: version,
  33: (d, at, length, indent) => inside(d, at, length, 0, indent),
  34: delegatedPrefix,
  35: assignedPrefix,
  36: (d, at, length, indent) => {
    if (length < 20) return false;
    d.text += ` EPID: ${hex8(d.u32(at))} IP Address: ${address(d, at + 4)}`;
    return inside(d, at, length, 20, indent);
  },
  [DHCP4_DATA]: (d, at, length, indent) => length !== 0 && dhcp4Options(d, at, length, indent),
  38: (d, at, length, indent) => length !== 0 && dhcp6Options(d, at, length, indent),
  39: delegatedZone,
  40: (d, at, length) => {
    if (length === 0) return false;
    d.text += " Domain: ";
    domainLabels(d, at, length);
    return true;
  },
  41: nodeName,
  42: (d, at, length, indent) => {
    if (length < 32) return false;
    d.text += ` PSK: ${d.hexBytes(at, 32)}`;
    return inside(d, at, length, 32, indent);
  },
  43: prefixPolicy,
};
