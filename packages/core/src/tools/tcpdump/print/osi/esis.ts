// The end system to intermediate system protocol (ISO 9542).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NameTable } from "../names.ts";
import { NLPIDS } from "../nlpid-names.ts";
import { hex2, hex4 } from "../numbers.ts";
import { nsap } from "./address.ts";
import { checksumText } from "./checksum.ts";
import { allBytes } from "./clnp.ts";

const HEADER_LENGTH = 9;
const VERSION = 1;
const [REDIRECT, END_SYSTEM, INTERMEDIATE_SYSTEM] = [6, 2, 4] as const;

const PDUS = new NameTable([
  [REDIRECT, "redirect"],
  [END_SYSTEM, "ESH"],
  [INTERMEDIATE_SYSTEM, "ISH"],
]);

const OPTIONS = new NameTable([
  [129, "Protocols supported"],
  [195, "QoS Maintenance"],
  [197, "Security"],
  [198, "ES Configuration Time"],
  [205, "Priority"],
  [225, "Addressk Mask"],
  [226, "SNPA Mask"],
]);

/** What is left of the header while it is read. */
interface Rest {
  at: number;
  left: number;
}

export function esis(d: Dissector, start: number, length: number): void {
  d.protocol = "esis";
  if (!d.linkHeaders) d.text += "ES-IS";
  if (length <= 2) {
    d.text += d.quiet > 0 ? "bad pkt!" : "no header at all!";
    return;
  }
  d.untilCut(() => pdu(d, start, length));
}

function pdu(d: Dissector, start: number, length: number): void {
  d.need(start, HEADER_LENGTH);
  const indicator = d.u8(start + 1);
  const version = d.u8(start + 2);
  if (version !== VERSION) {
    d.text += ` version ${version} packet not supported`;
    return;
  }
  if (indicator > length) {
    d.text += ` length indicator(${indicator}) > PDU size (${length})!`;
    return;
  }
  if (indicator < HEADER_LENGTH + 2) {
    d.text += ` length indicator ${indicator} < min PDU size:${allBytes(d, start)}`;
    return;
  }
  const type = d.u8(start + 4) & 0x1f;
  const comma = d.linkHeaders ? "" : ", ";
  if (d.verbose < 1) {
    d.text += `${comma}${PDUS.get(type) ?? `unknown type (${type})`}, length ${length}`;
    return;
  }
  d.text += `${comma}length ${length}\n\t${PDUS.get(type) ?? `unknown type: ${type}`} (${type})`;
  const sum = d.u16(start + 7);
  d.text += `, v: ${version}, checksum: 0x${hex4(sum)}`;
  checksumText(d, start, sum, 7, indicator);
  d.text += `, holding time: ${d.u16(start + 5)}s, length indicator: ${indicator}`;
  if (d.verbose > 1) unknownData(d, start, "\n\t", HEADER_LENGTH);
  const rest: Rest = { at: start + HEADER_LENGTH, left: indicator - HEADER_LENGTH };
  const name = type === REDIRECT ? "redirect" : type === END_SYSTEM ? "esh" : "ish";
  let whole: boolean;
  if (type === REDIRECT) whole = redirect(d, rest);
  else if (type === END_SYSTEM) whole = endSystem(d, rest);
  else if (type === INTERMEDIATE_SYSTEM) whole = netAddress(d, rest);
  else {
    if (d.verbose <= 1 && d.has(rest.at, 1)) unknownData(d, rest.at, "\n\t  ", d.available(rest.at));
    return;
  }
  if (whole) options(d, rest);
  else d.text += `, bad ${name}/li`;
}

/** The place of an address behind its length; undefined if it does not fit. */
function address(d: Dissector, rest: Rest, counted = true): { at: number; length: number } | undefined {
  d.need(rest.at, 1);
  if (rest.left < 1) return undefined;
  const length = d.u8(rest.at++);
  if (counted) rest.left--;
  d.need(rest.at, length);
  if (rest.left < length) return undefined;
  const { at } = rest;
  rest.at += length;
  rest.left -= length;
  return { at, length };
}

/** False if something does not fit. */
function redirect(d: Dissector, rest: Rest): boolean {
  const destination = address(d, rest);
  if (destination === undefined) return false;
  d.text += `\n\t  ${nsap(d, destination.at, destination.length)}`;
  const point = address(d, rest);
  if (point === undefined) return false;
  // The length of the last address is not counted, as in the original.
  const net = address(d, rest, false);
  if (net === undefined) return false;
  d.text += `\n\t  SNPA (length: ${point.length}): ${d.linkAddress(point.at, point.length)}`;
  if (net.length > 0) d.text += `\n\t  NET (length: ${net.length}) ${nsap(d, net.at, net.length)}`;
  return true;
}

function netAddress(d: Dissector, rest: Rest): boolean {
  const net = address(d, rest);
  if (net === undefined) return false;
  d.text += `\n\t  NET (length: ${net.length}): ${nsap(d, net.at, net.length)}`;
  return true;
}

function endSystem(d: Dissector, rest: Rest): boolean {
  d.need(rest.at, 1);
  if (rest.left < 1) return false;
  let count = d.u8(rest.at++);
  rest.left--;
  d.text += `\n\t  Number of Source Addresses: ${count}`;
  for (; count > 0; count--) if (!netAddress(d, rest)) return false;
  return true;
}

function options(d: Dissector, rest: Rest): void {
  while (rest.left > 0) {
    if (rest.left < 2) {
      d.text += ", bad opts/li";
      return;
    }
    const type = d.u8(rest.at);
    const length = d.u8(rest.at + 1);
    const at = rest.at + 2;
    rest.left -= 2;
    if (length > rest.left) {
      d.text += `, opt (${type}) too long`;
      return;
    }
    rest.left -= length;
    d.text += `\n\t  ${OPTIONS.get(type) ?? "Unknown"} Option #${type}, length ${length}, value: `;
    rest.at = at;
    if (type === 129) {
      for (let index = 0; index < length; index++) {
        const id = d.u8(at + index);
        d.text += `${NLPIDS.get(id) ?? "unknown"} (0x${hex2(id)})${index + 1 < length ? ", " : ""}`;
      }
      // The original uses up the length here, so that the next option is taken from the same place.
      continue;
    }
    if (type === 198) d.text += length === 2 ? `${d.u16(at)}s` : "(bad length)";
    else unknownData(d, at, "\n\t  ", length);
    if (d.verbose > 1) unknownData(d, at, "\n\t  ", length);
    rest.at = at + length;
  }
}
