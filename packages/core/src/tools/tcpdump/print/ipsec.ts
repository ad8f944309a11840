// IPsec: ESP (RFC 4303), AH (RFC 4302), IPComp (RFC 3173). Nothing is decrypted.

import type { Dissector } from "./dissector.ts";
import { hex, hex2, hex4, hex8 } from "./numbers.ts";

export function esp(d: Dissector, at: number, length: number): void {
  d.protocol = "esp";
  if (!d.has(at, 8)) {
    d.truncated();
    return;
  }
  d.text += `ESP(spi=0x${hex8(d.u32(at))},seq=0x${hex(d.u32(at + 4))}), length ${length}`;
}

/** Returns the length of the header; -1 if what follows cannot be found. */
export function authenticationHeader(d: Dissector, at: number): number {
  d.protocol = "ah";
  const units = d.u8(at + 1);
  const body = (units + 2) * 4;
  d.text += "AH(";
  if (d.verbose > 0) d.text += `length=${units}(${body}-bytes),`;
  const reserved = d.u16(at + 2);
  if (reserved !== 0) d.text += `reserved=0x${hex(reserved)}[MustBeZero],`;
  d.text += `spi=0x${hex8(d.u32(at + 4))},`;
  d.text += `seq=0x${hex(d.u32(at + 8))},`;
  d.text += "icv=0x";
  for (let place = 12; place < body; place++) d.text += hex2(d.u8(at + place));
  d.text += "): ";
  return body;
}

export function ipcomp(d: Dissector, at: number): void {
  d.protocol = "ipcomp";
  d.text += "IPComp(";
  if (!d.has(at, 4)) {
    d.truncated();
    return;
  }
  d.text = d.text.slice(0, -"IPComp(".length);
  d.text += `IPComp(cpi=0x${hex4(d.u16(at + 2))})`;
}
