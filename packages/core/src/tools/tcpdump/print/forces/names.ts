// Names of ForCES (RFC 5810), the forwarding and control element separation.

import { NameTable } from "../names.ts";

export const ACKS = new NameTable([
  [0, "NoACK"],
  [1, "SuccessACK"],
  [2, "FailureACK"],
  [3, "AlwaysACK"],
]);

export const EXECUTION_MODES = new NameTable([
  [0, "EMReserved"],
  [1, "execute-all-or-none"],
  [2, "execute-until-failure"],
  [3, "continue-execute-on-failure"],
]);

export const ATOMICITY = new NameTable([
  [0, "Standalone"],
  [1, "2PCtransaction"],
]);

export const TRANSACTION_PHASES = new NameTable([
  [0, "StartofTransaction"],
  [1, "MiddleofTransaction"],
  [2, "EndofTransaction"],
  [3, "abort"],
]);

/** Classes of logical function blocks. */
export const FUNCTION_BLOCKS = new NameTable([
  [0, "Invalid TLV"],
  [1, "FEObj LFB"],
  [2, "FEProtoObj LFB"],
]);

export const TLVS = new NameTable([
  [0x0, "Invalid TLV"],
  [0x1, "REDIRECT TLV"],
  [0x10, "ASResult TLV"],
  [0x11, "ASTreason TLV"],
  [0x1000, "LFBselect TLV"],
  [0x110, "PATH-DATA TLV"],
  [0x111, "KEYINFO TLV"],
  [0x112, "FULLDATA TLV"],
  [0x113, "SPARSEDATA TLV"],
  [0x114, "RESULT TLV"],
  [0x115, "METADATA TLV"],
  [0x116, "REDIRECTDATA TLV"],
]);

export const TLV_FAULTS = new NameTable([
  [1, "Invalid total length"],
  [2, "xLV too short"],
  [3, "xLV too long"],
  [4, "data padding missing"],
]);

export const RESULTS = new NameTable([
  [0, "SUCCESS"],
  [1, "INVALID HEADER"],
  [2, "LENGTH MISMATCH"],
  [3, "VERSION MISMATCH"],
  [4, "INVALID DESTINATION PID"],
  [5, "LFB UNKNOWN"],
  [6, "LFB NOT FOUND"],
  [7, "LFB INSTANCE ID NOT FOUND"],
  [8, "INVALID PATH"],
  [9, "COMPONENT DOES NOT EXIST"],
  [10, "EXISTS ALREADY"],
  [11, "NOT FOUND"],
  [12, "READ ONLY"],
  [13, "INVALID ARRAY CREATION"],
  [14, "VALUE OUT OF RANGE"],
  [15, "CONTENTS TOO LONG"],
  [16, "INVALID PARAMETERS"],
  [17, "INVALID MESSAGE TYPE"],
  [18, "INVALID FLAGS"],
  [19, "INVALID TLV"],
  [20, "EVENT ERROR"],
  [21, "NOT SUPPORTED"],
  [22, "MEMORY ERROR"],
  [23, "INTERNAL ERROR"],
  [255, "UNSPECIFIED ERROR"],
]);

/** Whose an id is, by the range it is in. */
export function elementKind(id: number): string {
  if (id <= 0x3fff_ffff) return "FE";
  if (id <= 0x7fff_ffff) return "CE";
  if (id >= 0xc000_0000 && id <= 0xffff_ffef) return "AllMulticast";
  if (id === 0xffff_fffd) return "AllCEsBroadcast";
  if (id === 0xffff_fffe) return "AllFEsBroadcast";
  return id === 0xffff_ffff ? "AllBroadcast" : "ForCESreserved";
}
