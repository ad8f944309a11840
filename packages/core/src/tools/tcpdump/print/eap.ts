// EAP over LAN (IEEE 802.1X) and EAP (RFC 3748).

import type { Dissector } from "./dissector.ts";
import { AKA_SUBTYPES, CODES, PACKET_TYPES, TLS_FLAGS, TYPES } from "./eap-names.ts";
import { hex2 } from "./numbers.ts";

const [REQUEST, RESPONSE] = [1, 2] as const;
const [IDENTITY, NOTIFICATION, NAK, TLS, SIM, TTLS, AKA, FAST] = [1, 2, 3, 13, 18, 21, 23, 43] as const;
const LENGTH_INCLUDED = 0x80;

/** What is cut off is so in the name of what carries it: EAPOL, or RADIUS. */
export function eap(d: Dissector, start: number, total: number, frame = total): void {
  const length = d.u16(start + 2);
  if (length !== frame) {
    d.text += "EAP fragment?";
    return;
  }
  const code = d.u8(start);
  d.text += `${CODES.get(code) ?? "unknown"} (${code}), id ${d.u8(start + 1)}, len ${length}`;
  if (length < 4) {
    d.text += " (too short for EAP header)";
    return;
  }
  if (!d.has(start, length)) return d.truncated();
  if (code !== REQUEST && code !== RESPONSE) return;
  if (length < 5) {
    d.text += " (too short for EAP request/response)";
    return;
  }
  const type = d.u8(start + 4);
  d.text += `\n\t\t Type ${TYPES.get(type) ?? "unknown"} (${type})`;
  const body = start + 5;
  const tooShort = (what: string): void => void (d.text += ` (too short for EAP ${what})`);
  switch (type) {
    case IDENTITY:
      if (length - 5 > 0) {
        d.text += ", Identity: ";
        d.paddedCharacters(body, length - 5);
      }
      break;
    case NOTIFICATION:
      if (length - 5 < 1) return tooShort("Notification request/response");
      d.text += ", Notification: ";
      d.paddedCharacters(body, length - 5);
      break;
    case NAK:
      if (length - 5 < 1) return tooShort("Legacy NAK request/response");
      for (let index = 0; index < length - 5; index++) {
        const wanted = d.u8(body + index);
        d.text += `${index === 0 ? "" : ","} ${TYPES.get(wanted) ?? "unknown"} (${wanted})`;
      }
      break;
    case TTLS:
    case TLS: {
      if (length - 5 < 1) return tooShort("TLS/TTLS request/response");
      const flags = d.u8(body);
      if (type === TTLS) d.text += ` TTLSv${flags & 7}`;
      d.text += ` flags [${TLS_FLAGS.bits(flags, "none")}] 0x${hex2(flags)}`;
      if ((flags & LENGTH_INCLUDED) !== 0) {
        if (length - 5 < 5) return tooShort("TLS/TTLS request/response with length");
        d.text += `, len ${d.u32(body + 1)}`;
      }
      break;
    }
    case FAST: {
      if (length - 5 < 1) return tooShort("FAST request/response");
      const flags = d.u8(body);
      d.text += ` FASTv${flags & 7} flags [${TLS_FLAGS.bits(flags, "none")}] 0x${hex2(flags)}`;
      if ((flags & LENGTH_INCLUDED) !== 0) {
        if (length - 5 < 5) return tooShort("FAST request/response with length");
        d.text += `, len ${d.u32(body + 1)}`;
      }
      break;
    }
    case AKA:
    case SIM: {
      if (length - 5 < 1) return tooShort("SIM/AKA request/response");
      const subtype = d.u8(body);
      d.text += ` subtype [${AKA_SUBTYPES.get(subtype) ?? "unknown"}] 0x${hex2(subtype)}`;
      break;
    }
    default:
  }
}

export function eapol(d: Dissector, at: number, length: number): void {
  d.protocol = "eap";
  if (length < 4 || !d.has(at, 4)) {
    d.truncated();
    return;
  }
  const type = d.u8(at + 1);
  const size = d.u16(at + 2);
  d.text += `${PACKET_TYPES.get(type) ?? "unknown"} (${type}) v${d.u8(at)}, len ${size}`;
  if (d.verbose === 0) return;
  if (type === 0) {
    if (size === 0) return d.truncated();
    d.text += ", ";
    eap(d, at + 4, length - 4, size);
  }
}
