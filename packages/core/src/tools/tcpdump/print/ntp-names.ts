// Names in NTP packets.

import { NameTable } from "./names.ts";

export const MODES = new NameTable([
  [0, "unspecified"],
  [1, "symmetric active"],
  [2, "symmetric passive"],
  [3, "Client"],
  [4, "Server"],
  [5, "Broadcast"],
  [6, "Control Message"],
  [7, "Reserved"],
]);

export const LEAP = new NameTable([
  [0, ""],
  [64, "+1s"],
  [128, "-1s"],
  [192, "clock unsynchronized"],
]);

export const STRATA = new NameTable([
  [0, "unspecified"],
  [1, "primary reference"],
]);
