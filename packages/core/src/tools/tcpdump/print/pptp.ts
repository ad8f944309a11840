// PPTP control messages (RFC 2637): each message is a list of its fields.

import type { Dissector } from "./dissector.ts";
import { hex8 } from "./numbers.ts";

const HEADER_LENGTH = 12;
const COOKIE = 0x1a2b3c4d;
const TEXT = 64;

const BEARERS: Readonly<Record<number, string>> = { 1: "A", 2: "D", 3: "Any" };
const FRAMINGS: Readonly<Record<number, string>> = { 1: "A", 2: "S", 3: "E" };
const ERRORS = [
  "None",
  "Not-Connected",
  "Bad-Format",
  "Bad-Value",
  "No-Resource",
  "Bad-Call-ID",
  "PAC-Error",
];
const REASONS = ["?", "None", "Stop-Protocol", "Stop-Local-Shutdown"];
const CONNECTION_RESULTS = ["?", "Successful channel establishment", "General error", "Command channel already exists",
  "Requester is not authorized to establish a command channel",
  "The protocol version of the requester is not supported"]; // prettier-ignore
const ECHO_RESULTS = ["?", "OK", "General Error"];
const OUTGOING_RESULTS = [
  "?",
  "Connected",
  "General Error",
  "No Carrier",
  "Busy",
  "No Dial Tone",
  "Time-out",
  "Do Not Accept",
];
const INCOMING_RESULTS = ["?", "Connect", "General Error", "Do Not Accept"];
const DISCONNECT_RESULTS = ["?", "Lost Carrier", "General Error", "Admin Shutdown", "Request"];

/** Prints what is `at` bytes behind the header that starts the message's own part. */
type Field = (d: Dissector, start: number) => void;

function u16(name: string, at: number): Field {
  return (d, start) => void (d.text += ` ${name}(${d.u16(start + at)})`);
}

function u32(name: string, at: number): Field {
  return (d, start) => void (d.text += ` ${name}(${d.u32(start + at)})`);
}

function mask(name: string, at: number): Field {
  return (d, start) => void (d.text += ` ${name}(0x${hex8(d.u32(start + at))})`);
}

function named(name: string, at: number, names: Readonly<Record<number, string>>): Field {
  return (d, start) => void (d.text += ` ${name}(${names[d.u32(start + at)] ?? "?"})`);
}

/** A byte, with its name if -v asks for it. */
function code(name: string, at: number, names: readonly string[]): Field {
  return (d, start) => {
    const value = d.u8(start + at);
    d.text += ` ${name}(${value}${d.verbose > 0 ? `:${names[value] ?? "?"}` : ""})`;
  };
}

/** Two letters in the order in which they are shown. */
function capability(name: string, at: number, letters: readonly (readonly [number, string])[]): Field {
  return (d, start) => {
    const value = d.u32(start + at);
    d.text += ` ${name}(${letters.map(([bit, letter]) => ((value & bit) === 0 ? "" : letter)).join("")})`;
  };
}

/** Text of at most `length` bytes, or of as many as the field at `lengthAt` says. */
function text(name: string, at: number, length: number, lengthAt?: number): Field {
  return (d, start) => {
    d.text += ` ${name}(`;
    d.paddedCharacters(
      start + at,
      lengthAt === undefined ? length : Math.min(length, d.u16(start + lengthAt)),
    );
    d.text += ")";
  };
}

function reserved(at: number, size: 1 | 2 = 2): Field {
  return (d, start) => {
    const value = size === 1 ? d.u8(start + at) : d.u16(start + at);
    if (value !== 0) d.text += ` [ERROR: reserved=${value} must be zero]`;
  };
}

const version: Field = (d, start) => {
  const value = d.u16(start);
  d.text += ` PROTO_VER(${value >>> 8}.${value & 0xff})`;
};

const frameCapability: Field = (d, start) => {
  d.text += " FRAME_CAP(";
  const value = d.u32(start + 4);
  d.text += `${(value & 1) === 0 ? "" : "A"}${(value & 2) === 0 ? "" : "S"})`;
};

const capabilities: readonly Field[] = [
  frameCapability,
  capability("BEARER_CAP", 8, [
    [2, "D"],
    [1, "A"],
  ]),
  u16("MAX_CHAN", 12),
  u16("FIRM_REV", 14),
  text("HOSTNAME", 16, TEXT),
  text("VENDOR", 80, TEXT),
];

function result(at: number, names: readonly string[]): readonly Field[] {
  return [code("RESULT_CODE", at, names), code("ERR_CODE", at + 1, ERRORS)];
}

