// What a tunnel device counts of a packet that it sent, or could not send.

import type { NetDevice } from "../device.ts";
import type { Packet } from "../packet.ts";

/** iptunnel_xmit_stats(): `length` bytes went out, unless `errno` is not 0. */
export function countSent({ statistics }: NetDevice, errno: number, length: number): void {
  if (errno === 0) {
    statistics.txPackets++;
    statistics.txBytes += length;
  } else statistics.txDropped++;
}

/** Drops a packet that has no way to the other end, or a way that leads through the tunnel itself. */
export function refuseToSend(device: NetDevice, packet: Packet, why: "no route" | "circular"): void {
  const { statistics } = device;
  if (why === "circular") statistics.collisions++;
  else statistics.txCarrierErrors++;
  statistics.txErrors++;
  device.kernel.drop(packet, why === "circular" ? "RECURSION_LIMIT" : "IP_OUTNOROUTES", device.name);
}
