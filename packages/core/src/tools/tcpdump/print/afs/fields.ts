// The fields of AFS's calls, which are XDR (RFC 4506) behind the header of Rx, and how each prints. A service's calls are lists
// of steps over them.

import { formatTime } from "../../../../system/calendar.ts";
import type { Dissector } from "../dissector.ts";
import { hex2, hex8, hexPadded, safeCharacter } from "../numbers.ts";

const MICROSECONDS = 1e6; // a second
const VOLUME_TYPES: readonly string[] = ["read-write", "read-only", "backup"];

export class AfsFields {
  readonly d: Dissector;
  at: number;

  constructor(d: Dissector, at: number) {
    this.d = d;
    this.at = at;
  }

  u32(): number {
    const value = this.d.u32(this.at);
    this.at += 4;
    return value;
  }

  need(length: number): void {
    this.d.need(this.at, length);
  }

  say(text: string): void {
    this.d.text += text;
  }
}

export type Step = (fields: AfsFields) => void;

export function word(text: string): Step {
  return (fields) => fields.say(` ${text}`);
}

export const int: Step = (fields) => fields.say(` ${fields.u32() | 0}`);

export const unsigned: Step = (fields) => fields.say(` ${fields.u32()}`);

export const unsigned64: Step = (fields) => {
  const value = fields.d.u64(fields.at);
  fields.at += 8;
  fields.say(` ${value}`);
};

function dateAs(format: string): Step {
  return (fields) => {
    const seconds = fields.u32() | 0;
    fields.say(` ${formatTime(format, seconds * MICROSECONDS)}`);
  };
}

export const date = dateAs("%Y-%m-%d %H:%M:%S");
const statusDate = dateAs("%Y/%m/%d %H:%M:%S");

/** A file's volume, vnode and uniquifier. */
export const fileId: Step = (fields) => {
  fields.need(12);
  fields.say(` fid ${fields.u32()}/${fields.u32()}/${fields.u32()}`);
};

export const server: Step = (fields) => {
  fields.need(12);
  fields.say(` server ${fields.u32()}:${fields.u32()}:${fields.u32()}`);
};

/** Text of at most `longest` bytes. */
export function text(longest: number): Step {
  return (fields) => {
    const { d } = fields;
    const length = fields.u32();
    if (length > longest) d.cutOff();
    fields.say(' "');
    if (d.charactersUntil(fields.at, length, d.end)) d.cutOff();
    fields.say('"');
    fields.at += Math.ceil(length / 4) * 4;
  };
}

/** Text of which each character takes four bytes. */
export function wideText(length: number): Step {
  return (fields) => {
    fields.need(4 * length);
    let shown = "";
    let ended = false;
    for (let index = 0; index < length; index++) {
      const byte = fields.u32() & 0xff;
      ended ||= byte === 0;
      if (!ended) shown += safeCharacter(byte);
    }
    fields.say(` "${shown}"`);
  };
}

/** What a status should become; a mask tells which parts. */
export const storeStatus: Step = (fields) => {
  fields.need(24);
  const mask = fields.u32();
  if (mask !== 0) fields.say(" StoreStatus");
  if ((mask & 1) !== 0) {
    fields.say(" date");
    statusDate(fields);
  } else fields.u32();
  const [owner, group, mode, segment] = [fields.u32(), fields.u32(), fields.u32(), fields.u32()];
  if ((mask & 2) !== 0) fields.say(` owner ${owner}`);
  if ((mask & 4) !== 0) fields.say(` group ${group}`);
  if ((mask & 8) !== 0) fields.say(` mode ${(mode & 0o7777).toString(8)}`);
  if ((mask & 16) !== 0) fields.say(` segsize ${segment}`);
  if ((mask & 1024) !== 0) fields.say(" fsync");
};

/** Epoch and counter of a database. */
export const ubikVersion: Step = (fields) => {
  fields.need(8);
  fields.say(` ${fields.u32()}.${fields.u32()}`);
};

/** A UUID, of which each part takes four bytes. */
export const uuid: Step = (fields) => {
  fields.need(44);
  let shown = ` ${hex8(fields.u32())}${hexPadded(fields.u32(), 4)}${hexPadded(fields.u32(), 4)}`;
  for (let index = 0; index < 8; index++) shown += hex2(fields.u32());
  fields.say(shown);
};

export const volumeType: Step = (fields) => {
  const name = VOLUME_TYPES[fields.u32()];
  if (name !== undefined) fields.say(` type ${name}`);
};

/** A count and so many of something, with `separator` between them. */
export function list(each: Step, separator: string): Step {
  return (fields) => {
    const count = fields.u32();
    for (let index = 0; index < count; index++) {
      each(fields);
      if (index !== count - 1) fields.say(separator);
    }
    if (count === 0) fields.say(" <none!>");
  };
}

/** Steps one after the other. */
export function all(...steps: readonly Step[]): Step {
  return (fields) => {
    for (const step of steps) step(fields);
  };
}

/** A word, and what it names. */
export function named(name: string, step: Step): Step {
  return all(word(name), step);
}

/** The same step for several operations. */
export function each(operations: readonly number[], step: Step): readonly (readonly [number, Step])[] {
  return operations.map((operation) => [operation, step] as const);
}

const RIGHTS: readonly (readonly [number, string])[] = [
  [1, "r"],
  [8, "l"],
  [4, "i"],
  [16, "d"],
  [2, "w"],
  [32, "k"],
  [64, "a"],
];

const LONGEST_ACCESS_LIST = 1024; // bytes

/** Lists of who may do what, as text: two counts, then a name and a number of bits a line. */
export const accessList: Step = (fields) => {
  const { d } = fields;
  const length = fields.u32();
  fields.need(length);
  let source = "";
  for (let index = 0; index < Math.min(length, LONGEST_ACCESS_LIST); index++) {
    const byte = d.u8(fields.at + index);
    if (byte === 0) break;
    source += String.fromCharCode(byte);
  }
  const counts = /^[ \t-\r]*([+-]?\d+)[ \t-\r]*([+-]?\d+)[ \t-\r]*/.exec(source);
  if (counts === null) return;
  let rest = source.slice(counts[0].length);
  const entry = /^[ \t-\r]*([^ \t-\r]+)[ \t-\r]*([+-]?\d+)[ \t-\r]*/;
  for (const [sign, count] of [
    ["+", Number(counts[1])],
    ["-", Number(counts[2])],
  ] as const) {
    for (let index = 0; index < count; index++) {
      const found = entry.exec(rest);
      if (found === null) return;
      rest = rest.slice(found[0].length);
      const bits = Number(found[2]);
      const rights = RIGHTS.map(([bit, letter]) => ((bits & bit) === 0 ? "" : letter)).join("");
      const user = Array.from(found[1] ?? "", (character) => safeCharacter(character.charCodeAt(0))).join("");
      fields.say(` ${sign}{${user} ${rights}}`);
    }
  }
};
