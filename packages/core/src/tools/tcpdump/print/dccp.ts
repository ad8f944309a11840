// DCCP (RFC 4340).

import { checksum4, checksum6, rightChecksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { hex4 } from "./numbers.ts";

const DCCP = 33;
const [SHORT_HEADER, LONG_HEADER] = [12, 16] as const;
const [REQUEST, RESPONSE, DATA, RESET] = [0, 1, 2, 7] as const;
const TYPES = [
  "Request",
  "Response",
  "Data",
  "Ack",
  "DataAck",
  "CloseReq",
  "Close",
  "Reset",
  "Sync",
  "SyncAck",
];
/** Bytes that each type has behind the generic header. */
const TYPE_LENGTHS = [4, 12, 0, 8, 8, 8, 8, 12, 8, 8];
const RESETS = ["unspecified", "closed", "aborted", "no_connection", "packet_error", "option_error", "mandatory_error",
  "connection_refused", "bad_service_code", "too_busy", "bad_init_cookie", "aggression_penalty"]; // prettier-ignore
const FEATURES = ["reserved", "ccid", "allow_short_seqno", "sequence_window", "ecn_incapable", "ack_ratio",
  "send_ack_vector", "send_ndp_count", "minimum checksum coverage", "check data checksum"]; // prettier-ignore
const OPTIONS: Readonly<Record<number, string>> = {
  0: "nop", 1: "mandatory", 2: "slowreceiver", 32: "change_l", 33: "confirm_l", 34: "change_r", 35: "confirm_r",
  36: "initcookie", 37: "ndp_count", 38: "ack_vector0", 39: "ack_vector1", 40: "data_dropped", 41: "timestamp",
  42: "timestamp_echo", 43: "elapsed_time", 44: "data_checksum",
}; // prettier-ignore
/** Options from here on belong to the congestion control. */
const FIRST_CCID = 128;
const FIRST_WITH_LENGTH = 32;

function optionValue(d: Dissector, type: number, at: number, size: number): void {
  const value = at + 2;
  const bytes = (from: number): string => {
    let text = "";
    for (let place = from; place < at + size; place++) text += ` ${d.u8(place)}`;
    return text;
  };
  if (type >= FIRST_CCID) {
    if (size === 4) d.text += ` ${d.u16(value)}`;
    else if (size === 6) d.text += ` ${d.u32(value)}`;
    return;
  }
  switch (type) {
    case 32:
    case 33:
    case 34:
    case 35:
      if (size < 3) d.text += " optlen too short";
      else {
        const feature = FEATURES[d.u8(value)];
        if (feature !== undefined) d.text += ` ${feature}${bytes(at + 3)}`;
      }
      break;
    case 36:
    case 38:
    case 39:
    case 40:
      if (size > 2) d.text += ` 0x${d.hexBytes(value, size - 2)}`;
      break;
    case 37:
      d.text += bytes(value);
      break;
    case 41:
      d.text += size === 6 ? ` ${d.u32(value)}` : " [optlen != 6]";
      break;
    case 42:
      if (size === 6 || size === 8 || size === 10) {
        d.text += ` ${d.u32(value)}`;
        if (size > 6) d.text += ` (elapsed time ${size === 8 ? d.u16(at + 6) : d.u32(at + 6)})`;
      } else d.text += " [optlen != 6 or 8 or 10]";
      break;
    case 43:
      if (size === 6) d.text += ` ${d.u32(value)}`;
      else if (size === 4) d.text += ` ${d.u16(value)}`;
      else d.text += " [optlen != 4 or 6]";
      break;
    case 44:
      if (size > 2) d.text += ` ${d.hexBytes(value, size - 2)}`;
      break;
    default:
  }
}

/** Returns the length of the option; 0 if there is no way to go on. */
function option(d: Dissector, at: number, left: number): number {
  const type = d.u8(at);
  const name = type >= FIRST_CCID ? `CCID option ${type}` : (OPTIONS[type] ?? `Option ${type}`);
  const size = type >= FIRST_WITH_LENGTH ? d.u8(at + 1) : 1;
  if (type >= FIRST_WITH_LENGTH && size < 2) {
    d.text += `${name} optlen too short`;
    return 0;
  }
  if (left < size) {
    d.text += `${name} optlen goes past header length`;
    return 0;
  }
  if (!d.has(at, size)) {
    d.truncated();
    return 0;
  }
  d.text += name;
  optionValue(d, type, at, size);
  return size;
}

function number(d: Dissector, at: number, isLong: boolean): number {
  return isLong ? d.u16(at) * 2 ** 32 + d.u32(at + 2) : d.u24(at);
}

export function dccp(d: Dissector, at: number, length: number, header: number): void {
  d.protocol = "dccp";
  if (at + SHORT_HEADER > d.end) return d.truncated();
  const missing = (name: string, needed: number): boolean => {
    if (length >= needed) return false;
    d.text += `truncated-${name} - ${needed - length} bytes missing!`;
    return true;
  };
  if (missing("dccp", SHORT_HEADER)) return;
  const isLong = (d.u8(at + 8) & 1) !== 0;
  let fixed = isLong ? LONG_HEADER : SHORT_HEADER;
  if (missing("dccp", fixed)) return;
  if (!d.has(at, fixed)) return d.truncated();
  const six = d.u8(header) >>> 4 === 6;
  const [source, destination] = six
    ? [d.ipv6(header + 8), d.ipv6(header + 24)]
    : [d.ipv4(header + 12), d.ipv4(header + 16)];
  d.text += `${source}.${d.u16(at)} > ${destination}.${d.u16(at + 2)}: DCCP`;
  const headerLength = d.u8(at + 4) * 4;
  if (d.quiet > 0) {
    d.text += ` ${(length - headerLength) >>> 0}`;
    if (headerLength > length) {
      d.text += ` [bad hdr length ${headerLength} - too long, > ${length}]`;
    }
    return;
  }
  const coverage = d.u8(at + 5) & 15;
  if (d.verbose > 0) {
    d.text += ` (CCVal ${d.u8(at + 5) >>> 4}, CsCov ${coverage}`;
    if (d.has(at, length)) {
      const found = d.u16(at + 6);
      const covered = coverage === 0 ? length : Math.min(length, (d.u8(at + 4) + coverage - 1) * 4);
      const sum = (six ? checksum6 : checksum4)(d, header, at, length, covered, DCCP);
      d.text += `, cksum 0x${hex4(found)} ${sum === 0 ? "(correct)" : `(incorrect -> 0x${hex4(rightChecksum(found, sum))})`}`;
    }
    d.text += ")";
  }
  d.text += " ";
  const type = (d.u8(at + 8) >>> 1) & 15;
  const name = TYPES[type];
  const generic = fixed;
  fixed += TYPE_LENGTHS[type] ?? 0;
  if (name !== undefined && missing(`DCCP-${name}`, fixed)) return;
  const isChecked = type === REQUEST || type === RESPONSE || type === RESET;
  if (isChecked && !d.has(at, fixed)) return d.truncated();
  d.text += name === undefined ? `unknown-type-${type} ` : `DCCP-${name} `;
  if (type === REQUEST || type === RESPONSE) d.text += `(service=${d.u32(at + fixed - 4)}) `;
  if (type === RESET) d.text += `(code=${RESETS[d.u8(at + fixed - 4)] ?? "invalid"}) `;
  if (type !== DATA && type !== REQUEST) {
    d.text += `(ack=${number(d, at + generic + (isLong ? 2 : 1), isLong)}) `;
  }
  if (d.verbose < 2) return;
  d.text += `seq ${isLong ? number(d, at + 10, true) : number(d, at + 9, false)}`;
  if (headerLength <= fixed) return;
  d.text += " <";
  for (let left = headerLength - fixed, place = at + fixed; ;) {
    const size = option(d, place, left);
    if (size === 0 || left <= size) break;
    left -= size;
    place += size;
    d.text += ", ";
  }
  d.text += ">";
}
