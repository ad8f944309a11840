// What the command line says about printing.

/** -T: what UDP packets are taken for, whatever their ports. */
export const PACKET_TYPES = [
  "aodv",
  "carp",
  "cnfp",
  "domain",
  "lmp",
  "pgm",
  "pgm_zmtp1",
  "ptp",
  "radius",
  "resp",
  "rpc",
  "rtcp",
  "rtp",
  "snmp",
  "someip",
  "tftp",
  "vat",
  "vxlan",
  "wb",
  "zmtp1",
] as const;

export type PacketType = (typeof PACKET_TYPES)[number];

export interface PrintOptions {
  /** -A, -AA */
  ascii: number;
  /** -b: AS numbers as ASDOT */
  asDot: boolean;
  /** -e */
  linkHeaders: boolean;
  /** -H: 802.11s draft mesh headers */
  mesh: boolean;
  /** -K */
  skipChecksums: boolean;
  /** -n */
  numeric: boolean;
  /** -N */
  shortNames: boolean;
  /** -q, -qq */
  quiet: number;
  /** -S */
  absoluteSequences: boolean;
  /** -t, -tt, ... */
  timestamps: number;
  /** -T */
  packetType: PacketType | undefined;
  /** -u */
  undecodedNfsHandles: boolean;
  /** -v, -vv, ... */
  verbose: number;
  /** -x, -xx */
  hex: number;
  /** -X, -XX */
  hexAndAscii: number;
  /** -# */
  number: boolean;
  nanoseconds: boolean;
  /** -E */
  espSecret: string | undefined;
  /** -M */
  md5Secret: string | undefined;
}

export const DEFAULTS: PrintOptions = {
  ascii: 0,
  asDot: false,
  linkHeaders: false,
  mesh: false,
  skipChecksums: false,
  numeric: false,
  shortNames: false,
  quiet: 0,
  absoluteSequences: false,
  timestamps: 0,
  packetType: undefined,
  undecodedNfsHandles: false,
  verbose: 0,
  hex: 0,
  hexAndAscii: 0,
  number: false,
  nanoseconds: false,
  espSecret: undefined,
  md5Secret: undefined,
};

/** True if a packet that no printer knows is shown as hex: not with -q, -x and -X. */
export function printsUnknown(options: PrintOptions): boolean {
  return options.quiet === 0 && options.hex === 0 && options.hexAndAscii === 0;
}
