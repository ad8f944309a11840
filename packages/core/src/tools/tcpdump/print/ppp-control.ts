// Control protocols of PPP: LCP (RFC 1661), IPCP (RFC 1332), IPV6CP (RFC 5072), CCP (RFC 1962), BACP (RFC 2125).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";
import { BACP_OPTIONS, CALLBACKS, CCP_OPTIONS, CHAP_ALGORITHMS, CODES, IP6CP_OPTIONS, IPCP_COMPRESSION, IPCP_OPTIONS, PROTOCOLS, RTP_COMPRESSION } from "./ppp-names.ts"; // prettier-ignore

const [LCP, IPCP, IP6CP, CCP, BACP] = [0xc021, 0x8021, 0x8057, 0x80fd, 0xc02b] as const;
const [VENDOR, REQUEST, ACK, NACK, REJECT, TERMINATE, TERMINATE_ACK, CODE_REJECT, PROTOCOL_REJECT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const [ECHO_REQUEST, ECHO_REPLY, DISCARD, IDENTIFICATION, TIME_REMAINING] = [9, 10, 11, 12, 13] as const;

const LCP_OPTIONS = [
  "Vend-Ext", "MRU", "ACCM", "Auth-Prot", "Qual-Prot", "Magic-Num", "deprecated(6)", "PFC", "ACFC", "FCS-Alt", "SDP",
  "Num-Mode", "deprecated(12)", "Call-Back", "deprecated(14)", "deprecated(15)", "deprecated(16)", "MRRU", "12-Bit seq #",
  "End-Disc", "Proprietary", "DCE-Id", "MP+", "Link-Disc", "LCP-Auth-Opt",
] as const; // prettier-ignore

/** Returns the bytes of the option, 0 if it is broken. */
type OptionPrinter = (d: Dissector, at: number, left: number) => number;

const OPTION_PRINTERS: ReadonlyMap<number, OptionPrinter> = new Map<number, OptionPrinter>([
  [LCP, lcpOption],
  [IPCP, ipcpOption],
  [IP6CP, ip6cpOption],
  [CCP, ccpOption],
  [BACP, bacpOption],
]);

export function controlProtocol(d: Dissector, start: number, protocol: number, total: number): void {
  const name = PROTOCOLS.get(protocol) ?? `unknown ctrl-proto (0x${hex4(protocol)})`;
  d.text += `${name}, `;
  if (total < 4) {
    d.text += `[|${name}]`;
    return;
  }
  const code = d.u8(start);
  const length = d.u16(start + 2);
  d.text += `${CODES.get(code) ?? "Unknown Opcode"} (0x${hex2(code)}), id ${d.u8(start + 1)}, length ${total + 2}`;
  if (d.verbose === 0) return;
  let at = start + 4;
  const left = total - 4;
  if (length < 4) {
    d.text += `\n\tencoded length ${length} (< 4))`;
    return;
  }
  if (total < length) {
    d.text += `\n\tencoded length ${length} (> packet length ${total}))`;
    return;
  }
  d.text += `\n\tencoded length ${length} (=Option(s) length ${length - 4})`;
  if (left === 0) return;
  if (d.verbose > 1) unknownData(d, start - 2, "\n\t", 6);
  const size = length - 4;
  switch (code) {
    case VENDOR:
      if (size < 11) break;
      d.text += `\n\t  Magic-Num 0x${hex8(d.u32(at))}`;
      at += 4;
      d.text += ` Vendor: ${OUI_NAMES.get(d.u24(at)) ?? "Unknown"} (${d.u24(at)})`;
      break;
    case REQUEST:
    case ACK:
    case NACK:
    case REJECT: {
      const print = OPTION_PRINTERS.get(protocol);
      for (let rest = size; rest > 0;) {
        const taken = print === undefined ? 0 : print(d, at, rest);
        if (taken === 0) return;
        at += taken;
        rest -= taken;
      }
      break;
    }
    case TERMINATE:
    case TERMINATE_ACK:
      break;
    case CODE_REJECT:
      if (size < 4) break;
      break;
    case PROTOCOL_REJECT:
      if (size < 6) break;
      d.text += `\n\t  Rejected ${PROTOCOLS.get(d.u16(at)) ?? "unknown"} Protocol (0x${hex4(d.u16(at))})`;
      if (size > 2) {
        d.text += "\n\t  Rejected Packet";
        unknownData(d, at + 2, "\n\t  ", size - 2);
      }
      break;
    case ECHO_REQUEST:
    case ECHO_REPLY:
    case DISCARD:
      if (size < 4) break;
      d.text += `\n\t  Magic-Num 0x${hex8(d.u32(at))}`;
      if (size > 4) {
        d.text += "\n\t  -----trailing data-----";
        unknownData(d, at + 4, "\n\t    ", size - 4);
      }
      break;
    case IDENTIFICATION:
      if (size < 5) break;
      d.text += `\n\t  Magic-Num 0x${hex8(d.u32(at))}`;
      d.text += "\n\t  Message\n\t    ";
      d.characters(at + 4, size - 4);
      break;
    case TIME_REMAINING:
      if (size < 4) break;
      d.text += `\n\t  Magic-Num 0x${hex8(d.u32(at))}, Seconds-Remaining ${d.u32(at + 4)}s`;
      break;
    default:
      // Already shown as hex with -vv.
      if (d.verbose <= 1) unknownData(d, start - 2, "\n\t    ", length + 2);
  }
}

/** The head of an option: its length, or 0 if it is wrong. */
function begin(d: Dissector, at: number, name: string | undefined): number {
  const option = d.u8(at);
  const length = d.u8(at + 1);
  const shown = `\n\t  ${name ?? "Unknown"} Option (0x${hex2(option)}), length ${length}`;
  if (length < 2) {
    d.text += `${shown} (length bogus, should be >= 2)`;
    return 0;
  }
  d.text += shown;
  return length;
}

function expect(d: Dissector, length: number, wanted: number): boolean {
  if (length === wanted) return true;
  d.text += ` (length bogus, should be = ${wanted})`;
  return false;
}

function atLeast(d: Dissector, length: number, wanted: number): boolean {
  if (length >= wanted) return true;
  d.text += ` (length bogus, should be >= ${wanted})`;
  return false;
}

function lcpOption(d: Dissector, at: number, left: number): number {
  const option = d.u8(at);
  const name = LCP_OPTIONS[option];
  if (name === undefined) {
    d.text += `\n\tunknown LCP option 0x${hex2(option)}`;
    return 0;
  }
  const length = begin(d, at, name);
  if (length === 0) return 0;
  if (left < 2) return 0;
  const value = at + 2;
  switch (option) {
    case 0:
      if (!atLeast(d, length, 6)) return length;
      d.text += `: Vendor: ${OUI_NAMES.get(d.u24(value)) ?? "Unknown"} (${d.u24(value)})`;
      break;
    case 1:
      if (!expect(d, length, 4)) return length;
      d.text += `: ${d.u16(value)}`;
      break;
    case 2:
      if (!expect(d, length, 6)) return length;
      d.text += `: 0x${hex8(d.u32(value))}`;
      break;
    case 3:
      if (!atLeast(d, length, 4)) return length;
      d.text += `: ${PROTOCOLS.get(d.u16(value)) ?? "Unknown Auth Proto (0x04x)"}`;
      if (d.u16(value) === 0xc223 && length >= 5) {
        d.text += `, ${CHAP_ALGORITHMS.get(d.u8(value + 2)) ?? `Unknown Auth Alg ${d.u8(value + 2)}`}`;
      } else if (d.u16(value) !== 0xc223 && d.u16(value) !== 0xc023 && d.u16(value) !== 0xc227) {
        unknownData(d, at, "\n\t", length);
      }
      break;
    case 4:
      if (!atLeast(d, length, 4)) return 0;
      d.text += d.u16(value) === 0xc025 ? ": LQR" : ": unknown";
      break;
    case 5:
      if (!expect(d, length, 6)) return length;
      d.text += `: 0x${hex8(d.u32(value))}`;
      break;
    case 7:
    case 8:
      break;
    case 9:
      break;
    case 13: {
      if (!atLeast(d, length, 3)) return length;
      const operation = d.u8(value);
      d.text += `: : Callback Operation ${CALLBACKS.get(operation) ?? "Unknown"} (${operation})`;
      break;
    }
    case 17:
      if (!expect(d, length, 4)) return length;
      d.text += `: ${d.u16(value)}`;
      break;
    case 18:
      break;
    case 19: {
      if (!atLeast(d, length, 3)) return length;
      const kind = d.u8(value);
      endpoint(d, kind, value, length);
      break;
    }
    default:
      if (d.verbose < 2) unknownData(d, value, "\n\t    ", length - 2);
  }
  if (d.verbose > 1) unknownData(d, value, "\n\t    ", length - 2);
  return length;
}

function endpoint(d: Dissector, kind: number, value: number, length: number): void {
  switch (kind) {
    case 0:
      d.text += ": Null";
      break;
    case 1:
      d.text += ": Local";
      break;
    case 2:
      if (!expect(d, length, 7)) return;
      d.text += `: IPv4 ${d.ipv4(value + 1)}`;
      break;
    case 3:
      if (!expect(d, length, 9)) return;
      d.text += `: MAC ${d.mac(value + 1)}`;
      break;
    case 4:
      d.text += ": Magic-Num-Block";
      break;
    case 5:
      d.text += ": PSNDN";
      break;
    default:
      d.text += `: Unknown class ${kind}`;
  }
}

function ipcpOption(d: Dissector, at: number): number {
  const option = d.u8(at);
  const length = begin(d, at, IPCP_OPTIONS.get(option));
  if (length === 0) return 0;
  const value = at + 2;
  switch (option) {
    case 1:
      if (!expect(d, length, 10)) return 0;
      d.text += `: src ${d.ipv4(value)}, dst ${d.ipv4(value + 4)}`;
      break;
    case 2: {
      if (!atLeast(d, length, 4)) return 0;
      const compression = d.u16(value);
      d.text += `: ${IPCP_COMPRESSION.get(compression) ?? "Unknown"} (0x${hex2(compression)}):`;
      if (compression === 0x61) {
        if (!atLeast(d, length, 14)) return 0;
        d.text += `\n\t    TCP Space ${d.u16(value + 2)}, non-TCP Space ${d.u16(value + 4)}, maxPeriod ${d.u16(value + 6)}`;
        d.text += `, maxTime ${d.u16(value + 8)}, maxHdr ${d.u16(value + 10)}`;
        suboptions(d, value + 12, length - 14);
      }
      break;
    }
    case 3:
    case 4:
    case 129:
    case 130:
    case 131:
    case 132:
      if (!expect(d, length, 6)) return 0;
      d.text += `: ${d.ipv4(value)}`;
      break;
    default:
      if (d.verbose < 2) unknownData(d, value, "\n\t    ", length - 2);
  }
  if (d.verbose > 1) unknownData(d, value, "\n\t    ", length - 2);
  return length;
}

function suboptions(d: Dissector, start: number, total: number): void {
  d.text += `, Suboptions, length ${total}`;
  let at = start;
  let left = total;
  while (left >= 2) {
    const kind = d.u8(at);
    const size = d.u8(at + 1);
    if (size === 0) break;
    d.text += `\n\t\t${RTP_COMPRESSION.get(kind) ?? "Unknown"} Suboption #${kind}, length ${size}`;
    at += size;
    left -= size;
  }
}

function ip6cpOption(d: Dissector, at: number): number {
  const option = d.u8(at);
  const length = begin(d, at, IP6CP_OPTIONS.get(option));
  if (length === 0) return 0;
  const value = at + 2;
  if (option === 1) {
    if (!expect(d, length, 10)) return length;
    d.check(value, 8);
    d.text += `: ${hex4(d.u16(value))}:${hex4(d.u16(value + 2))}:${hex4(d.u16(value + 4))}:${hex4(d.u16(value + 6))}`;
  } else if (d.verbose < 2) unknownData(d, value, "\n\t    ", length - 2);
  if (d.verbose > 1) unknownData(d, value, "\n\t    ", length - 2);
  return length;
}

function ccpOption(d: Dissector, at: number): number {
  const option = d.u8(at);
  const length = begin(d, at, CCP_OPTIONS.get(option));
  if (length === 0) return 0;
  const value = at + 2;
  switch (option) {
    case 21:
      if (!atLeast(d, length, 3)) return length;
      d.text += `: Version ${d.u8(value) >>> 5}, Dictionary Bits: ${d.u8(value) & 0x1f}`;
      break;
    case 24:
      if (!atLeast(d, length, 4)) return length;
      d.text += `: Features: ${d.u8(value) >>> 6}, PxP: ${(d.u8(value) & 0x20) === 0 ? "Disabled" : "Enabled"}`;
      d.text += `, History: ${d.u8(value) & 0x1f}, #CTX-ID: ${d.u8(value + 1)}`;
      break;
    case 26:
      if (!atLeast(d, length, 4)) return length;
      d.text += `: Window: ${(d.u8(value) & 0xf0) >>> 4}K, Method: ${(d.u8(value) & 0x0f) === 8 ? "zlib" : "unknown"}`;
      d.text += ` (0x${(d.u8(value) & 0x0f).toString(16)}), MBZ: ${d.u8(value + 1) >>> 2}, CHK: ${d.u8(value + 1) & 3}`;
      break;
    default:
      if (d.verbose < 2) unknownData(d, value, "\n\t    ", length - 2);
  }
  if (d.verbose > 1) unknownData(d, value, "\n\t    ", length - 2);
  return length;
}

function bacpOption(d: Dissector, at: number): number {
  const option = d.u8(at);
  const length = begin(d, at, BACP_OPTIONS.get(option));
  if (length === 0) return 0;
  const value = at + 2;
  if (option === 1) {
    if (!expect(d, length, 6)) return length;
    d.text += `: Magic-Num 0x${hex8(d.u32(value))}`;
  } else if (d.verbose < 2) unknownData(d, value, "\n\t    ", length - 2);
  if (d.verbose > 1) unknownData(d, value, "\n\t    ", length - 2);
  return length;
}
