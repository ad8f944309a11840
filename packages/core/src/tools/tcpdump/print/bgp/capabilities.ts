// Capabilities in a BGP OPEN message (RFC 5492).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NETWORK_FAMILIES } from "../network-address.ts";
import { hex2 } from "../numbers.ts";
import { asNumber } from "./communities.ts";
import { ADD_PATH, CAPABILITIES, SUBSEQUENT_FAMILIES } from "./names.ts";

/** False if the rest is not to be looked at. */
type Printer = (d: Dissector, at: number, length: number) => boolean;

function families(d: Dissector, at: number, safi: number): string {
  const [family, subsequent] = [d.u16(at), d.u8(safi)];
  return `AFI ${NETWORK_FAMILIES.get(family) ?? "Unknown"} (${family}), SAFI ${SUBSEQUENT_FAMILIES.get(subsequent) ?? "Unknown"} (${subsequent})`;
}

function tooShort(d: Dissector, least: number): false {
  d.text += ` (too short, < ${least})`;
  return false;
}

const multiprotocol: Printer = (d, at, length) => {
  if (length < 4) return tooShort(d, 4);
  d.text += `\n\t\t${families(d, at, at + 3)}`;
  return true;
};

const multipleLabels: Printer = (d, at, length) => {
  for (let place = 0; length - place >= 4; place += 4) {
    d.text += `\n\t\t${families(d, at + place, at + place + 2)}, Count: ${d.u8(at + place + 3)}`;
  }
  return true;
};

const restart: Printer = (d, at, length) => {
  if (length < 2) return tooShort(d, 2);
  const field = d.u16(at);
  d.text += `\n\t\tRestart Flags: [${(field & 0x8000) === 0 ? "none" : "R"}], Restart Time ${field & 0xfff}s`;
  for (let place = 2; length - place >= 4; place += 4) {
    const preserved = (d.u8(at + place + 3) & 0x80) !== 0 ? "yes" : "no";
    d.text += `\n\t\t  ${families(d, at + place, at + place + 2)}, Forwarding state preserved: ${preserved}`;
  }
  return true;
};

const wideAs: Printer = (d, at, length) => {
  if (length < 4) return tooShort(d, 4);
  d.text += `\n\t\t 4 Byte AS ${asNumber(d, d.u32(at))}`;
  return true;
};

const addPath: Printer = (d, at, length) => {
  if (length === 0) d.text += " (bogus)";
  for (let place = 0; place < length; place += 4) {
    if (length - place < 4) {
      d.invalid();
      break;
    }
    const mode = d.u8(at + place + 3);
    d.text += `\n\t\t${families(d, at + place, at + place + 2)}, Send/Receive: ${ADD_PATH.get(mode) ?? `Bogus (0x${hex2(mode)})`}`;
  }
  return true;
};

const nothing: Printer = () => true;

const PRINTERS: ReadonlyMap<number, Printer> = new Map([
  [1, multiprotocol],
  [2, nothing],
  [8, multipleLabels],
  [64, restart],
  [65, wideAs],
  [69, addPath],
  [71, nothing],
  [128, nothing],
]);

export function capabilities(d: Dissector, start: number, total: number): void {
  for (let place = 0; place < total;) {
    const at = start + place;
    if (!d.has(at, 2)) return d.truncated();
    const type = d.u8(at);
    const length = d.u8(at + 1);
    d.text += `\n\t      ${CAPABILITIES.get(type) ?? "Unknown"} (${type}), length: ${length}`;
    if (!d.has(at + 2, length)) return d.truncated();
    const print = PRINTERS.get(type);
    if (print === undefined) {
      d.text += `\n\t\tno decoder for Capability ${type}`;
      if (d.verbose <= 1) unknownData(d, at + 2, "\n\t\t", length);
    } else if (!print(d, at + 2, length)) return;
    if (d.verbose > 1 && length > 0) unknownData(d, at + 2, "\n\t\t", length);
    place += 2 + length;
  }
}
