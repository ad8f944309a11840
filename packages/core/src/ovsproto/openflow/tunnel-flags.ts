/** Flags of a tunnel in a flow (FLOW_TNL_F_* of Open vSwitch's lib/packets.h); OpenFlow's tun_flags may set the first only. */
export const TUNNEL_FLAG = { OAM: 1, DF: 2, CSUM: 4, KEY: 8, ALL: 15 } as const;
