// Time stamps that switches of Arista put in front of the EtherType (0xd28b), as their white paper lays them out.

import type { Dissector } from "./dissector.ts";
import { hex4 } from "./numbers.ts";

const TIMESTAMP = 1;
const [BITS_64, BITS_48] = [1, 2] as const;
const NANOSECONDS = 1_000_000_000;

function named(names: readonly string[], value: number): string {
  return `${names[value] || "Unknown"} (${value})`;
}

function padded(nanoseconds: number): string {
  return String(nanoseconds % NANOSECONDS).padStart(9, "0");
}

/** Returns the bytes before the EtherType of what follows; undefined if what follows is not known. */
export function aristaTag(d: Dissector, at: number): number | undefined {
  d.protocol = "arista";
  const subtype = d.u16(at);
  d.text += `SubType ${subtype === TIMESTAMP ? "Timestamp" : "Unknown"} (0x${hex4(subtype)}), `;
  if (subtype !== TIMESTAMP) return undefined;
  d.text += `Timescale ${named(["TAI", "UTC"], d.u8(at + 2))}, `;
  const format = d.u8(at + 3);
  d.text += `Format ${named(["", "64-bit", "48-bit"], format >>> 4)}, HwInfo ${named(["R/R2", "R3"], format & 15)}, Timestamp `;
  if (format >>> 4 === BITS_64) {
    const seconds = d.u32(at + 4) + Math.floor(d.u32(at + 8) / NANOSECONDS);
    const date = new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
    d.text += `${date}.${padded(d.u32(at + 8))}: `;
    return 12;
  }
  if (format >>> 4 !== BITS_48) return undefined;
  const seconds = d.u16(at + 4);
  const nanoseconds = d.u32(at + 6);
  d.text += `${seconds + Math.floor(nanoseconds / NANOSECONDS)}.${padded(nanoseconds)}: `;
  return 10;
}
