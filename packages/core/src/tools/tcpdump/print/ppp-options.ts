// Configuration options of PPP's control protocols: LCP (RFC 1661), IPCP (RFC 1332), IPV6CP (RFC 5072), CCP (RFC 1962) and BACP
// (RFC 2125).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex, hex2, hex4, hex8, hexPadded } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";
import { BACP_OPTIONS, CALLBACKS, CCP_OPTIONS, CHAP_ALGORITHMS, IP6CP_OPTIONS, IPCP_COMPRESSION, IPCP_OPTIONS, PROTOCOLS, RTP_COMPRESSION } from "./ppp-names.ts"; // prettier-ignore

/** Returns the bytes of the option, 0 if nothing can follow it. `length` is that of the whole message. */
type OptionPrinter = (d: Dissector, at: number, length: number) => number;

/** What a value says of its option's length. A number: shown, and the bytes with -vv start that much later. */
type Verdict = "shown" | "bogus" | "bogus and last" | "unknown" | number;

const LCP_OPTIONS = [
  "Vend-Ext", "MRU", "ACCM", "Auth-Prot", "Qual-Prot", "Magic-Num", "deprecated(6)", "PFC", "ACFC", "FCS-Alt", "SDP",
  "Num-Mode", "deprecated(12)", "Call-Back", "deprecated(14)", "deprecated(15)", "deprecated(16)", "MRRU", "12-Bit seq #",
  "End-Disc", "Proprietary", "DCE-Id", "MP+", "Link-Disc", "LCP-Auth-Opt", "COBS", "Prefix-elision",
  "Multilink-header-Form", "I18N", "SDL-over-SONET/SDH", "PPP-Muxing",
] as const; // prettier-ignore
const [PAP, CHAP, EAP, SPAP, OLD_SPAP, LINK_QUALITY] = [
  0xc023, 0xc223, 0xc227, 0xc027, 0xc123, 0xc025,
] as const;

function exactly(d: Dissector, length: number, wanted: number): boolean {
  if (length !== wanted) d.text += ` (length bogus, should be = ${wanted})`;
  return length === wanted;
}

function atLeast(d: Dissector, length: number, wanted: number): boolean {
  if (length < wanted) d.text += ` (length bogus, should be >= ${wanted})`;
  return length >= wanted;
}

/** Head and value of an option, and its bytes if they are asked for. `protocol` is what a cut-off one names. */
function option(
  protocol: string,
  nameOf: (kind: number) => string | undefined,
  value: (d: Dissector, kind: number, at: number, length: number) => Verdict,
): OptionPrinter {
  return (d, at, messageLength) => {
    if (messageLength < 2) return 0;
    if (!d.has(at, 2)) {
      d.text += `[|${protocol}]`;
      return 0;
    }
    const [kind, length] = [d.u8(at), d.u8(at + 1)];
    if (messageLength < length) return 0;
    const name = nameOf(kind);
    if (name === undefined) {
      d.text += `\n\tunknown LCP option 0x${hex2(kind)}`;
      return length < 2 ? 0 : length;
    }
    d.text += `\n\t  ${name} Option (0x${hex2(kind)}), length ${length}`;
    if (length < 2) {
      d.text += " (length bogus, should be >= 2)";
      return 0;
    }
    const verdict = value(d, kind, at, length);
    if (verdict === "bogus") return length;
    if (verdict === "bogus and last") return 0;
    // What nobody knows is shown as hex once, what is known with -vv.
    if (verdict === "unknown" || d.verbose > 1) {
      const moved = typeof verdict === "number" ? verdict : 0;
      unknownData(d, at + 2 + moved, "\n\t    ", length - 2);
    }
    return length;
  };
}

const when = (good: boolean, bad: Verdict): Verdict => (good ? "shown" : bad);

