/**
 * What a pcapng file holds (draft-ietf-opsawg-pcapng): typed blocks, so that packets of many interfaces, names, statistics and
 * comments stand in one file. Bytes of values are those of the file; `decode.ts` and `encode.ts` go there and back.
 */

export const BlockType = {
  SECTION_HEADER: 0x0a0d_0d0a,
  INTERFACE: 1,
  OBSOLETE_PACKET: 2,
  SIMPLE_PACKET: 3,
  NAME_RESOLUTION: 4,
  INTERFACE_STATISTICS: 5,
  ENHANCED_PACKET: 6,
  DECRYPTION_SECRETS: 10,
  CUSTOM: 0x0bad,
  CUSTOM_NOT_COPIED: 0x4000_0bad,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;

/** Bytes of type and length before a block's body, and of the length after it. */
export const BLOCK_HEAD = 8;
export const BLOCK_TAIL = 4;

/** Bytes of the bodies before data and options. */
export const FixedLength = {
  SECTION_HEADER: 16,
  INTERFACE: 8,
  PACKET: 20,
  SIMPLE_PACKET: 4,
  STATISTICS: 12,
  SECRETS: 8,
  CUSTOM: 4,
} as const;

/** An option of any block; texts are UTF-8 without a terminator. */
export interface PcapngOption {
  readonly code: number;
  readonly value: Uint8Array;
}

/** A name of an address, of a Name Resolution Block. */
export interface NameRecord {
  /** 1: IPv4, 2: IPv6, 3: EUI-48, 4: EUI-64; others are kept as they are. */
  readonly type: number;
  /** The address, then names, each with a zero after it. */
  readonly value: Uint8Array;
}

export type PcapngBlock =
  | {
      readonly kind: "section";
      readonly major: number;
      readonly minor: number;
      /** Bytes of the section without this block; undefined if it was not known when this was written. */
      readonly length?: bigint | undefined;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "interface";
      readonly linkType: number;
      /** Bytes; 0 is no limit. */
      readonly snapLength: number;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "packet";
      /** Index of the interface within its section, in order of the interface blocks. */
      readonly interfaceIndex: number;
      /** Units of the interface's time resolution since 1970. */
      readonly timestamp: bigint;
      readonly originalLength: number;
      /** View into the decoded buffer. */
      readonly bytes: Uint8Array;
      readonly options: readonly PcapngOption[];
    }
  /** A packet of the section's first interface, without time and options; `bytes` may have padding at its end. */
  | { readonly kind: "simple-packet"; readonly originalLength: number; readonly bytes: Uint8Array }
  | {
      readonly kind: "obsolete-packet";
      readonly interfaceIndex: number;
      /** Packets that were lost between the one before and this one; 65535: not known. */
      readonly drops: number;
      readonly timestamp: bigint;
      readonly originalLength: number;
      readonly bytes: Uint8Array;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "names";
      readonly records: readonly NameRecord[];
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "statistics";
      readonly interfaceIndex: number;
      readonly timestamp: bigint;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "secrets";
      /** 0x544c534b: TLS key log; 0x57474b4c: WireGuard key log. */
      readonly type: number;
      readonly bytes: Uint8Array;
      readonly options: readonly PcapngOption[];
    }
  /** Somebody's own block. */
  | {
      readonly kind: "custom";
      /** May be copied into files that a program changes. */
      readonly copied: boolean;
      /** Private enterprise number. */
      readonly enterprise: number;
      /** Data and options, padding included, in the byte order of the file. */
      readonly body: Uint8Array;
    }
  | {
      readonly kind: "other";
      readonly type: number;
      /** Between the two length fields, padding included, in the byte order of the file. */
      readonly body: Uint8Array;
    };

/** The next multiple of 4. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
