// What UDP carries, by port, or by -T.

import type { Dissector } from "./dissector.ts";
import type { PacketType } from "./options.ts";

/** Prints the payload by its ports; false if nobody knows them. */
export function udpPayload(
  d: Dissector,
  from: number,
  to: number,
  at: number,
  length: number,
  announced: number,
  header: number,
  fragmented: boolean,
  ttl: number,
): boolean {
  void [d, from, to, at, length, announced, header, fragmented, ttl];
  return false;
}

/** Prints the payload as -T says. `endpoints` prints addresses and ports. */
export function udpPayloadByType(
  d: Dissector,
  type: PacketType,
  at: number,
  length: number,
  header: number,
  endpoints: () => void,
): void {
  endpoints();
  void [d, type, at, length, header];
}
