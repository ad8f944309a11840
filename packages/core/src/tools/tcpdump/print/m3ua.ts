// M3UA, the user adaptation layer of SS7's MTP3 (RFC 4666), as SCTP carries it.

import type { Dissector } from "./dissector.ts";
import { M3UA_CLASSES, M3UA_MESSAGES, M3UA_PARAMETERS } from "./m3ua-names.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 8;
const RELEASE_1 = 1;
const PARAMETER_HEADER = 4;
/** Parameters that are a number: network appearance, routing context, correlation id. */
const NUMBERS: ReadonlySet<number> = new Set([0x0200, 0x0006, 0x0013]);

function wrong(d: Dissector, at: number, length: number): void {
  d.invalid();
  d.check(at, length);
}

/** tcpdump prints the first bytes of the parameter, its header, for its value. */
function value(d: Dissector, at: number, tag: number, size: number): void {
  if (NUMBERS.has(tag)) {
    if (size < 4) return wrong(d, at, size);
    d.text += `0x${hex8(d.u32(at))}`;
  } else d.text += `(length ${size + PARAMETER_HEADER})`;
  d.check(at, size);
}

function parameters(d: Dissector, start: number, size: number): void {
  for (let at = start; at < start + size;) {
    if (at + PARAMETER_HEADER > start + size) return wrong(d, start, size);
    const tag = d.u16(at);
    d.text += `\n\t\t\t${M3UA_PARAMETERS.get(tag) ?? `Unknown Parameter (0x${hex4(tag)})`}: `;
    const length = d.u16(at + 2);
    if (length < PARAMETER_HEADER) return wrong(d, start, size);
    const padding = (4 - ((at + length - start) % 4)) % 4;
    d.check(at, length + padding);
    value(d, at, tag, length - PARAMETER_HEADER);
    at += length + padding;
  }
}

export function m3ua(d: Dissector, at: number, size: number): void {
  d.protocol = "m3ua";
  if (size < HEADER_LENGTH) return wrong(d, at, size);
  d.check(at, HEADER_LENGTH);
  if (d.u8(at) !== RELEASE_1) return;
  const [messageClass, type, length] = [d.u8(at + 2), d.u8(at + 3), d.u32(at + 4)];
  d.text += `\n\t\t${M3UA_CLASSES.get(messageClass) ?? `Unknown message class ${messageClass}`}`;
  const names = M3UA_MESSAGES[messageClass];
  if (names !== undefined) d.text += ` ${names.get(type) ?? `Unknown (0x${hex2(type)})`} Message`;
  if (size !== length) d.text += `\n\t\t\t@@@@@@ Corrupted length ${length} of message @@@@@@`;
  else parameters(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
}
