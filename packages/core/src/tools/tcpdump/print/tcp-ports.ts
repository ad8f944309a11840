// What TCP carries, by port, or by -T.

import type { Dissector } from "./dissector.ts";

export function tcpPayload(
  d: Dissector,
  at: number,
  length: number,
  from: number,
  to: number,
  header: number,
): void {
  void [d, at, length, from, to, header];
}
