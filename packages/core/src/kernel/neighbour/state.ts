// Groups of neighbour states (RFC 4861, 7.3.2, with Linux's additions) and the flags of an update. States are bits, so that
// groups of them can be asked for; an entry is in one state at a time.

import { NUD } from "../../netlink/rtnl/neighbour.ts";

/** Sent to without asking (NUD_CONNECTED). */
export const NUD_CONNECTED = NUD.PERMANENT | NUD.NOARP | NUD.REACHABLE;
/** Has a link-layer address that can be used (NUD_VALID). */
export const NUD_VALID = NUD_CONNECTED | NUD.PROBE | NUD.STALE | NUD.DELAY;
/** A timer runs (NUD_IN_TIMER). */
export const NUD_IN_TIMER = NUD.INCOMPLETE | NUD.REACHABLE | NUD.DELAY | NUD.PROBE;

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
