// Cisco NetFlow versions 1, 5 and 6, by -T cnfp.

import type { Dissector } from "./dissector.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { hex, padded } from "./numbers.ts";

const TCP = 6;
/** Lengths of header and record by version. */
const LENGTHS: Readonly<Record<number, readonly [number, number]>> = {
  1: [16, 48],
  5: [24, 52],
  6: [24, 52],
};
const LETTERS = ["F", "S", "R", "P", "A", "U"];

function milliseconds(value: number): string {
  return `${Math.floor(value / 1000)}.${padded(value % 1000, 3)}`;
}

function flagLetters(flags: number): string {
  const letters = LETTERS.filter((_, bit) => (flags & (1 << bit)) !== 0).join("");
  return flags === 0 ? letters : `${letters} `;
}

function record(d: Dissector, at: number, version: number): void {
  const first = version === 1;
  d.text += `\n  started ${milliseconds(d.u32(at + 24))}, last ${milliseconds(d.u32(at + 28))}`;
  const masks = at + 44;
  const systems = at + 40;
  const end = (address: number, port: number, index: number): string => {
    const detail = first ? "" : `/${d.u8(masks + index)}:${d.u16(systems + 2 * index)}`;
    return `${formatIpv4(d.u32(address))}${detail}:${d.u16(port)} `;
  };
  d.text += `\n    ${end(at, at + 32, 0)}> ${end(at + 4, at + 34, 1)}>> ${formatIpv4(d.u32(at + 8))}\n    `;
  const protocol = d.u8(at + 38);
  d.text += `${d.addresses.protocolName(protocol) ?? protocol} `;
  if (protocol === TCP) d.text += flagLetters(d.u8(at + (first ? 40 : 37)));
  d.text += `tos ${d.u8(at + 39)}, ${d.u32(at + 16)} (${d.u32(at + 20)} octets) `;
  if (version === 6) d.text += `(${d.u8(at + 46)}<>${d.u8(at + 47)} encaps)`;
}

export function netflow(d: Dissector, at: number): void {
  d.protocol = "cnfp";
  d.untilCut(() => flows(d, at));
}

function flows(d: Dissector, at: number): void {
  const version = d.u16(at);
  const lengths = LENGTHS[version];
  if (lengths === undefined) {
    d.text += `NetFlow v${hex(version)}`;
    return;
  }
  const [header, size] = lengths;
  d.need(at, header);
  // tcpdump reads two bytes of the uptime with the two of the count.
  const count = d.u32(at + 2);
  d.text += `NetFlow v${version}, ${milliseconds(d.u32(at + 4))} uptime, ${d.u32(at + 8)}.${padded(d.u32(at + 12), 9)}, `;
  if (version !== 1) d.text += `#${d.u32(at + 16)}, `;
  d.text += `${String(count).padStart(2)} recs`;
  for (let index = 0; index < count; index++) {
    d.need(at + header + size * index, size);
    record(d, at + header + size * index, version);
  }
}
