// What an IP header carries, by its protocol number.

import type { Carrier } from "./carrier.ts";
import type { Dissector } from "./dissector.ts";
import { egp } from "./egp.ts";
import { eigrp } from "./eigrp.ts";
import { esp } from "./esp.ts";
import { pim } from "./pim/pim.ts";
import { dccp } from "./dccp.ts";
import { gre } from "./gre.ts";
import { icmp } from "./icmp.ts";
import { icmpv6 } from "./icmpv6.ts";
import { igrp } from "./igrp.ts";
import { igmp } from "./igmp.ts";
import { IP_PROTOCOLS } from "./ip-names.ts";
import { ipv4 } from "./ipv4.ts";
import { ipv6 } from "./ipv6.ts";
import { authenticationHeader, ipcomp } from "./ipsec.ts";
import { ospf } from "./ospf/ospf.ts";
import { ospf3 } from "./ospf/ospf3.ts";
import { pgm } from "./pgm.ts";
import { rsvp } from "./rsvp/rsvp.ts";
import { sctp } from "./sctp.ts";
import { mobileIp } from "./short-protocols.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";
import { carp, vrrp } from "./vrrp.ts";

type Printer = (d: Dissector, at: number, length: number, carrier: Carrier) => void;

function only(version: number, print: Printer, protocol: number): Printer {
  return (d, at, length, carrier) => {
    if (carrier.version === version) print(d, at, length, carrier);
    else {
      d.text += `[${IP_PROTOCOLS.get(protocol) ?? "unknown"} requires IPv${version}]`;
      d.invalid();
    }
  };
}

function ospfOfVersion(d: Dissector, at: number, length: number, { version }: Carrier): void {
  if (version === 4) ospf(d, at, length);
  else ospf3(d, at, length);
}

const PRINTERS: ReadonlyMap<number, Printer> = new Map<number, Printer>([
  [1, only(4, (d, at, length, carrier) => icmp(d, at, length, carrier.fragmented), 1)],
  [2, only(4, igmp, 2)],
  [4, ipv4],
  [8, egp],
  [9, igrp],
  [41, ipv6],
  [46, rsvp],
  [47, gre],
  [50, esp],
  [55, mobileIp],
  [58, only(6, (d, at, length, carrier) => icmpv6(d, at, length, carrier.header, carrier.fragmented), 58)],
  [59, (d) => d.print("no next header")],
  [88, eigrp],
  [89, ospfOfVersion],
  [103, pim],
  [132, sctp],
  [33, (d, at, length, carrier) => dccp(d, at, length, carrier.header)],
  [113, (d, at, length, carrier) => pgm(d, at, length, carrier.header)],
  [108, (d, at) => ipcomp(d, at)],
  [112, (d, at, length, carrier) => (d.options.packetType === "carp" ? carp : vrrp)(d, at, length, carrier)],
  [143, only(6, (d, at, length) => void d.layers.ethernet(d, at, length, d.available(at)), 143)],
  [77, (d, _at, length) => d.print(` nd ${length}`)],
]);

const [TCP, UDP, AUTHENTICATION] = [6, 17, 51];

/** See `Layers.ipPayload`. */
export function ipPayload(
  d: Dissector,
  at: number,
  length: number,
  version: number,
  fragmented: boolean,
  ttl: number,
  protocol: number,
  header: number,
): void {
  if (protocol === AUTHENTICATION) {
    d.protocol = "ah";
    if (!d.has(at, 1)) return d.truncated();
    const next = d.u8(at);
    const advance = authenticationHeader(d, at);
    ipPayload(d, at + advance, length - advance, version, fragmented, ttl, next, header);
    return;
  }
  if (protocol === TCP) return tcp(d, at, length, header, fragmented);
  if (protocol === UDP) return udp(d, at, length, header, fragmented, ttl);
  const print = PRINTERS.get(protocol);
  if (print !== undefined) return print(d, at, length, { version, fragmented, ttl, header });
  unknownProtocol(d, protocol, length);
}

function unknownProtocol(d: Dissector, protocol: number, length: number): void {
  const name = d.addresses.protocolName(protocol);
  d.text += `${name === undefined ? ` ip-proto-${protocol}` : ` ${name}`} ${length}`;
}
