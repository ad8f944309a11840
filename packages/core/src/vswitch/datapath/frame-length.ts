// How long a frame counts.

import type { Packet } from "../../kernel/device-vport.ts";

/** Bytes of a frame with the tag that is kept beside it. */
export function lengthOf(packet: Packet): number {
  return packet.end - packet.start + (packet.vlanTci >= 0 ? 4 : 0);
}
