// States of a neighbour entry (RFC 4861, 7.3.2, with Linux's additions) and the flags of an update. States are bits, so
// that groups of them can be asked for; an entry is in one state at a time.

/** NUD_* of linux/neighbour.h. */
export const NUD = {
  NONE: 0,
  /** Being resolved: nothing can be sent yet. */
  INCOMPLETE: 0x01,
  /** Confirmed within the reachable time. */
  REACHABLE: 0x02,
  /** Was reachable once; the next packet starts a check. */
  STALE: 0x04,
  /** In use again: waits for a confirmation from above before it probes. */
  DELAY: 0x08,
  /** Unicast probes are under way. */
  PROBE: 0x10,
  FAILED: 0x20,
  /** Needs no resolution: loopback, multicast, broadcast, point-to-point. */
  NOARP: 0x40,
  /** Set by hand. */
  PERMANENT: 0x80,
} as const;

/** Sent to without asking (NUD_CONNECTED). */
export const NUD_CONNECTED = NUD.PERMANENT | NUD.NOARP | NUD.REACHABLE;
/** Has a link-layer address that can be used (NUD_VALID). */
export const NUD_VALID = NUD_CONNECTED | NUD.PROBE | NUD.STALE | NUD.DELAY;
/** A timer runs (NUD_IN_TIMER). */
export const NUD_IN_TIMER = NUD.INCOMPLETE | NUD.REACHABLE | NUD.DELAY | NUD.PROBE;

/** NTF_*. */
export const NTF = {
  USE: 0x01,
  SELF: 0x02,
  MASTER: 0x04,
  PROXY: 0x08,
  EXT_LEARNED: 0x10,
  OFFLOADED: 0x20,
  STICKY: 0x40,
  ROUTER: 0x80,
} as const;

/** NTF_EXT_* of NDA_FLAGS_EXT. */
export const NTF_EXT = { MANAGED: 0x01, LOCKED: 0x02 } as const;

/** NEIGH_UPDATE_F_*: how far an update may go. */
export const UPDATE = {
  /** A known link-layer address may be replaced. */
  OVERRIDE: 0x1,
  /** A different address of a connected entry makes it STALE, but is not taken. */
  WEAK_OVERRIDE: 0x2,
  OVERRIDE_ISROUTER: 0x4,
  /** Only starts a resolution. */
  USE: 0x1000_0000,
  EXT_LEARNED: 0x2000_0000,
  ISROUTER: 0x4000_0000,
  /** By an administrator: permanent entries may change. */
  ADMIN: 0x800_0000,
} as const;
