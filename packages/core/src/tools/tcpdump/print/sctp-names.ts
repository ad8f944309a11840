// Chunks and payload protocols of SCTP.

import { NameTable } from "./names.ts";

export const CHUNKS = new NameTable([
  [0, "DATA"],
  [1, "INIT"],
  [2, "INIT ACK"],
  [3, "SACK"],
  [4, "HB REQ"],
  [5, "HB ACK"],
  [6, "ABORT"],
  [7, "SHUTDOWN"],
  [8, "SHUTDOWN ACK"],
  [9, "OP ERR"],
  [10, "COOKIE ECHO"],
  [11, "COOKIE ACK"],
  [12, "ECN ECHO"],
  [13, "ECN CWR"],
  [14, "SHUTDOWN COMPLETE"],
  [192, "FOR CUM TSN"],
  [193, "REL CTRL"],
  [194, "REL CTRL ACK"],
]);

export const PAYLOAD_PROTOCOLS = new NameTable([
  [1, "ISDN Q.921"],
  [2, "M2UA"],
  [3, "M3UA"],
  [4, "SUA"],
  [5, "M2PA"],
  [6, "V5.2"],
  [7, "H.248"],
  [8, "BICC"],
  [9, "TALI"],
  [10, "DUA"],
  [11, "ASAP"],
  [12, "ENRP"],
  [13, "H.323"],
  [14, "Q.IPC"],
  [15, "SIMCO"],
  [16, "DDPSC"],
  [17, "DDPSSC"],
  [18, "S1AP"],
  [19, "RUA"],
  [20, "HNBAP"],
  [21, "ForCES HP"],
  [22, "ForCES MP"],
  [23, "ForCES LP"],
  [24, "SBc-AP"],
  [25, "NBAP"],
  [27, "X2AP"],
]);

/** Ports of ForCES (RFC 5811), for messages of high, middle and low priority. */
export const FORCES_CHANNELS = new NameTable([
  [6704, "ForCES HP"],
  [6705, "ForCES MP"],
  [6706, "ForCES LP"],
]);
