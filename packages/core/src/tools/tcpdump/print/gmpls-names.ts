// Names of generalized MPLS signalling (RFC 3471), which IS-IS, OSPF, RSVP and LMP share.

import { NameTable } from "./names.ts";

export const LINK_PROTECTION = new NameTable([
  [0x01, "Extra Traffic"],
  [0x02, "Unprotected"],
  [0x04, "Shared"],
  [0x08, "Dedicated 1:1"],
  [0x10, "Dedicated 1+1"],
  [0x20, "Enhanced"],
  [0x40, "Reserved"],
  [0x80, "Reserved"],
]);

export const SWITCHING = new NameTable([
  [1, "Packet-Switch Capable-1"],
  [2, "Packet-Switch Capable-2"],
  [3, "Packet-Switch Capable-3"],
  [4, "Packet-Switch Capable-4"],
  [51, "Layer-2 Switch Capable"],
  [100, "Time-Division-Multiplex"],
  [150, "Lambda-Switch Capable"],
  [200, "Fiber-Switch Capable"],
]);

/** Switching types that carry packets, and the one that divides time. */
export const PACKET_SWITCHING: ReadonlySet<number> = new Set([1, 2, 3, 4]);
export const TIME_DIVISION = 100;

export const TIME_DIVISION_INDICATIONS = new NameTable([
  [0, "Standard SONET/SDH"],
  [1, "Arbitrary SONET/SDH"],
]);

export const ENCODINGS = new NameTable([
  [1, "Packet"],
  [2, "Ethernet V2/DIX"],
  [3, "ANSI/ETSI PDH"],
  [4, "Reserved"],
  [5, "SDH ITU-T G.707/SONET ANSI T1.105"],
  [6, "Reserved"],
  [7, "Digital Wrapper"],
  [8, "Lambda (photonic)"],
  [9, "Fiber"],
  [10, "Reserved"],
  [11, "FiberChannel"],
]);

/** Models of bandwidth constraints (RFC 4124). */
export const CONSTRAINT_MODELS = new NameTable([
  [0, "Russian dolls"],
  [1, "Maximum allocation"],
]);
