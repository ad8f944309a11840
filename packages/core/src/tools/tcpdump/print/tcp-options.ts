// Options of TCP (RFC 9293, 2018, 7323, 2385, 5925, 5482, 7413, 6994).

import type { Dissector } from "./dissector.ts";
import { mptcp } from "./mptcp.ts";
import { hex, hex2, hex4 } from "./numbers.ts";
import { segmentSignature, SIGNATURE_LENGTH } from "./signature.ts";
import type { Message } from "./signature.ts";
import { TCP_OPTIONS } from "./tcp-names.ts";

const [END, NOP, MAXIMUM_SEGMENT, WINDOW_SCALE, SACK_OK, SACK, ECHO, ECHO_REPLY, TIMESTAMPS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const [CC, CC_NEW, CC_ECHO, MD5, SCPS, USER_TIMEOUT, AUTHENTICATION, MULTIPATH, FAST_OPEN] = [
  11, 12, 13, 19, 20, 28, 29, 30, 34,
] as const;
const EXPERIMENT = 254;
const FAST_OPEN_MAGIC = 0xf989;

/** The option cannot be what it says it is. */
const BAD = Symbol("bad option");
/** Its value was not captured. */
const CUT_OFF = Symbol("cut off");

/** What a signature covers. */
interface Segment {
  /** Offset of the IP header. */
  readonly header: number;
  /** Offset of the TCP header. */
  readonly start: number;
  readonly data: Message;
}

/** Prints the options; false if the packet ends with them, because they are cut off or wrong. */
export function tcpOptions(
  d: Dissector,
  start: number,
  total: number,
  selective: number,
  flags: number,
  segment: Segment,
): boolean {
  let at = start;
  let left = total;
  let separator = "";
  d.text += ", options [";
  try {
    while (left > 0) {
      d.text += separator;
      const option = d.u8(at++);
      let size = 1;
      if (option !== END && option !== NOP) {
        size = d.u8(at++);
        if (size < 2 || size > left) throw BAD;
        left--;
      }
      left--;
      d.text += TCP_OPTIONS.get(option) ?? `unknown-${option}`;
      const used = body(d, option, at, size, left, selective, flags, segment);
      at += used;
      left -= used;
      if (used + (option === END || option === NOP ? 1 : 2) !== size) d.text += `[len ${size}]`;
      separator = ",";
      if (option === END) break;
    }
  } catch (fault) {
    if (fault === BAD) d.text += separator === "" ? "[bad opt]" : "[bad opt]]";
    else if (fault === CUT_OFF) {
      d.truncated();
      if (separator !== "") d.text += ">";
    } else throw fault;
    return false;
  }
  d.text += "]";
  return true;
}

/** Prints what follows the name. Returns the bytes of it. */
function body(
  d: Dissector,
  option: number,
  at: number,
  size: number,
  left: number,
  selective: number,
  flags: number,
  segment: Segment,
): number {
  const need = (bytes: number): void => {
    if (bytes > left) throw BAD;
    if (!d.has(at, bytes)) throw CUT_OFF;
  };
  const length = size - 2;
  switch (option) {
    case END:
    case NOP:
    case SACK_OK:
      return 0;
    case MAXIMUM_SEGMENT:
      need(2);
      d.text += ` ${d.u16(at)}`;
      return 2;
    case WINDOW_SCALE:
      need(1);
      d.text += ` ${d.u8(at)}`;
      return 1;
    case SACK:
      if (length % 8 !== 0) {
        d.text += " invalid sack";
        return length;
      }
      d.text += ` ${length / 8} `;
      for (let place = 0; place < length; place += 8) {
        need(place + 8);
        const from = (d.u32(at + place) - selective) >>> 0;
        d.text += `{${from}:${(d.u32(at + place + 4) - selective) >>> 0}}`;
      }
      return length;
    case ECHO:
    case ECHO_REPLY:
    case CC:
    case CC_NEW:
    case CC_ECHO:
      need(4);
      d.text += ` ${d.u32(at)}`;
      return 4;
    case TIMESTAMPS:
      need(8);
      d.text += ` val ${d.u32(at)} ecr ${d.u32(at + 4)}`;
      return 8;
    case MD5:
      need(SIGNATURE_LENGTH);
      segmentSignature(d, segment.header, segment.start, segment.data, at);
      return SIGNATURE_LENGTH;
    case SCPS:
      need(2);
      d.text += ` cap ${hex2(d.u8(at))} id ${d.u8(at + 1)}`;
      return 2;
    case AUTHENTICATION:
      if (length < 2) {
        d.invalid();
        return length;
      }
      need(1);
      d.text += ` keyid ${d.u8(at)}`;
      need(2);
      d.text += ` rnextkeyid ${d.u8(at + 1)}`;
      if (length > 2) {
        d.text += " mac 0x";
        for (let place = 2; place < length; place++) {
          need(place + 1);
          d.text += hex2(d.u8(at + place));
        }
      }
      return length;
    case USER_TIMEOUT: {
      need(2);
      const value = d.u16(at);
      d.text += ` 0x${hex(value)} ${(value & 1) === 1 ? (value >>> 1) * 60 : value >>> 1}`;
      return 2;
    }
    case MULTIPATH: {
      need(length);
      const { end } = d;
      d.end = Math.min(at - 2 + size, end);
      const good = mptcp(d, at - 2, size, flags);
      d.end = end;
      if (!good) throw BAD;
      return length;
    }
    case FAST_OPEN:
      need(length);
      d.text += " ";
      fastOpen(d, at, length, false);
      return length;
    case EXPERIMENT: {
      need(length);
      if (length < 2) throw BAD;
      const magic = d.u16(at);
      d.text += "-";
      if (magic === FAST_OPEN_MAGIC) fastOpen(d, at + 2, length - 2, true);
      else d.text += hex4(magic);
      return length;
    }
    default:
      for (let place = 0; place < length; place++) {
        need(place + 1);
        d.text += (place === 0 ? " 0x" : "") + hex2(d.u8(at + place));
      }
      return length;
  }
}

function fastOpen(d: Dissector, at: number, length: number, experimental: boolean): void {
  if (experimental) d.text += "tfo";
  if (length === 0) d.text += " cookiereq";
  else if (length % 2 !== 0 || length < 4 || length > 16) d.invalid();
  else d.text += ` cookie ${d.hexBytes(at, length)}`;
}