function lcpValue(d: Dissector, kind: number, at: number, length: number): Verdict {
  const value = at + 2;
  switch (kind) {
    case 0:
      if (!atLeast(d, length, 6)) return "bogus";
      d.text += `: Vendor: ${OUI_NAMES.get(d.u24(value)) ?? "Unknown"} (${d.u24(value)})`;
      return "shown";
    case 1:
      if (!exactly(d, length, 4)) return "bogus";
      d.text += `: ${d.u16(value)}`;
      return "shown";
    case 2:
      if (!exactly(d, length, 6)) return "bogus";
      d.text += `: 0x${hex8(d.u32(value))}`;
      return "shown";
    case 3:
      if (!atLeast(d, length, 4)) return "bogus";
      authentication(d, at, length);
      return "shown";
    case 4:
      if (!atLeast(d, length, 4)) return "bogus and last";
      d.text += d.u16(value) === LINK_QUALITY ? ": LQR" : ": unknown";
      return "shown";
    case 5:
      if (!exactly(d, length, 6)) return "bogus and last";
      d.text += `: 0x${hex8(d.u32(value))}`;
      return "shown";
    case 7:
    case 8:
      return "shown";
    case 13:
      if (!atLeast(d, length, 3)) return "bogus and last";
      d.text += ": ";
      d.text += `: Callback Operation ${CALLBACKS.get(d.u8(value)) ?? "Unknown"} (${d.u8(value)})`;
      return "shown";
    case 17:
      if (!exactly(d, length, 4)) return "bogus and last";
      d.text += `: ${d.u16(value)}`;
      return "shown";
    case 19:
      if (!atLeast(d, length, 3)) return "bogus and last";
      return when(endpoint(d, d.u8(value), value, length), "bogus and last");
    case 23:
      if (!exactly(d, length, 4)) return "bogus and last";
      d.text += `: 0x${hex4(d.u16(value))}`;
      return "shown";
    default:
      return "unknown";
  }
}

function authentication(d: Dissector, at: number, length: number): void {
  const protocol = d.u16(at + 2);
  d.text += `: ${PROTOCOLS.get(protocol) ?? "Unknown Auth Proto (0x04x)"}`;
  if (protocol === CHAP) {
    const algorithm = d.u8(at + 4);
    d.text += `, ${CHAP_ALGORITHMS.get(algorithm) ?? `Unknown Auth Alg ${algorithm}`}`;
  } else if (protocol !== PAP && protocol !== EAP && protocol !== SPAP && protocol !== OLD_SPAP) {
    unknownData(d, at, "\n\t", length);
  }
}

