// RESP, the protocol of Redis: simple strings, errors, integers, bulk strings, arrays, and commands as plain lines.

import type { Dissector } from "./dissector.ts";

const [PLUS, MINUS, COLON, DOLLAR, ASTERISK, ZERO, CR, LF] = [
  0x2b, 0x2d, 0x3a, 0x24, 0x2a, 0x30, 13, 10,
] as const;
const MAX_INTEGER = 2 ** 31 - 1;

/** What stands for a length that is none. */
type Missing = "null" | "length too large" | "length negative and not -1" | "invalid";

/** A place in the segment; `left` counts down to the segment's end. */
class Cursor {
  readonly d: Dissector;
  at: number;
  left: number;

  constructor(d: Dissector, at: number, left: number) {
    this.d = d;
    this.at = at;
    this.left = left;
  }

  /** The byte here. Whatever ends too early looks cut off. */
  peek(offset = 0): number {
    if (this.left <= offset) this.d.cutOff();
    this.d.need(this.at + offset, 1);
    return this.d.u8(this.at + offset);
  }

  /** As peek(), where the original does not ask whether the byte was captured. */
  read(): number {
    if (this.left <= 0) this.d.cutOff();
    return this.d.u8(this.at);
  }

  skip(count = 1): void {
    this.at += count;
    this.left -= count;
  }

  isLineEnd(): boolean {
    const byte = this.read();
    return byte === CR || byte === LF;
  }

  skipLineEnds(): void {
    let found = false;
    while (this.left > 0) {
      if (!this.isLineEnd()) {
        if (!found) this.d.cutOff();
        return;
      }
      found = true;
      this.skip();
    }
  }

  toCarriageReturn(): void {
    while (this.peek() !== CR || this.peek(1) !== LF) this.skip();
  }
}

function segment(cursor: Cursor, at: number, length: number): void {
  const { d } = cursor;
  d.text += ' "';
  d.characters(at, length);
  d.text += '"';
}

function lengthField(cursor: Cursor): number | Missing {
  const negative = cursor.read() === MINUS;
  if (negative) cursor.skip();
  let value = 0;
  let digits = 0;
  let tooLarge = false;
  for (; ; cursor.skip(), digits++) {
    const digit = cursor.read() - ZERO;
    if (digit < 0 || digit > 9) break;
    if (value * 10 + digit > MAX_INTEGER) tooLarge = true;
    else value = value * 10 + digit;
  }
  if (digits === 0 || cursor.read() !== CR) {
    cursor.skip();
    return "invalid";
  }
  cursor.skip();
  if (cursor.read() !== LF) {
    cursor.skip();
    return "invalid";
  }
  cursor.skip();
  if (negative) return tooLarge || value !== 1 ? "length negative and not -1" : "null";
  return tooLarge ? "length too large" : value;
}

function line(cursor: Cursor): void {
  cursor.skip();
  const start = cursor.at;
  cursor.toCarriageReturn();
  segment(cursor, start, cursor.at - start);
  cursor.skip(2);
}

function bulk(cursor: Cursor): void {
  const { d } = cursor;
  cursor.skip();
  const length = lengthField(cursor);
  if (typeof length === "string") {
    d.text += ` ${length}`;
    return;
  }
  if (length === 0) d.text += " empty";
  else {
    if (cursor.left < length) d.cutOff();
    d.need(cursor.at, length);
    segment(cursor, cursor.at, length);
    cursor.skip(length);
  }
  cursor.toCarriageReturn();
  cursor.skip(2);
}

function array(cursor: Cursor): void {
  cursor.skip();
  const count = lengthField(cursor);
  if (count === 0) cursor.d.text += " empty";
  else if (typeof count === "string") cursor.d.text += ` ${count}`;
  else for (let index = 0; index < count; index++) item(cursor);
}

function plain(cursor: Cursor): void {
  while (cursor.left > 0 && cursor.isLineEnd()) cursor.skip();
  const start = cursor.at;
  while (!cursor.isLineEnd()) cursor.skip();
  segment(cursor, start, cursor.at - start);
  cursor.skipLineEnds();
}

function item(cursor: Cursor): void {
  switch (cursor.read()) {
    case PLUS:
    case MINUS:
    case COLON:
      return line(cursor);
    case DOLLAR:
      return bulk(cursor);
    case ASTERISK:
      return array(cursor);
    default:
      return plain(cursor);
  }
}

export function redis(d: Dissector, at: number, length: number): void {
  d.protocol = "resp";
  if (length === 0) return;
  d.text += ": RESP";
  const cursor = new Cursor(d, at, length);
  d.untilCut(() => {
    while (cursor.left > 0) item(cursor);
  });
}
