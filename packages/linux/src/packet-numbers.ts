// Numbers of linux/if_packet.h, and the VLAN tag that the kernel keeps beside a frame.

import type { ReceivedFrame } from "@patchcord/core/system/sockets.ts";

export const PACKET = { ADD_MEMBERSHIP: 1, RX_RING: 5, STATISTICS: 6, AUXDATA: 8, VERSION: 10 } as const;

const ETH_P_8021Q = 0x8100;

/** tp_status bits of linux/if_packet.h. */
const STATUS = { VLAN_VALID: 0x10, VLAN_TPID_VALID: 0x40 } as const;

/** The tag that was taken off the frame, from tpacket_auxdata or tpacket3_hdr. */
export function strippedTag(status: number, tci: number, tpid: number): ReceivedFrame["vlan"] {
  if ((status & STATUS.VLAN_VALID) === 0) return undefined;
  return { tci, tpid: (status & STATUS.VLAN_TPID_VALID) === 0 ? ETH_P_8021Q : tpid };
}
