// NSP, the network services protocol of DECnet phase IV: data, acknowledgements and connections.

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex } from "./numbers.ts";

const HEADER_LENGTH = 5;
const [DATA, ACKNOWLEDGEMENT, CONTROL] = [0x0, 0x4, 0x8] as const;
/** Subtypes of data: where in a message a segment stands, or another channel. */
const SEGMENTS: ReadonlySet<number> = new Set([0x00, 0x20, 0x40, 0x60]);
const [INTERRUPT, LINK_SERVICE] = [0x30, 0x10] as const;
const [DATA_ACK, OTHER_ACK, CONNECT_ACK] = [0x00, 0x10, 0x20] as const;
const [INITIATE, CONFIRM, DISCONNECT, DISCONNECT_CONFIRM, INITIATE_AGAIN] = [
  0x10, 0x20, 0x30, 0x40, 0x60,
] as const;

const [ACK_FLAG, NAK_FLAGS, OTHER_FLAGS, OTHER_NAK_FLAGS, NUMBER] = [
  0x8000, 0x9000, 0xa000, 0xb000, 0xfff,
] as const;

const REASONS = new NameTable([
  [0, "object rejected connect"],
  [1, "insufficient resources"],
  [2, "unrecognized node name"],
  [3, "node is shutting down"],
  [4, "unrecognized object"],
  [5, "invalid object name format"],
  [6, "object too busy"],
  [7, "protocol error discovered"],
  [8, "third party abort"],
  [9, "user abort"],
  [10, "invalid node name format"],
  [11, "local node shutting down"],
  [32, "insufficient local resources"],
  [33, "insufficient remote user resources"],
  [34, "invalid access control information"],
  [36, "bad ACCOUNT information"],
  [38, "no response from object"],
  [39, "node unreachable"],
  [41, "no link terminate"],
  [42, "disconnect complete"],
  [43, "bad image data in connect"],
  [54, "cryptographic service mismatch"],
]);

/** Prints the acknowledgement of this channel. */
function own(d: Dissector, number: number): void {
  d.text += `${(number & NAK_FLAGS) === NAK_FLAGS ? "nak" : "ack"} ${number & NUMBER} `;
}

/** Prints the acknowledgement of the other channel, which bears the one name or the other. */
function other(d: Dissector, number: number, names: readonly [string, string]): void {
  d.text += `${names[(number & OTHER_NAK_FLAGS) === OTHER_NAK_FLAGS ? 0 : 1]} ${number & NUMBER} `;
}

const OTHER_CHANNEL = ["onak", "oack"] as const;
const DATA_CHANNEL = ["nakdat", "ackdat"] as const;

/** Acknowledgements that may stand in front of a segment's number. False if there is no room for them. */
function segment(d: Dissector, at: number, length: number, names: readonly [string, string]): boolean {
  let size = HEADER_LENGTH + 2;
  if (length < size) return false;
  let number = d.u16le(at + 5);
  if ((number & ACK_FLAG) !== 0) {
    own(d, number);
    size += 2;
    if (length < size) return false;
    number = d.u16le(at + 7);
    if ((number & OTHER_FLAGS) !== 0) {
      other(d, number, names);
      size += 2;
      if (length < size) return false;
      number = d.u16le(at + 9);
    }
  }
  d.text += `seg ${number & NUMBER} `;
  return true;
}

/** Flow control. */
function linkService(d: Dissector, at: number, length: number): boolean {
  if (length < 13) return false;
  let number = d.u16le(at + 5);
  if ((number & ACK_FLAG) !== 0) {
    own(d, number);
    number = d.u16le(at + 7);
    if ((number & OTHER_FLAGS) !== 0) {
      other(d, number, DATA_CHANNEL);
      number = d.u16le(at + 9);
    }
  }
  d.text += `seg ${number & NUMBER} `;
  const [flags, value] = [d.u8(at + 11), d.u8(at + 12)];
  if ((flags & 0x0c) === 0) {
    d.text += `dat seg count ${value} `;
    const modifiers = ["", "donotsend-data ", "send-data ", `reserved-fcmod? ${hex(flags)}`];
    d.text += modifiers[flags & 3];
  } else if ((flags & 0x0c) === 4) d.text += `intr req count ${value} `;
  else d.text += `reserved-fcval-int? ${hex(flags)}`;
  return true;
}

