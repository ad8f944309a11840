// What UDP carries, by port, or by -T. The first entry of the table that knows one of the two ports wins, as in tcpdump.

import type { Dissector } from "./dissector.ts";
import { bfd } from "./bfd.ts";
import { bootp } from "./bootp.ts";
import { dhcp6 } from "./dhcp6.ts";
import { domain } from "./domain.ts";
import { geneve } from "./geneve.ts";
import { hsrp } from "./hsrp.ts";
import { ldp } from "./ldp/ldp.ts";
import { autoRp } from "./pim/pimv1.ts";
import { ntp } from "./ntp.ts";
import type { PacketType } from "./options.ts";

import { rip, ripng } from "./rip.ts";
import { syslog } from "./syslog.ts";
import { sip } from "./text-protocols.ts";
import { tftp } from "./tftp.ts";
import { vxlan, vxlanGpe } from "./vxlan.ts";

/** What a printer gets besides the place of the payload. */
export interface Datagram {
  readonly from: number;
  readonly to: number;
  /** Offset of the IP header. */
  readonly header: number;
  readonly fragmented: boolean;
  readonly ttl: number;
}

type Printer = (d: Dissector, at: number, length: number, datagram: Datagram) => void;

/** Ports in the order in which they are tried; "to": only as the destination. */
const TABLE: readonly (readonly [readonly number[], Printer, "to"?])[] = [
  [[53], (d, at, length) => domain(d, at, length, false, false)],
  [[67, 68], bootp],
  [[69], tftp],
  [[520], rip],
  [[123], ntp],
  [[521], ripng],
  [[546, 547], dhcp6],
  [[1985], (d, at, length) => hsrp(d, at, length), "to"],
  [[5353], (d, at, length) => domain(d, at, length, false, true)],
  [[5355], (d, at, length) => domain(d, at, length, false, false)],
  [[3784, 3785, 4784, 6784], (d, at, length, { to }) => bfd(d, at, length, to), "to"],
  [[514], syslog],
  [[5060], sip],
  [[646], ldp],
  [[496], autoRp],
  [[4789], vxlan],
  [[4790], vxlanGpe],
  [[6081], geneve],
];

interface Entry {
  readonly rank: number;
  readonly print: Printer;
}

const BY_SOURCE = new Map<number, Entry>();
const BY_DESTINATION = new Map<number, Entry>();
for (const [rank, [ports, print, only]] of TABLE.entries()) {
  for (const port of ports) {
    if (!BY_DESTINATION.has(port)) BY_DESTINATION.set(port, { rank, print });
    if (only === undefined && !BY_SOURCE.has(port)) BY_SOURCE.set(port, { rank, print });
  }
}

/** Prints the payload by its ports; false if nobody knows them. */
export function udpPayload(
  d: Dissector,
  from: number,
  to: number,
  at: number,
  length: number,
  header: number,
  fragmented: boolean,
  ttl: number,
): boolean {
  const source = BY_SOURCE.get(from);
  const destination = BY_DESTINATION.get(to);
  let entry = source ?? destination;
  if (source !== undefined && destination !== undefined && destination.rank < source.rank)
    entry = destination;
  if (entry === undefined) return false;
  entry.print(d, at, length, { from, to, header, fragmented, ttl });
  return true;
}

/** Printers of -T; the others print nothing but addresses and ports. */
const BY_TYPE: Partial<Record<PacketType, Printer>> = {
  domain: (d, at, length) => domain(d, at, length, false, false),
  tftp,
  vxlan,
};

/** Prints the payload as -T says. `endpoints` prints addresses and ports. */
export function udpPayloadByType(
  d: Dissector,
  type: PacketType,
  at: number,
  length: number,
  datagram: Datagram,
  endpoints: () => void,
): void {
  endpoints();
  BY_TYPE[type]?.(d, at, length, datagram);
}
