// Control protocols of PPP: LCP (RFC 1661) and those of its network and other layers. Their options are in ppp-options.ts.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";
import { CODES, PROTOCOLS } from "./ppp-names.ts";
import { OPTION_PRINTERS } from "./ppp-options.ts";

const [VENDOR, REQUEST, ACK, NACK, REJECT, PROTOCOL_REJECT] = [0, 1, 2, 3, 4, 8] as const;
const [ECHO_REQUEST, ECHO_REPLY, DISCARD, IDENTIFICATION, TIME_REMAINING] = [9, 10, 11, 12, 13] as const;
/** Terminations and a rejected code, whose data nobody shows. */
const SILENT: ReadonlySet<number> = new Set([5, 6, 7]);
const HEADER_LENGTH = 4;

export function controlProtocol(d: Dissector, start: number, protocol: number, total: number): void {
  const name = PROTOCOLS.get(protocol) ?? `unknown ctrl-proto (0x${hex4(protocol)})`;
  d.text += `${name}, `;
  const cutOff = (): void => d.print(`[|${name}]`);
  if (total < HEADER_LENGTH || !d.has(start, 2)) return cutOff();
  const code = d.u8(start);
  d.text += `${CODES.get(code) ?? "Unknown Opcode"} (0x${hex2(code)}), id ${d.u8(start + 1)}, length ${total + 2}`;
  if (d.verbose === 0) return;
  const length = d.u16(start + 2);
  if (length < HEADER_LENGTH) {
    d.text += `\n\tencoded length ${length} (< 4))`;
    return;
  }
  if (length > total) {
    d.text += `\n\tencoded length ${length} (> packet length ${total}))`;
    return;
  }
  d.text += `\n\tencoded length ${length} (=Option(s) length ${length - HEADER_LENGTH})`;
  if (length === HEADER_LENGTH) return;
  if (d.verbose > 1) unknownData(d, start - 2, "\n\t", 6);
  body(d, start, protocol, code, length, cutOff);
}

function body(
  d: Dissector,
  start: number,
  protocol: number,
  code: number,
  length: number,
  cutOff: () => void,
): void {
  const at = start + HEADER_LENGTH;
  const magic = (): string => `\n\t  Magic-Num 0x${hex8(d.u32(at))}`;
  switch (code) {
    case VENDOR:
      if (length < 11) return;
      d.text += magic();
      d.text += ` Vendor: ${OUI_NAMES.get(d.u24(at + 4)) ?? "Unknown"} (${d.u24(at + 4)})`;
      return;
    case REQUEST:
    case ACK:
    case NACK:
    case REJECT:
      return options(d, at, protocol, length);
    case PROTOCOL_REJECT: {
      if (length < 6) return;
      const rejected = d.u16(at);
      d.text += `\n\t  Rejected ${PROTOCOLS.get(rejected) ?? "unknown"} Protocol (0x${hex4(rejected)})`;
      if (length > 6) {
        d.text += "\n\t  Rejected Packet";
        unknownData(d, at + 2, "\n\t    ", length - 2);
      }
      return;
    }
    case ECHO_REQUEST:
    case ECHO_REPLY:
    case DISCARD:
      if (length < 8) return;
      d.text += magic();
      if (length > 8) {
        d.text += "\n\t  -----trailing data-----";
        if (!d.has(at + 4, length - 8)) return cutOff();
        unknownData(d, at + 4, "\n\t  ", length - 8);
      }
      return;
    case IDENTIFICATION:
      if (length < 8) return;
      d.text += magic();
      if (length > 8) {
        d.text += "\n\t  Message\n\t    ";
        if (d.charactersUntil(at + 4, length - 4, d.end)) cutOff();
      }
      return;
    case TIME_REMAINING:
      if (length < 12) return;
      d.text += magic();
      d.text += `, Seconds-Remaining ${d.u32(at + 4)}s`;
      return;
    default:
      if (!SILENT.has(code) && d.verbose <= 1) unknownData(d, start - 2, "\n\t  ", length + 2);
  }
}

function options(d: Dissector, start: number, protocol: number, length: number): void {
  const print = OPTION_PRINTERS.get(protocol);
  if (print === undefined) return;
  let at = start;
  let left = length - HEADER_LENGTH;
  do {
    const taken = print(d, at, length);
    if (taken === 0) return;
    if (left < taken) {
      d.text += ` [remaining options length ${left} < ${taken}]`;
      d.invalid();
      return;
    }
    left -= taken;
    at += taken;
  } while (left !== 0);
}
