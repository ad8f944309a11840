// Signalling of Frame Relay (ITU-T Q.933, ANSI T1.617 annex D).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { NameTable } from "./names.ts";
import { hex2 } from "./numbers.ts";

const MESSAGES = new NameTable([
  [0x00, "ESC to National"],
  [0x01, "Alert"],
  [0x02, "Call proceeding"],
  [0x07, "Connect"],
  [0x0f, "Connect ACK"],
  [0x03, "Progress"],
  [0x05, "Setup"],
  [0x45, "Disconnect"],
  [0x4d, "Release"],
  [0x5a, "Release Complete"],
  [0x46, "Restart"],
  [0x4e, "Restart ACK"],
  [0x7d, "Status Reply"],
  [0x75, "Status Enquiry"],
]);
const ELEMENTS = new NameTable([
  [0x01, "ANSI Report Type"],
  [0x19, "ANSI Link Verify"],
  [0x03, "ANSI Link Verify"],
  [0x07, "ANSI PVC Status"],
  [0x51, "CCITT Report Type"],
  [0x53, "CCITT Link Verify"],
  [0x57, "CCITT PVC Status"],
]);
const REPORTS = ["Full Status", "Link verify", "Async PVC Status"] as const;

/** Codesets whose elements are known. */
const KNOWN_CODESETS: ReadonlySet<number> = new Set([0, 5]);

/** Octets that shift to another codeset, for the next element or (locking) for all that follow. */
const isShift = (octet: number): boolean => (octet & 0xf0) === 0x90;
const isLocking = (octet: number): boolean => (octet & 0x08) === 0;

function linkStatus(d: Dissector, at: number, length: number): string {
  const extended = (index: number): boolean => (d.u8(at + index) & 0x80) === 0;
  const wrong =
    length < 3 ||
    length > 5 ||
    !extended(0) ||
    (length === 3 && extended(1)) ||
    (length === 4 && (!extended(1) || extended(2))) ||
    (length === 5 && (!extended(1) || !extended(2) || extended(3))) ||
    extended(length - 1);
  if (wrong) return "Invalid DLCI in PVC STATUS IE";
  let dlci = ((d.u8(at) & 0x3f) << 4) | ((d.u8(at + 1) & 0x78) >>> 3);
  if (length === 4) dlci = (dlci << 6) | ((d.u8(at + 2) & 0x7e) >>> 1);
  else if (length === 5) dlci = (dlci << 13) | (d.u8(at + 2) & 0x7f) | ((d.u8(at + 3) & 0x7e) >>> 1);
  const status = d.u8(at + length - 1);
  return `DLCI ${dlci}: status ${(status & 8) === 0 ? "" : "New, "}${(status & 2) === 0 ? "Inactive" : "Active"}`;
}

/** False if the element is not known. */
function element(d: Dissector, type: number, at: number, length: number): boolean {
  const comma = d.verbose > 0 ? "" : ", ";
  switch (type) {
    case 0x01:
    case 0x51:
      if (d.verbose > 0) d.text += `${REPORTS[d.u8(at)] ?? "unknown"} (${d.u8(at)})`;
      return true;
    case 0x03:
    case 0x19:
    case 0x53:
      if (length < 2) d.text += `${comma}Invalid LINK VERIFY IE`;
      else {
        const [sent, received] = [d.u8(at), d.u8(at + 1)];
        d.text += `${comma}TX Seq: ${String(sent).padStart(3)}, RX Seq: ${String(received).padStart(3)}`;
      }
      return true;
    case 0x07:
    case 0x57:
      d.text += comma + linkStatus(d, at, length);
      return true;
    default:
      return false;
  }
}

export function q933(d: Dissector, start: number, total: number): void {
  d.protocol = "q.933";
  if (!d.linkHeaders) d.text += "Q.933";
  const comma = d.linkHeaders ? "" : ", ";
  let at = start;
  let left = total;
  const tooShort = (): void => {
    d.text += `${comma}length ${total}`;
    d.truncated();
  };
  const missing = (): boolean => left === 0 || !d.has(at, 1);
  if (missing()) return tooShort();
  const referenceLength = d.u8(at) & 15;
  at++;
  left--;
  const reference = at;
  for (let index = 0; index < referenceLength; index++) {
    if (missing()) return tooShort();
    at++;
    left--;
  }
  if (missing()) return tooShort();
  const message = d.u8(at);
  at++;
  left--;
  let codeset = 0;
  let outer = 0;
  let shift: "none" | "for the next" | "for this" = "none";
  let ansi = false;
  if (left !== 0) {
    if (missing()) return tooShort();
    const octet = d.u8(at);
    if (isShift(octet)) {
      at++;
      left--;
      codeset = octet & 7;
      if (isLocking(octet)) ansi = codeset === 5;
      else shift = "for the next";
    }
  }
  d.text += `${comma}${ansi ? "ANSI" : "CCITT"}, codeset ${codeset}`;
  if (referenceLength !== 0) {
    // Of a reference of one byte the original looks at what follows.
    if (referenceLength > 1 || d.u8(at) !== 0)
      d.text += `, Call Ref: 0x${d.hexBytes(reference, referenceLength)}`;
  }
  d.text +=
    d.verbose > 0
      ? `, ${MESSAGES.get(message) ?? "unknown message"} (0x${hex2(message)}), length ${total}`
      : `, ${MESSAGES.get(message) ?? `unknown message 0x${hex2(message)}`}`;
  const endsEarly = (): void => {
    if (d.verbose === 0) d.text += `, length ${total}`;
    d.truncated();
  };
  while (left !== 0) {
    if (shift === "for the next") shift = "for this";
    else if (shift === "for this") {
      codeset = outer;
      shift = "none";
    }
    if (!d.has(at, 1)) return endsEarly();
    const type = d.u8(at);
    at++;
    left--;
    if ((type & 0x80) !== 0) {
      if (isShift(type)) {
        if (isLocking(type)) shift = "none";
        else {
          shift = "for the next";
          outer = codeset;
        }
        codeset = type & 7;
      }
      continue;
    }
    if (missing()) return endsEarly();
    const length = d.u8(at);
    at++;
    left--;
    const known = KNOWN_CODESETS.has(codeset);
    if (d.verbose > 0) {
      d.text += `\n\t${(known ? ELEMENTS.get(type) : undefined) ?? "unknown"} IE (0x${hex2(type)}), length ${length}: `;
    }
    if (type === 0 || length === 0) return;
    if (left < length || !d.has(at, length)) return endsEarly();
    if (known && element(d, type, at, length)) {
      if (d.verbose > 1) unknownData(d, at, "\n\t  ", length);
    } else if (d.verbose > 0) unknownData(d, at, "\n\t", length);
    at += length;
    left -= length;
  }
  if (d.verbose === 0) d.text += `, length ${total}`;
}
