// Attribute-value pairs of L2TP control messages (RFC 2661 section 4.4, RFC 3145).

import type { Dissector } from "./dissector.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 6;
const [MANDATORY, HIDDEN] = [0x8000, 0x4000] as const;
const TOO_SHORT = "AVP too short";

const MESSAGES: Readonly<Record<number, string>> = {
  1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP", 9: "OCCN", 10: "ICRQ", 11: "ICRP",
  12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI",
}; // prettier-ignore
const AUTHENTICATION = ["Reserved", "Textual", "CHAP", "PAP", "No Auth", "MS-CHAPv1"];
const DIRECTIONS = ["global error", "at peer", "at local"];
const CALL_ERRORS = ["CRCErr", "FrameErr", "HardOver", "BufOver", "Timeout", "AlignErr"];

/** Prints a value of `length` bytes. */
type Value = (d: Dissector, at: number, length: number) => void;

function atLeast(bytes: number, print: (d: Dissector, at: number, length: number) => string): Value {
  return (d, at, length) => void (d.text += length < bytes ? TOO_SHORT : print(d, at, length));
}

const octets: Value = (d, at, length) => void (d.text += d.hexBytes(at, length));
const string: Value = (d, at, length) => d.characters(at, length);
const number16 = atLeast(2, (d, at) => String(d.u16(at)));
const number32 = atLeast(4, (d, at) => String(d.u32(at)));

function firstOctets(count: number): Value {
  return atLeast(count, (d, at) => d.hexBytes(at, count));
}

/** Letters of the two lowest bits. */
function bits(low: string, high: string): Value {
  return atLeast(4, (d, at) => {
    const value = d.u32(at);
    return `${(value & 2) === 0 ? "" : high}${(value & 1) === 0 ? "" : low}`;
  });
}

const resultCode: Value = (d, at, length) => {
  if (length < 2) d.text += TOO_SHORT;
  else {
    d.text += String(d.u16(at));
    if (length === 2) return;
    if (length < 4) {
      d.text += ` ${TOO_SHORT}`;
      return;
    }
    d.text += `/${d.u16(at + 2)}`;
    if (length === 4) return;
    d.text += " ";
    d.characters(at + 4, length - 4);
  }
};

const causeCode: Value = (d, at, length) => {
  if (length < 3) d.text += TOO_SHORT;
  else {
    d.text += `${d.u16(at)}, ${hex2(d.u8(at + 2))}`;
    if (length > 3) d.text += " ";
    d.characters(at + 3, length - 3);
  }
};

/** Numbers of 32 bits behind two reserved bytes. */
function counters(names: readonly string[], show: (value: number) => string): Value {
  return (d, at, length) => {
    if (length < 2) {
      d.text += TOO_SHORT;
      return;
    }
    for (const [index, name] of names.entries()) {
      if (length < 2 + 4 * (index + 1)) {
        d.text += TOO_SHORT;
        return;
      }
      d.text += `${name}=${show(d.u32(at + 2 + 4 * index))} `;
    }
  };
}

const disconnectCause: Value = (d, at, length) => {
  if (length < 5) d.text += TOO_SHORT;
  else {
    const direction = d.u8(at + 4);
    d.text += `${hex4(d.u16(at))}, ${hex4(d.u16(at + 2))} ${DIRECTIONS[direction] ?? `Direction-#${direction}`}`;
    if (length > 5) d.text += " ";
    d.characters(at + 5, length - 5);
  }
};

const nothing: Value = () => undefined;

const ATTRIBUTES: ReadonlyMap<number, readonly [name: string, print: Value]> = new Map([
  [0, ["MSGTYPE", atLeast(2, (d, at) => MESSAGES[d.u16(at)] ?? `MSGTYPE-#${d.u16(at)}`)]],
  [1, ["RESULT_CODE", resultCode]],
  [2, ["PROTO_VER", atLeast(2, (d, at) => `${d.u8(at)}.${d.u8(at + 1)}`)]],
  [3, ["FRAMING_CAP", bits("S", "A")]],
  [4, ["BEARER_CAP", bits("D", "A")]],
  [5, ["TIE_BREAKER", firstOctets(8)]],
  [6, ["FIRM_VER", number16]],
  [7, ["HOST_NAME", string]],
  [8, ["VENDOR_NAME", string]],
  [9, ["ASSND_TUN_ID", number16]],
  [10, ["RECV_WIN_SIZE", number16]],
  [11, ["CHALLENGE", octets]],
  [12, ["Q931_CC", causeCode]],
  [13, ["CHALLENGE_RESP", firstOctets(16)]],
  [14, ["ASSND_SESS_ID", number16]],
  [15, ["CALL_SER_NUM", number32]],
  [16, ["MINIMUM_BPS", number32]],
  [17, ["MAXIMUM_BPS", number32]],
  [18, ["BEARER_TYPE", bits("D", "A")]],
  [19, ["FRAMING_TYPE", bits("S", "A")]],
  [20, ["PACKET_PROC_DELAY", (d) => void (d.text += "obsolete")]],
  [21, ["CALLED_NUMBER", string]],
  [22, ["CALLING_NUMBER", string]],
  [23, ["SUB_ADDRESS", string]],
  [24, ["TX_CONN_SPEED", number32]],
  [25, ["PHY_CHANNEL_ID", number32]],
  [26, ["INI_RECV_LCP", octets]],
  [27, ["LAST_SENT_LCP", octets]],
  [28, ["LAST_RECV_LCP", octets]],
  [29, ["PROXY_AUTH_TYPE", atLeast(2, (d, at) => AUTHENTICATION[d.u16(at)] ?? `AuthType-#${d.u16(at)}`)]],
  [30, ["PROXY_AUTH_NAME", string]],
  [31, ["PROXY_AUTH_CHAL", octets]],
  [32, ["PROXY_AUTH_ID", atLeast(2, (d, at) => String(d.u8(at + 1)))]],
  [33, ["PROXY_AUTH_RESP", octets]],
  [34, ["CALL_ERRORS", counters(CALL_ERRORS, String)]],
  [35, ["ACCM", counters(["send", "recv"], hex8)]],
  [36, ["RANDOM_VECTOR", octets]],
  [37, ["PRIVATE_GRP_ID", string]],
  [38, ["RX_CONN_SPEED", number32]],
  [39, ["SEQ_REQUIRED", nothing]],
  [46, ["PPP_DISCON_CC", disconnectCause]],
]);

export function attribute(d: Dissector, at: number, size: number): void {
  const flags = d.u16(at);
  if ((flags & MANDATORY) !== 0) d.text += "*";
  if ((flags & HIDDEN) !== 0) d.text += "?";
  const vendor = d.u16(at + 2);
  const type = d.u16(at + 4);
  const value = at + HEADER_LENGTH;
  if (vendor !== 0) {
    d.text += `VENDOR${hex4(vendor)}:ATTR${hex4(type)}(`;
    octets(d, value, size - HEADER_LENGTH);
  } else {
    const [name, print] = ATTRIBUTES.get(type) ?? [`AVP-#${type}`, nothing];
    d.text += `${name}(`;
    if ((flags & HIDDEN) !== 0) d.text += "???";
    else print(d, value, size - HEADER_LENGTH);
  }
  d.text += ")";
}
