// The whiteboard of the multicast backbone (wb of LBL).

import type { Dissector } from "./dissector.ts";

const HEADER_LENGTH = 12;
const [DRAWING, ANNOUNCEMENT, REPAIR_REQUEST, REPAIR, KILL, PAGE_REQUEST, PAGE_REPLY] = [
  0, 1, 2, 3, 4, 5, 7,
] as const;
const [DRAWING_LENGTH, PAGE_STATE] = [16, 16] as const;
const [SKIP, HOLE] = [14, 15] as const;
const OPERATIONS = ["", "", "RECT", "LINE", "ML", "DEL", "XFORM", "ELL", "CHAR", "STR", "NOP", "PSCODE", "PSCOMP", "REF",
  "SKIP", "HOLE"]; // prettier-ignore

/** A page: the session that began it, and its number. */
function page(d: Dissector, at: number): string {
  return `${d.ipv4(at)}:${d.u32(at + 4)}`;
}

function offsets(d: Dissector, start: number, count: number): number {
  for (let index = 0; index < count; index++) {
    const at = start + 8 * index;
    d.text += `${index === 0 ? "<" : ","}${d.ipv4(at)}:${d.u32(at + 4)}`;
  }
  return start + 8 * count;
}

/** Each returns false if the message is too short for what it should hold. */
type Message = (d: Dissector, at: number, length: number) => boolean;

const announcement: Message = (d, at, length) => {
  d.text += " wb-id:";
  if (length < 28) return false;
  d.text += ` ${d.u32(at + 12)}/${page(d, at + 16)} (max ${d.u32(at)}/${page(d, at + 4)}) `;
  d.check(at, 28);
  const count = d.u16(at + 24);
  if (length - 28 < 8 * count) return false;
  const name = offsets(d, at + 28, count);
  d.text += '> "';
  d.paddedCharacters(name, length - 28 - 8 * count);
  d.text += '"';
  return true;
};

function range(d: Dissector, at: number): string {
  return `${page(d, at)}<${d.u32(at + 8)}:${d.u32(at + 12)}>`;
}

const repairRequest: Message = (d, at, length) => {
  d.text += " wb-rreq:";
  if (length < 20) return false;
  d.text += ` please repair ${d.ipv4(at)} ${range(d, at + 4)}`;
  return true;
};

const pageRequest: Message = (d, at, length) => {
  d.text += " wb-preq:";
  if (length < 16) return false;
  d.text += ` need ${d.u32(at + 8)}/${page(d, at)}`;
  d.check(at, 16);
  return true;
};

const pageReply: Message = (d, at, length) => {
  d.text += " wb-prep:";
  if (length < 4) return false;
  let place = at + 4;
  for (let count = d.u32(at); count > 0; count--) {
    d.text += ` ${d.u32(place)}/${page(d, place + 4)}`;
    d.check(place, PAGE_STATE);
    place = offsets(d, place + PAGE_STATE, d.u8(place + 12));
    d.text += ">";
  }
  return true;
};

function operations(d: Dissector, start: number, first: number, last: number): void {
  d.text += " <";
  let at = start;
  for (let sequence = first; sequence <= last; sequence++) {
    const type = d.u8(at + 7);
    d.text += ` ${OPERATIONS[type] || `dop-${type}!`}`;
    if (type === SKIP || type === HOLE) {
      const until = d.u32(at);
      d.text += String((until - sequence + 1) >>> 0);
      if (sequence > until || until > last) {
        d.text += "[|]";
        if (until < sequence) return;
      }
      sequence = until;
    }
    at += (d.u16(at + 4) + 8 + 3) & ~3;
  }
  d.text += " >";
}

function drawn(d: Dissector, at: number): void {
  if (d.verbose > 0) operations(d, at + DRAWING_LENGTH, d.u32(at + 8), d.u32(at + 12));
}

const drawing: Message = (d, at, length) => {
  d.text += " wb-dop:";
  if (length < DRAWING_LENGTH) return false;
  d.text += ` ${range(d, at)}`;
  drawn(d, at);
  return true;
};

const repair: Message = (d, at, length) => {
  d.text += " wb-rrep:";
  if (length < 4 + DRAWING_LENGTH) return false;
  d.text += ` for ${d.ipv4(at)} ${range(d, at + 4)}`;
  drawn(d, at + 4);
  return true;
};

const MESSAGES: Readonly<Record<number, Message>> = {
  [DRAWING]: drawing,
  [ANNOUNCEMENT]: announcement,
  [REPAIR_REQUEST]: repairRequest,
  [REPAIR]: repair,
  [PAGE_REQUEST]: pageRequest,
  [PAGE_REPLY]: pageReply,
};

export function whiteboard(d: Dissector, at: number, length: number): void {
  d.protocol = "wb";
  if (length < HEADER_LENGTH) {
    d.invalid();
    return;
  }
  d.check(at, HEADER_LENGTH);
  if (d.u8(at + 11) !== 0) d.text += "*";
  const type = d.u8(at + 10);
  if (type === KILL) {
    d.text += " wb-kill";
    return;
  }
  const print = MESSAGES[type];
  if (print === undefined) d.text += ` wb-${type}!`;
  if (print === undefined || !print(d, at + HEADER_LENGTH, length - HEADER_LENGTH)) d.invalid();
}
