// Numbers that addresses and routes share (linux/rtnetlink.h): scopes, route types, tables, protocols, flags.

/** RT_SCOPE_*: how far away a destination is; a higher number is nearer. */
export const SCOPE = { UNIVERSE: 0, SITE: 200, LINK: 253, HOST: 254, NOWHERE: 255 } as const;

/** RTN_*. */
export const RTN = {
  UNSPEC: 0,
  UNICAST: 1,
  LOCAL: 2,
  BROADCAST: 3,
  ANYCAST: 4,
  MULTICAST: 5,
  BLACKHOLE: 6,
  UNREACHABLE: 7,
  PROHIBIT: 8,
  THROW: 9,
  NAT: 10,
  XRESOLVE: 11,
} as const;
export const RTN_MAX = 11;

/** RT_TABLE_*. */
export const TABLE = { UNSPEC: 0, COMPAT: 252, DEFAULT: 253, MAIN: 254, LOCAL: 255 } as const;

/** RTPROT_*. */
export const RTPROT = { UNSPEC: 0, REDIRECT: 1, KERNEL: 2, BOOT: 3, STATIC: 4 } as const;

/** RTNH_F_*: flags of a next hop, and in rtm_flags. */
export const RTNH_F = {
  DEAD: 0x01,
  PERVASIVE: 0x02,
  ONLINK: 0x04,
  OFFLOAD: 0x08,
  LINKDOWN: 0x10,
  UNRESOLVED: 0x20,
  TRAP: 0x40,
} as const;
/** What two next hops may differ in and still be the same route (RTNH_COMPARE_MASK). */
export const RTNH_STATE_MASK = RTNH_F.DEAD | RTNH_F.LINKDOWN | RTNH_F.OFFLOAD | RTNH_F.TRAP;

/** RTM_F_*: flags of messages. */
export const RTM_F = {
  NOTIFY: 0x100,
  CLONED: 0x200,
  EQUALIZE: 0x400,
  PREFIX: 0x800,
  LOOKUP_TABLE: 0x1000,
  FIB_MATCH: 0x2000,
  OFFLOAD: 0x4000,
  TRAP: 0x8000,
} as const;

/** RTCF_*: flags of a cached route, shown by `ip route get`. */
export const RTCF = {
  DEAD: 0x0002_0000,
  REDIRECTED: 0x0004_0000,
  DOREDIRECT: 0x0100_0000,
  BROADCAST: 0x1000_0000,
  MULTICAST: 0x2000_0000,
  /** Bit 31; as a signed 32-bit number. */
  LOCAL: 0x8000_0000 | 0,
} as const;
