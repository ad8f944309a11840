// OpenFlow messages over TCP: the header that all versions share. Versions 1.0 and 1.3 are shown further.

import type { Dissector } from "../dissector.ts";
import { hex2, hex8 } from "../numbers.ts";
import { Cursor } from "./cursor.ts";
import type { MessageKind } from "./cursor.ts";
import { MESSAGES_10 } from "./version10.ts";
import { MESSAGES_13 } from "./version13.ts";

const HEADER_LENGTH = 8;
const VERSIONS: Readonly<Record<number, string>> = {
  1: "1.0",
  2: "1.1",
  3: "1.2",
  4: "1.3",
  5: "1.4",
  6: "1.5",
};

const KINDS: Readonly<Record<number, readonly (MessageKind | undefined)[]>> = {
  1: MESSAGES_10,
  4: MESSAGES_13,
};

function message(d: Dissector, at: number, length: number, kind: MessageKind | undefined): void {
  const isWrong =
    kind !== undefined &&
    ((kind.is === "exact" && length !== kind.length) || (kind.is === "least" && length < kind.length));
  if (isWrong) d.invalid();
  if (isWrong || d.verbose === 0 || kind?.print === undefined) d.check(at, length);
  else kind.print(new Cursor(d, at, length));
}

export function openflow(d: Dissector, start: number, total: number): void {
  d.protocol = "openflow";
  d.text += ": OpenFlow";
  let at = start;
  let left = total;
  while (left > 0) {
    const version = d.u8(at);
    d.text += `\n\tversion ${VERSIONS[version] ?? `unknown (0x${hex2(version)})`}`;
    const partial = (bytes: number): void => {
      d.text += " (end of TCP payload)";
      d.check(at + bytes, left - bytes);
    };
    if (left < 2) return partial(1);
    const type = d.u8(at + 1);
    const kind = KINDS[version]?.[type];
    d.text += `, type ${kind?.name ?? `unknown (0x${hex2(type)})`}`;
    if (left < 4) return partial(2);
    const length = d.u16(at + 2);
    d.text += `, length ${length}${length < HEADER_LENGTH ? " (too short!)" : ""}`;
    if (left < HEADER_LENGTH) return partial(4);
    d.text += `, xid 0x${hex8(d.u32(at + 4))}`;
    at += HEADER_LENGTH;
    left -= HEADER_LENGTH;
    if (length < HEADER_LENGTH) {
      d.invalid();
      d.check(at, left);
      return;
    }
    const size = length - HEADER_LENGTH;
    message(d, at, size, kind);
    if (size > left) return;
    at += size;
    left -= size;
  }
}
