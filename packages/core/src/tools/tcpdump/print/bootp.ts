// BOOTP (RFC 951) and DHCP (RFC 2131). Options are in bootp-options.ts.

import { FLAGS, OPERATIONS } from "./bootp-names.ts";
import { dhcpOptions } from "./bootp-options.ts";
import type { Dissector } from "./dissector.ts";
import { hex, hex2 } from "./numbers.ts";

const ETHERNET = 1;
const MAGIC_RFC1048 = 0x6382_5363;
const MAGIC_CMU = 0x434d_5500;
const VENDOR = 236;

export function bootp(d: Dissector, at: number, length: number): void {
  d.protocol = "bootp";
  d.text += `BOOTP/DHCP, ${OPERATIONS.get(d.u8(at)) ?? `unknown (0x${hex2(d.u8(at))})`}`;
  const hardwareType = d.u8(at + 1);
  const hardwareLength = d.u8(at + 2);
  if (hardwareType === ETHERNET && hardwareLength === 6 && d.u8(at) === 1) {
    d.text += ` from ${d.mac(at + 28)}`;
  }
  d.text += `, length ${length}`;
  if (d.verbose === 0) return;
  if (!d.has(at + 8, 2)) return d.truncated();
  if (hardwareType !== ETHERNET) d.text += `, htype ${hardwareType}`;
  if (hardwareType !== ETHERNET || hardwareLength !== 6) d.text += `, hlen ${hardwareLength}`;
  const hops = d.u8(at + 3);
  if (hops !== 0) d.text += `, hops ${hops}`;
  const transaction = d.u32(at + 4);
  if (transaction !== 0) d.text += `, xid 0x${hex(transaction)}`;
  const seconds = d.u16(at + 8);
  if (seconds !== 0) d.text += `, secs ${seconds}`;
  const flags = d.u16(at + 10);
  d.text += `, Flags [${FLAGS.bits(flags, "none")}]`;
  if (d.verbose > 1) d.text += ` (0x${flags.toString(16).padStart(4, "0")})`;
  for (const [offset, name] of ADDRESSES) {
    if (d.u32(at + offset) !== 0) d.text += `\n\t  ${name}-IP ${d.ipv4(at + offset)}`;
  }
  if (hardwareType === ETHERNET && hardwareLength === 6) {
    d.check(at + 28, 6);
    d.text += `\n\t  Client-Ethernet-Address ${d.mac(at + 28)}`;
  }
  for (const [offset, size, name] of NAMES) {
    if (d.u8(at + offset) === 0) continue;
    d.text += `\n\t  ${name} "`;
    if (d.terminatedCharacters(at + offset, size, d.end) === 0) {
      d.text += '"';
      return d.truncated();
    }
    d.text += '"';
  }
  if (!d.has(at + VENDOR, 1)) return d.truncated();
  const magic = d.u32(at + VENDOR);
  if (magic === MAGIC_RFC1048) dhcpOptions(d, at + VENDOR);
  else if (magic === MAGIC_CMU) cmu(d, at + VENDOR);
  else if (magic !== 0) d.text += `\n\t  Vendor-#0x${hex(magic)}`;
}

const ADDRESSES: readonly (readonly [number, string])[] = [
  [12, "Client"],
  [16, "Your"],
  [20, "Server"],
  [24, "Gateway"],
];
const NAMES: readonly (readonly [number, number, string])[] = [
  [44, 64, "sname"],
  [108, 128, "file"],
];

/** What Carnegie Mellon had in the vendor field before RFC 1048. */
function cmu(d: Dissector, at: number): void {
  d.text += " vend-cmu";
  const flags = d.u8(at + 4);
  if ((flags & ~1) !== 0) d.text += ` F:0x${hex(flags)}`;
  const fields: readonly (readonly [number, string])[] = [
    [12, "DG"],
    [8, "SM"],
    [16, "NS1"],
    [20, "NS2"],
    [24, "IEN1"],
    [28, "IEN2"],
    [32, "TS1"],
    [36, "TS2"],
  ];
  d.check(at, 64);
  for (const [offset, name] of fields)
    if (d.u32(at + offset) !== 0) d.text += ` ${name}:${d.ipv4(at + offset)}`;
}
