// AODV (RFC 3561), over IPv6 too, and the layout of draft-perkins-manet-aodv6-01.

import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { hex8 } from "./numbers.ts";

const [REQUEST, REPLY, ERROR, ACKNOWLEDGEMENT, DRAFT] = [1, 2, 3, 4, 15] as const;
const HELLO = 1;
const REQUEST_FLAGS: readonly (readonly [number, string])[] = [
  [0x80, "[J]"],
  [0x40, "[R]"],
  [0x20, "[G]"],
  [0x10, "[D]"],
];

/** Where addresses and numbers are. */
interface Layout {
  readonly version: 4 | 6;
  readonly isDraft: boolean;
}

function address(d: Dissector, at: number, { version }: Layout): string {
  return version === 4 ? d.ipv4(at) : d.ipv6(at);
}

function extension(d: Dissector, at: number, length: number): void {
  if (length < 2) return;
  d.check(at, 2);
  const type = d.u8(at);
  const size = d.u8(at + 1);
  if (type !== HELLO) {
    d.text += `\n\text ${type} ${size}`;
    return;
  }
  d.check(at, 6);
  if (length < 6) throw TRUNCATED;
  d.text += size < 4 ? `\n\text HELLO - bad length ${size}` : `\n\text HELLO ${d.u32(at + 2)} ms`;
}

function need(d: Dissector, at: number, length: number, size: number): void {
  d.check(at, size);
  if (length < size) throw TRUNCATED;
}

function request(d: Dissector, at: number, length: number, layout: Layout): void {
  const width = layout.version === 4 ? 4 : 16;
  const size = 16 + 2 * width;
  need(d, at, length, size);
  // The flags are looked for in the type, as tcpdump does.
  const type = d.u8(at);
  d.text += `${layout.version === 6 && !layout.isDraft ? " v6" : ""} rreq ${length} `;
  d.text += REQUEST_FLAGS.map(([bit, text]) => ((type & bit) === 0 ? "" : text)).join("");
  d.text += `${(type & 0x08) === 0 ? " " : "[U] "}hops ${d.u8(at + 3)} id 0x${hex8(d.u32(at + 4))}\n\t`;
  const [destination, destinationSequence, origin, originSequence] = layout.isDraft
    ? [at + 16, at + 8, at + 16 + width, at + 12]
    : [at + 8, at + 8 + width, at + 12 + width, at + 12 + 2 * width];
  d.text += `dst ${address(d, destination, layout)} seq ${d.u32(destinationSequence)}`;
  d.text += ` src ${address(d, origin, layout)} seq ${d.u32(originSequence)}`;
  extension(d, at + size, length - size);
}

function reply(d: Dissector, at: number, length: number, layout: Layout): void {
  const width = layout.version === 4 ? 4 : 16;
  const size = 12 + 2 * width;
  need(d, at, length, size);
  const type = d.u8(at);
  d.text += ` rrep ${length} ${(type & 0x80) === 0 ? "" : "[R]"}${(type & 0x40) === 0 ? " " : "[A] "}`;
  d.text += `prefix ${d.u8(at + 2) & 0x1f} hops ${d.u8(at + 3)}\n\t`;
  const [destination, sequence, origin] = layout.isDraft
    ? [at + 8, at + 4, at + 8 + width]
    : [at + 4, at + 4 + width, at + 8 + width];
  d.text += `dst ${address(d, destination, layout)} dseq ${d.u32(sequence)}`;
  d.text += ` src ${address(d, origin, layout)} ${d.u32(at + size - 4)} ms`;
  extension(d, at + size, length - size);
}

function error(d: Dissector, at: number, length: number, layout: Layout): void {
  need(d, at, length, 4);
  const count = d.u8(at + 3);
  d.text += ` rerr ${(d.u8(at + 1) & 0x80) === 0 ? "" : "[D]"} [items ${count}] [${length}]:`;
  const width = layout.version === 4 ? 4 : 16;
  const size = width + 4;
  for (let index = 0; index < count; index++) {
    const place = at + 4 + size * index;
    need(d, place, length - 4 - size * index, size);
    d.text += ` {${address(d, place, layout)}}(${d.u32(place + width)})`;
  }
}

function message(d: Dissector, at: number, length: number, version: 4 | 6): void {
  const kind = d.u8(at);
  d.text += " aodv";
  const isDraft = kind > DRAFT && kind <= DRAFT + ACKNOWLEDGEMENT;
  const layout: Layout = { version: isDraft ? 6 : version, isDraft };
  switch (isDraft ? kind - DRAFT : kind) {
    case REQUEST:
      return request(d, at, length, layout);
    case REPLY:
      return reply(d, at, length, layout);
    case ERROR:
      return error(d, at, length, layout);
    case ACKNOWLEDGEMENT:
      d.text += ` rrep-ack ${length}`;
      return;
    default:
      d.text += ` type ${kind} ${length}`;
  }
}

export function aodv(d: Dissector, at: number, length: number, version: 4 | 6): void {
  d.protocol = "aodv";
  d.check(at, 1);
  d.whileCaptured(() => message(d, at, length, version));
}