function acknowledgement(
  d: Dissector,
  at: number,
  length: number,
  names: readonly [string, string],
): boolean {
  if (length < 9) return false;
  d.check(at, 9);
  const number = d.u16le(at + 5);
  if ((number & ACK_FLAG) === 0) return true;
  own(d, number);
  const second = d.u16le(at + 7);
  if ((second & OTHER_FLAGS) !== 0) other(d, second, names);
  return true;
}

const FLOW_CONTROL: readonly string[] = ["", "seg ", "msg ", ""];
const VERSIONS: readonly string[] = ["3.2", "3.1", "4.0", "4.1"];

/** Services, version and segment size of a connection. */
function connection(d: Dissector, at: number): void {
  const [services, version, size] = [d.u8(at + 5), d.u8(at + 6), d.u16le(at + 7)];
  d.text += `${FLOW_CONTROL[(services >>> 2) & 3]}ver ${VERSIONS[version & 3]} segsize ${size} `;
}

function reason(d: Dissector, code: number): void {
  d.text += `${REASONS.get(code) ?? `reason-${code}`} `;
}

function control(d: Dissector, at: number, length: number, subtype: number, ends: string): boolean {
  switch (subtype) {
    case INITIATE:
    case INITIATE_AGAIN:
      d.text += `${subtype === INITIATE ? "" : "retrans-"}conn-initiate ${ends} `;
      if (length < 9) return false;
      d.check(at, 9);
      connection(d, at);
      return true;
    case CONFIRM: {
      d.text += `conn-confirm ${ends} `;
      if (length < 10) return false;
      d.check(at, 10);
      const optional = d.u8(at + 9);
      connection(d, at);
      if (optional !== 0) d.text += `optlen ${optional} `;
      return true;
    }
    case DISCONNECT: {
      d.text += `disconn-initiate ${ends} `;
      if (length < 8) return false;
      d.check(at, 8);
      reason(d, d.u16le(at + 5));
      const optional = d.u8(at + 7);
      if (optional !== 0) d.text += `optlen ${optional} `;
      return true;
    }
    default:
      d.text += `disconn-confirm ${ends} `;
      reason(d, d.u16le(at + 5));
      return true;
  }
}

const CONTROLS: ReadonlySet<number> = new Set([
  INITIATE,
  CONFIRM,
  DISCONNECT,
  DISCONNECT_CONFIRM,
  INITIATE_AGAIN,
]);

/** False if the message is too short for what it says. */
export function networkServices(d: Dissector, at: number, length: number): boolean {
  if (length < HEADER_LENGTH) {
    d.text += ` (nsplen ${length} < ${HEADER_LENGTH})`;
    return false;
  }
  const flags = d.u8(at);
  const [destination, source] = [d.u16le(at + 1), d.u16le(at + 3)];
  const subtype = flags & 0x70;
  const ends = `${source}>${destination}`;
  const reserved = (kind: string): true => {
    d.text += `reserved-${kind}? ${hex(flags)} ${source} > ${destination}`;
    return true;
  };
  switch (flags & 0x0c) {
    case DATA:
      if (SEGMENTS.has(subtype)) {
        d.text += `data ${ends} `;
        return segment(d, at, length, OTHER_CHANNEL);
      }
      if (subtype === INTERRUPT) {
        d.text += "intr ";
        return segment(d, at, length, DATA_CHANNEL);
      }
      if (subtype !== LINK_SERVICE) return reserved("subtype");
      d.text += `link-service ${ends} `;
      return linkService(d, at, length);
    case ACKNOWLEDGEMENT:
      if (subtype === CONNECT_ACK) {
        d.text += `conn-ack ${destination}`;
        return true;
      }
      if (subtype !== DATA_ACK && subtype !== OTHER_ACK) return reserved("acktype");
      d.text += `${subtype === DATA_ACK ? "data-ack" : "ils-ack"} ${ends} `;
      return acknowledgement(d, at, length, subtype === DATA_ACK ? OTHER_CHANNEL : DATA_CHANNEL);
    case CONTROL:
      return CONTROLS.has(subtype) ? control(d, at, length, subtype, ends) : reserved("ctltype");
    default:
      return reserved("type");
  }
}
