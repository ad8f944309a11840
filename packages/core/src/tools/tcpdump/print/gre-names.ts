// Flags of GRE and of Geneve.

import { NameTable } from "./names.ts";

export const GRE_FLAGS = new NameTable([
  [0x8000, "checksum present"],
  [0x4000, "routing present"],
  [0x2000, "key present"],
  [0x1000, "sequence# present"],
  [0x800, "source routing present"],
  [128, "ack present"],
]);

export const GENEVE_FLAGS = new NameTable([
  [128, "O"],
  [64, "C"],
  [32, "R1"],
  [16, "R2"],
  [8, "R3"],
  [4, "R4"],
  [2, "R5"],
  [1, "R6"],
]);
