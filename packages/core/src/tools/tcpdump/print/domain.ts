// DNS (RFC 1035) with multicast DNS (RFC 6762) and LLMNR, over UDP and TCP. Resource records are in domain-records.ts.

import type { Dissector } from "./dissector.ts";
import { question, record } from "./domain-records.ts";
import { skipName } from "./dns-name.ts";
import { hex } from "./numbers.ts";

const HEADER_LENGTH = 12;
const INVERSE_QUERY = 1;
/** Bits of a query that mean nothing there. */
const STRANGE_BITS = 0x6cf;

const OPERATIONS = ["", " inv_q", " stat", " op3", " notify", " update", " op6", " op7", " op8",
  " updateA", " updateD", " updateDA", " updateM", " updateMA", " zoneInit", " zoneRef"]; // prettier-ignore
const RESPONSES = ["", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused", " YXDomain", " YXRRSet",
  " NXRRSet", " NotAuth", " NotZone", " Resp11", " Resp12", " Resp13", " Resp14", " NoChange"]; // prettier-ignore

class Section {
  readonly #d: Dissector;
  readonly #message: number;
  readonly #multicast: boolean;
  at: number;

  constructor(d: Dissector, message: number, multicast: boolean) {
    this.#d = d;
    this.#message = message;
    this.#multicast = multicast;
    this.at = message + HEADER_LENGTH;
  }

  question(): boolean {
    const next = question(this.#d, this.at, this.#message, this.#multicast);
    if (next === undefined) return false;
    this.at = next;
    return true;
  }

  skipQuestion(): boolean {
    const next = skipName(this.#d, this.at);
    if (next === undefined) return false;
    this.at = next + 4;
    return this.at <= this.#d.end || this.at === next + 4;
  }

  /** Prints `count` records with commas between them; false if they are cut off. */
  records(count: number): boolean {
    const d = this.#d;
    for (let left = count; left > 0; left--) {
      if (left < count) {
        if (this.at >= d.end) return false;
        d.text += ",";
      }
      const next = record(d, this.at, this.#message, this.#multicast);
      if (next === undefined) return false;
      this.at = next;
    }
    return true;
  }

  /** A section that only -vv shows. */
  more(name: string, count: number): boolean {
    if (count === 0) return true;
    if (this.at >= this.#d.end) return false;
    this.#d.text += name;
    return this.records(count);
  }
}

function response(d: Dissector, at: number, flags: number, section: Section): boolean {
  const questions = d.u16(at + 4);
  const [answers, authorities, additional] = [d.u16(at + 6), d.u16(at + 8), d.u16(at + 10)];
  d.text += `${d.u16(at)}${OPERATIONS[(flags >>> 11) & 15]}${RESPONSES[flags & 15]}`;
  d.text += `${(flags & 0x400) === 0 ? "" : "*"}${(flags & 0x80) === 0 ? "-" : ""}`;
  d.text += `${(flags & 0x200) === 0 ? "" : "|"}${(flags & 0x20) === 0 ? "" : "$"}`;
  if (questions !== 1) d.text += ` [${questions}q]`;
  for (let index = 0; index < questions; index++) {
    if (index > 0) d.text += ",";
    if (d.verbose > 1) {
      d.text += " q:";
      if (!section.question()) return false;
    } else if (!section.skipQuestion()) return false;
  }
  d.text += ` ${answers}/${authorities}/${additional}`;
  if (answers > 0) {
    if (!section.records(answers)) return false;
  }
  if (d.verbose <= 1) return true;
  return section.more(" ns:", authorities) && section.more(" ar:", additional);
}

function query(d: Dissector, at: number, flags: number, section: Section): boolean {
  const questions = d.u16(at + 4);
  const [answers, authorities, additional] = [d.u16(at + 6), d.u16(at + 8), d.u16(at + 10)];
  const operation = (flags >>> 11) & 15;
  d.text += `${d.u16(at)}${OPERATIONS[operation]}${(flags & 0x100) === 0 ? "" : "+"}`;
  d.text += (flags & 0x10) === 0 ? "" : "%";
  if ((flags & STRANGE_BITS) !== 0) d.text += ` [b2&3=0x${hex(flags)}]`;
  if (operation === INVERSE_QUERY) {
    if (questions > 0) d.text += ` [${questions}q]`;
    if (answers !== 1) d.text += ` [${answers}a]`;
  } else {
    if (answers > 0) d.text += ` [${answers}a]`;
    if (questions !== 1) d.text += ` [${questions}q]`;
  }
  if (authorities > 0) d.text += ` [${authorities}n]`;
  if (additional > 0) d.text += ` [${additional}au]`;
  for (let index = 0; index < questions; index++) {
    if (index > 0 && section.at >= d.end) return false;
    if (!section.question()) return false;
  }
  if (d.verbose <= 1) return true;
  if (answers > 0 && !section.records(answers)) return false;
  return section.more(" ns:", authorities) && section.more(" ar:", additional);
}

export function domain(
  d: Dissector,
  start: number,
  total: number,
  overTcp: boolean,
  multicast: boolean,
): void {
  d.protocol = "domain";
  let at = start;
  let length = total;
  if (overTcp) {
    // A length of two bytes comes first, and more than one message may follow.
    if (length < 2) {
      d.text += ` [DNS over TCP: length ${length} < 2]`;
      d.invalid();
      return;
    }
    length -= 2;
    const prefix = d.u16(at);
    if (prefix !== length) {
      d.text += ` [prefix length(${prefix}) != length(${length})]`;
      d.invalid();
      return;
    }
    at += 2;
    d.text += " ";
  }
  if (length < HEADER_LENGTH) {
    d.text += `domain [length ${length} < ${HEADER_LENGTH}]`;
    d.invalid();
    return;
  }
  if (!d.has(at, HEADER_LENGTH)) {
    d.truncated();
    return;
  }
  const flags = d.u16(at + 2);
  const section = new Section(d, at, multicast);
  const complete = (flags & 0x8000) === 0 ? query(d, at, flags, section) : response(d, at, flags, section);
  if (complete) d.text += ` (${length})`;
  else d.truncated();
}
