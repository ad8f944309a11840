// Old protocols of Berkeley and MIT: the time daemon (timed) and Kerberos 4.

import type { Dissector } from "./dissector.ts";
import { alternateHex, padded, safeCharacter } from "./numbers.ts";

const TIME_MESSAGES = ["ANY", "ADJTIME", "ACK", "MASTERREQ", "MASTERACK", "SETTIME", "MASTERUP", "SLAVEUP", "ELECTION",
  "ACCEPT", "REFUSE", "CONFLICT", "RESOLVE", "QUIT", "DATE", "DATEREQ", "DATEACK", "TRACEON", "TRACEOFF", "MSITE",
  "MSITEREQ", "TEST", "SETDATE", "SETDATEREQ", "LOOP"]; // prettier-ignore
const LOOP = 24;
/** ADJTIME, SETTIME, SETDATE, SETDATEREQ */
const WITH_TIME: ReadonlySet<number> = new Set([1, 5, 22, 23]);
const NAME_LENGTH = 256;

export function timeDaemon(d: Dissector, at: number): void {
  d.protocol = "timed";
  const type = d.u8(at);
  const name = TIME_MESSAGES[type];
  d.text += name === undefined ? `(tsp_type ${alternateHex(type)})` : `TSP_${name}`;
  d.text += ` vers ${d.u8(at + 1)}`;
  d.text += ` seq ${d.u16(at + 2)}`;
  if (type === LOOP) d.text += ` hopcnt ${d.u8(at + 4)}`;
  else if (WITH_TIME.has(type)) {
    let seconds = d.s32(at + 4);
    let micro = d.s32(at + 8);
    if (micro < 0) return;
    d.text += " time ";
    if (seconds < 0 && micro !== 0) {
      seconds++;
      if (seconds === 0) d.text += "-";
      micro = 1_000_000 - micro;
    }
    d.text += `${seconds}.${micro < 0 ? `-${padded(-micro, 5)}` : padded(micro, 6)}`;
  }
  d.text += " name ";
  d.paddedCharacters(at + 12, NAME_LENGTH);
}

const TICKETS: ReadonlyMap<number, string> = new Map([
  [2, "KDC_REQUEST"],
  [4, "KDC_REPLY"],
  [6, "APPL_REQUEST"],
  [8, "APPL_REQUEST_MUTUAL"],
  [10, "ERR_REPLY"],
  [12, "PRIVATE"],
  [14, "SAFE"],
  [16, "APPL_ERR"],
  [126, "DIE"],
]);
const ERRORS = ["OK", "NAME_EXP", "SERVICE_EXP", "AUTH_EXP", "PKT_VER", "NAME_MAST_KEY_VER", "SERV_MAST_KEY_VER",
  "BYTE_ORDER", "PRINCIPAL_UNKNOWN", "PRINCIPAL_NOT_UNIQUE", "NULL_KEY"]; // prettier-ignore
const [REQUEST, REPLY, APPLICATION, ERROR] = [2, 4, 6, 10] as const;

/** Prints up to a zero. Returns the offset after it. */
function string(d: Dissector, start: number): number {
  for (let at = start; at < d.end; at++) {
    const byte = d.u8(at);
    if (byte === 0) return at + 1;
    d.text += safeCharacter(byte);
  }
  return d.cutOff();
}

function principal(d: Dissector, start: number): number {
  let at = string(d, start + 2);
  d.text += ".";
  at = string(d, at);
  d.text += "@";
  return string(d, at);
}

function kerberos4(d: Dissector, start: number): void {
  const isLittle = (d.u8(start + 1) & 1) !== 0;
  const type = d.u8(start + 1) & 0xfe;
  d.text += ` ${isLittle ? "le" : "be"} ${TICKETS.get(type) ?? `#${type}`}: `;
  const u16 = (at: number): number => (isLittle ? d.u16le(at) : d.u16(at));
  let at: number;
  switch (type) {
    case REQUEST:
      at = principal(d, start) + 4;
      d.text += ` ${d.u8(at) * 5}min `;
      at = string(d, at + 1);
      d.text += ".";
      string(d, at);
      break;
    case APPLICATION:
      d.text += `v${d.u8(start + 2)} `;
      at = string(d, start + 3);
      d.text += ` (${d.u8(at)})`;
      d.text += ` (${d.u8(at + 1)})`;
      break;
    case REPLY:
      at = principal(d, start) + 10;
      d.text += ` (${u16(at)})`;
      break;
    case ERROR: {
      at = principal(d, start) + 4;
      const code = u16(at);
      d.text += ` ${ERRORS[code] ?? `#${code}`} `;
      string(d, at + 4);
      break;
    }
    default:
      d.text += "(unknown)";
  }
}

export function kerberos(d: Dissector, at: number): void {
  d.protocol = "krb";
  if (!d.has(at, 1)) return d.truncated();
  const version = d.u8(at);
  if (version >= 1 && version <= 4) d.text += ` v${version}`;
  if (version === 4) d.untilCut(() => kerberos4(d, at));
  if (version === 106 || version === 107) d.text += " v5";
}