const MESSAGES: readonly (readonly [name: string, fields: readonly Field[]])[] = [
  ["NOT_DEFINED", []],
  ["SCCRQ", [version, reserved(2), ...capabilities]],
  ["SCCRP", [version, ...result(2, CONNECTION_RESULTS), ...capabilities]],
  ["StopCCRQ", [code("REASON", 0, REASONS), reserved(1, 1), reserved(2)]],
  ["StopCCRP", [...result(0, ECHO_RESULTS), reserved(2)]],
  ["ECHORQ", [u32("ID", 0)]],
  ["ECHORP", [u32("ID", 0), ...result(4, ECHO_RESULTS), reserved(6)]],
  ["OCRQ", [u16("CALL_ID", 0), u16("CALL_SER_NUM", 2), u32("MIN_BPS", 4), u32("MAX_BPS", 8),
    named("BEARER_TYPE", 12, BEARERS), named("FRAME_TYPE", 16, FRAMINGS), u16("RECV_WIN", 20), u16("PROC_DELAY", 22),
    u16("PHONE_NO_LEN", 24), reserved(26), text("PHONE_NO", 28, TEXT, 24), text("SUB_ADDR", 92, TEXT)]],
  ["OCRP", [u16("CALL_ID", 0), u16("PEER_CALL_ID", 2), ...result(4, OUTGOING_RESULTS), u16("CAUSE_CODE", 6),
    u32("CONN_SPEED", 8), u16("RECV_WIN", 12), u16("PROC_DELAY", 14), u32("PHY_CHAN_ID", 16)]],
  ["ICRQ", [u16("CALL_ID", 0), u16("CALL_SER_NUM", 2), named("BEARER_TYPE", 4, BEARERS), u32("PHY_CHAN_ID", 8),
    u16("DIALED_NO_LEN", 12), u16("DIALING_NO_LEN", 14), text("DIALED_NO", 16, TEXT, 12),
    text("DIALING_NO", 80, TEXT, 14), text("SUB_ADDR", 144, TEXT)]],
  ["ICRP", [u16("CALL_ID", 0), u16("PEER_CALL_ID", 2), ...result(4, INCOMING_RESULTS), u16("RECV_WIN", 6),
    u16("PROC_DELAY", 8), reserved(10)]],
  ["ICCN", [u16("PEER_CALL_ID", 0), reserved(2), u32("CONN_SPEED", 4), u16("RECV_WIN", 8), u16("PROC_DELAY", 10),
    named("FRAME_TYPE", 12, FRAMINGS)]],
  ["CCRQ", [u16("CALL_ID", 0), reserved(2)]],
  ["CDN", [u16("CALL_ID", 0), ...result(2, DISCONNECT_RESULTS), u16("CAUSE_CODE", 4), reserved(6),
    text("CALL_STATS", 8, 128)]],
  ["WEN", [u16("PEER_CALL_ID", 0), reserved(2), u32("CRC_ERR", 4), u32("FRAMING_ERR", 8), u32("HARDWARE_OVERRUN", 12),
    u32("BUFFER_OVERRUN", 16), u32("TIMEOUT_ERR", 20), u32("ALIGN_ERR", 24)]],
  ["SLI", [u16("PEER_CALL_ID", 0), reserved(2), mask("SEND_ACCM", 4), mask("RECV_ACCM", 8)]],
]; // prettier-ignore

export function pptp(d: Dissector, at: number): void {
  d.protocol = "pptp";
  d.text += ": pptp";
  if (d.verbose > 0) {
    d.text += ` Length=${d.u16(at)}`;
    const kind = d.u16(at + 2);
    d.text += kind === 1 ? " CTRL-MSG" : kind === 2 ? " MGMT-MSG" : " UNKNOWN-MSG-TYPE";
  }
  const cookie = d.u32(at + 4);
  if (cookie !== COOKIE) d.text += ` UNEXPECTED Magic-Cookie!!(${hex8(cookie)})`;
  if (d.verbose > 0 || cookie !== COOKIE) d.text += ` Magic-Cookie=${hex8(cookie)}`;
  const type = d.u16(at + 8);
  const message = MESSAGES[type];
  d.text += message === undefined ? ` UNKNOWN_CTRL_MSGTYPE(${type})` : ` CTRL_MSGTYPE=${message[0]}`;
  reserved(10)(d, at);
  for (const print of message?.[1] ?? []) print(d, at + HEADER_LENGTH);
}
