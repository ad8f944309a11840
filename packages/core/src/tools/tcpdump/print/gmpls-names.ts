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
  [254, "Maximum allocation with E-LSP support"],
]);

/** Payloads by their generalized payload identifier, from 0 on. */
export const PAYLOADS: readonly string[] = [
  "Unknown",
  "Reserved",
  "Reserved",
  "Reserved",
  "Reserved",
  "Asynchronous mapping of E4",
  "Asynchronous mapping of DS3/T3",
  "Asynchronous mapping of E3",
  "Bit synchronous mapping of E3",
  "Byte synchronous mapping of E3",
  "Asynchronous mapping of DS2/T2",
  "Bit synchronous mapping of DS2/T2",
  "Reserved",
  "Asynchronous mapping of E1",
  "Byte synchronous mapping of E1",
  "Byte synchronous mapping of 31 * DS0",
  "Asynchronous mapping of DS1/T1",
  "Bit synchronous mapping of DS1/T1",
  "Byte synchronous mapping of DS1/T1",
  "VC-11 in VC-12",
  "Reserved",
  "Reserved",
  "DS1 SF Asynchronous",
  "DS1 ESF Asynchronous",
  "DS3 M23 Asynchronous",
  "DS3 C-Bit Parity Asynchronous",
  "VT/LOVC",
  "STS SPE/HOVC",
  "POS - No Scrambling, 16 bit CRC",
  "POS - No Scrambling, 32 bit CRC",
  "POS - Scrambling, 16 bit CRC",
  "POS - Scrambling, 32 bit CRC",
  "ATM mapping",
  "Ethernet PHY",
  "SONET/SDH",
  "Reserved (SONET deprecated)",
  "Digital Wrapper",
  "Lambda",
  "ANSI/ETSI PDH",
  "Reserved",
  "Link Access Protocol SDH (X.85 and X.86)",
  "FDDI",
  "DQDB (ETSI ETS 300 216)",
  "FiberChannel-3 (Services)",
  "HDLC",
  "Ethernet V2/DIX (only)",
  "Ethernet 802.3 (only)",
  "G.709 ODUj",
  "G.709 OTUk(v)",
  "CBR/CBRa",
  "CBRb",
  "BSOT",
  "BSNT",
  "IP/PPP (GFP)",
  "Ethernet MAC (framed GFP)",
  "Ethernet PHY (transparent GFP)",
  "ESCON",
  "FICON",
  "Fiber Channel",
];
