// AH (RFC 4302) and IPComp (RFC 3173).

import type { Dissector } from "./dissector.ts";
import { hex, hex2, hex4, hex8 } from "./numbers.ts";

/** Returns the length of the header. */
export function authenticationHeader(d: Dissector, at: number): number {
  d.text += "AH";
  const units = d.u8(at + 1);
  const body = (units + 2) * 4;
  d.text += "(";
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
  d.text += `IPComp(cpi=0x${hex4(d.u16(at + 2))})`;
}
