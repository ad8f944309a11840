// What an IP header carries, by its protocol number.

import type { Dissector } from "./dissector.ts";
import { icmp } from "./icmp.ts";
import { IP_PROTOCOLS } from "./ip-names.ts";
import { ipv4 } from "./ipv4.ts";
import { ipv6 } from "./ipv6.ts";
import { tcp } from "./tcp.ts";
import { udp } from "./udp.ts";

/** The header that carries a payload, for those who need its addresses or its hop limit. */
export interface Carrier {
  readonly version: number;
  readonly fragmented: boolean;
  readonly ttl: number;
  /** Offset of the IP header. */
  readonly header: number;
}

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

const PRINTERS: ReadonlyMap<number, Printer> = new Map<number, Printer>([
  [1, only(4, (d, at, length, carrier) => icmp(d, at, length, carrier.fragmented), 1)],
  [4, ipv4],
  [41, ipv6],
  [59, (d) => d.print("no next header")],
  [77, (d, _at, length) => d.print(` nd ${length}`)],
]);

const [TCP, UDP] = [6, 17];

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
  if (protocol === TCP) return tcp(d, at, length, header, fragmented);
  if (protocol === UDP) return udp(d, at, length, header, fragmented, ttl);
  const print = PRINTERS.get(protocol);
  if (print !== undefined) return print(d, at, length, { version, fragmented, ttl, header });
  const name = d.addresses.protocolName(protocol);
  d.text += `${name === undefined ? ` ip-proto-${protocol}` : ` ${name}`} ${length}`;
}
