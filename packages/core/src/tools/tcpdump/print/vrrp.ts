// VRRP versions 2 and 3 (RFC 3768, RFC 5798) and CARP.

import { checksum, checksum4 } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import type { Carrier } from "./carrier.ts";
import { hex } from "./numbers.ts";
import { VRRP_AUTHENTICATION, VRRP_TYPES } from "./vrrp-names.ts";

const SIMPLE = 1;
const AUTHENTICATION_LENGTH = 8;
const VRRP = 112;

export function vrrp(d: Dissector, at: number, length: number, { header, ttl, version: ip }: Carrier): void {
  d.protocol = "vrrp";
  d.text += "VRRP";
  const first = d.u8(at);
  const version = first >>> 4;
  const type = first & 15;
  d.text += `v${version}, ${VRRP_TYPES.get(type) ?? `unknown type (${type})`}`;
  if (ttl !== 255) d.text += `, (ttl ${ttl})`;
  if (version < 2 || version > 3 || type !== 1) return;
  d.check(at + 2, 1);
  d.text += `, vrid ${d.u8(at + 1)}, prio ${d.u8(at + 2)}`;
  const authentication = d.u8(at + 4);
  if (version === 2) {
    d.text += `, authtype ${VRRP_AUTHENTICATION.get(authentication) ?? `#${authentication}`}`;
    d.text += `, intvl ${d.u8(at + 5)}s, length ${length}`;
  } else d.text += `, intvl ${d.u16(at + 4) & 0xfff}cs, length ${length}`;
  if (d.verbose === 0) return;
  const count = d.u8(at + 3);
  if (version === 3) {
    if (d.has(at, length) && checksum4(d, header, at, length, length, VRRP) !== 0) {
      d.text += `, (bad vrrp cksum ${hex(d.u16(at + 6))})`;
    }
  }
  if (version === 2 && d.has(at, length) && checksum(d, at, length) !== 0) {
    d.text += `, (bad vrrp cksum ${hex(d.u16(at + 6))})`;
  }
  d.text += ", addrs";
  if (count > 1) d.text += `(${count})`;
  d.text += ":";
  let place = at + 8;
  for (let index = 0; index < count; index++) {
    d.text += `${index === 0 ? " " : ","}${ip === 6 ? d.ipv6(place) : d.ipv4(place)}`;
    place += ip === 6 ? 16 : 4;
  }
  if (version === 2 && authentication === SIMPLE) {
    d.text += ' auth "';
    d.paddedCharacters(place, AUTHENTICATION_LENGTH);
    d.text += '"';
  }
}

export function carp(d: Dissector, at: number, length: number, { ttl }: Carrier): void {
  d.protocol = "carp";
  const first = d.u8(at);
  const version = first >>> 4;
  const type = first & 15;
  d.text += `CARPv${version}-${type === 1 ? "advertise" : "unknown"} ${length}: `;
  if (ttl !== 255) d.text += `[ttl=${ttl}!] `;
  if (version !== 2 || type !== 1) return;
  d.check(at + 2, 1);
  d.check(at + 5, 1);
  d.text += `vhid=${d.u8(at + 1)} advbase=${d.u8(at + 5)} advskew=${d.u8(at + 2)} authlen=${d.u8(at + 3)} `;
  if (d.verbose > 0 && d.has(at, length) && checksum(d, at, length) !== 0) {
    d.text += ` (bad carp cksum ${hex(d.u16(at + 6))}!)`;
  }
  d.text += `counter=${d.u64(at + 8)}`;
}