/** Endpoint discriminator (RFC 1990 section 5.1.3). False if its length is wrong. */
function endpoint(d: Dissector, kind: number, value: number, length: number): boolean {
  switch (kind) {
    case 0:
      d.text += ": Null";
      break;
    case 1:
      d.text += ": Local";
      break;
    case 2:
      if (!exactly(d, length, 7)) return false;
      d.text += `: IPv4 ${d.ipv4(value + 1)}`;
      break;
    case 3:
      if (!exactly(d, length, 9)) return false;
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
  return true;
}

const [HEADER_COMPRESSION, HEADER_COMPRESSION_LENGTH] = [0x61, 14] as const;

function ipcpValue(d: Dissector, kind: number, at: number, length: number): Verdict {
  const value = at + 2;
  switch (kind) {
    case 1:
      if (!exactly(d, length, 10)) return "bogus";
      d.text += `: src ${d.ipv4(value)}, dst ${d.ipv4(value + 4)}`;
      return "shown";
    case 2: {
      if (!atLeast(d, length, 4)) return "bogus and last";
      const protocol = d.u16(value);
      d.text += `: ${IPCP_COMPRESSION.get(protocol) ?? "Unknown"} (0x${hexPadded(protocol, 2)}):`;
      if (protocol !== HEADER_COMPRESSION) return "shown";
      return headerCompression(d, value, length);
    }
    case 3:
    case 4:
    case 129:
    case 130:
    case 131:
    case 132:
      if (!exactly(d, length, 6)) return "bogus and last";
      d.text += `: ${d.ipv4(value)}`;
      return "shown";
    default:
      return "unknown";
  }
}

/** RFC 2507 section 14; suboptions of RFC 3544. */
function headerCompression(d: Dissector, value: number, length: number): Verdict {
  if (!atLeast(d, length, HEADER_COMPRESSION_LENGTH)) return "bogus and last";
  if (!d.has(value, HEADER_COMPRESSION_LENGTH)) {
    d.text += "[|ipcp]";
    return "bogus and last";
  }
  d.text += `\n\t    TCP Space ${d.u16(value + 2)}, non-TCP Space ${d.u16(value + 4)}`;
  d.text += `, maxPeriod ${d.u16(value + 6)}, maxTime ${d.u16(value + 8)}, maxHdr ${d.u16(value + 10)}`;
  let left = length - HEADER_COMPRESSION_LENGTH;
  if (left === 0) return 0;
  d.text += `\n\t      Suboptions, length ${left}`;
  let at = value - 2 + HEADER_COMPRESSION_LENGTH;
  while (left >= 2) {
    if (!d.has(at, 2)) {
      d.text += "[|ipcp]";
      return "bogus and last";
    }
    const [kind, size] = [d.u8(at), d.u8(at + 1)];
    if (kind === 0 || size === 0) break;
    d.text += `\n\t\t${RTP_COMPRESSION.get(kind) ?? "Unknown"} Suboption #${kind}, length ${size}`;
    if (left < size) {
      d.text += ` [remaining suboptions length ${left} < ${size}]`;
      d.invalid();
      break;
    }
    left -= size;
    at += size;
  }
  // The original shows the bytes behind the suboptions, not the option's.
  return at - (value - 2);
}

function ip6cpValue(d: Dissector, kind: number, at: number, length: number): Verdict {
  if (kind !== 1) return "unknown";
  if (!exactly(d, length, 10)) return "bogus";
  if (!d.has(at + 2, 8)) {
    d.text += "[|ip6cp]";
    return "bogus and last";
  }
  const group = (index: number): string => hex4(d.u16(at + 2 + 2 * index));
  d.text += `: ${group(0)}:${group(1)}:${group(2)}:${group(3)}`;
  return "shown";
}

function ccpValue(d: Dissector, kind: number, at: number, length: number): Verdict {
  const value = at + 2;
  if (kind === 21) {
    if (!atLeast(d, length, 3)) return "bogus";
    d.text += `: Version: ${d.u8(value) >>> 5}, Dictionary Bits: ${d.u8(value) & 0x1f}`;
    return "shown";
  }
  if (kind !== 24 && kind !== 26) return "unknown";
  if (!atLeast(d, length, 4)) return "bogus";
  const [first, second] = [d.u8(value), d.u8(value + 1)];
  d.text +=
    kind === 24
      ? `: Features: ${first >>> 6}, PxP: ${(first & 0x20) === 0 ? "Disabled" : "Enabled"}, History: ${first & 0x1f}, #CTX-ID: ${second}`
      : `: Window: ${first >>> 4}K, Method: ${(first & 15) === 8 ? "zlib" : "unknown"} (0x${hex(first & 15)}), MBZ: ${second >>> 2}, CHK: ${second & 3}`;
  return "shown";
}

function bacpValue(d: Dissector, kind: number, at: number, length: number): Verdict {
  if (kind !== 1) return "unknown";
  if (!exactly(d, length, 6)) return "bogus";
  d.text += `: Magic-Num 0x${hex8(d.u32(at + 2))}`;
  return "shown";
}

/** By the protocol's number. */
export const OPTION_PRINTERS: ReadonlyMap<number, OptionPrinter> = new Map([
  [0xc021, option("lcp", (kind) => LCP_OPTIONS[kind], lcpValue)],
  [0x8021, option("ipcp", (kind) => IPCP_OPTIONS.get(kind) ?? "unknown", ipcpValue)],
  [0x8057, option("ip6cp", (kind) => IP6CP_OPTIONS.get(kind) ?? "unknown", ip6cpValue)],
  [0x80fd, option("ccp", (kind) => CCP_OPTIONS.get(kind) ?? "Unknown", ccpValue)],
  [0xc02b, option("bacp", (kind) => BACP_OPTIONS.get(kind) ?? "Unknown", bacpValue)],
]);
