// Names in UDLD.

import { NameTable } from "./names.ts";

export const UDLD_CODES = new NameTable([
  [0, "Reserved"],
  [1, "Probe message"],
  [2, "Echo message"],
  [3, "Flush message"],
]);

export const UDLD_TLVS = new NameTable([
  [1, "Device-ID TLV"],
  [2, "Port-ID TLV"],
  [3, "Echo TLV"],
  [4, "Message Interval TLV"],
  [5, "Timeout Interval TLV"],
  [6, "Device Name TLV"],
  [7, "Sequence Number TLV"],
]);

export const UDLD_FLAGS = new NameTable([
  [1, "RT"],
  [2, "RSY"],
  [4, "MBZ-2"],
  [8, "MBZ-3"],
  [16, "MBZ-4"],
  [32, "MBZ-5"],
  [64, "MBZ-6"],
  [128, "MBZ-7"],
]);
