/**
 * What capture files hold, whatever their format: packets with a time and a link type.
 */

/** Link types (tcpdump.org's registry) that matter here. */
export const LinkType = { ETHERNET: 1, RAW: 101, LINUX_SLL: 113, LINUX_SLL2: 276 } as const;

/** Snapshot length that tcpdump uses unless told: as good as no limit. */
export const DEFAULT_SNAP_LENGTH = 262_144;

/** A moment since 1970-01-01 00:00 UTC; nanoseconds do not fit into a double in one piece. */
export interface CaptureTime {
  readonly seconds: number;
  /** 0..999999999. */
  readonly nanoseconds: number;
}

/** `bytes` is a view into the decoded buffer when it was read. */
export interface CapturePacket {
  readonly time: CaptureTime;
  /** Bytes on the wire, of which `bytes` may be the first ones only. */
  readonly originalLength: number;
  readonly bytes: Uint8Array;
}
