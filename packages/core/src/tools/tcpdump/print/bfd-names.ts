// Names in BFD packets.

import { NameTable } from "./names.ts";

export const STATES = new NameTable([
  [0, "AdminDown"],
  [1, "Down"],
  [2, "Init"],
  [3, "Up"],
]);

export const FLAGS = new NameTable([
  [32, "Poll"],
  [16, "Final"],
  [8, "Control Plane Independent"],
  [4, "Authentication Present"],
  [2, "Demand"],
  [1, "Multipoint"],
]);

export const FLAGS_V0 = new NameTable([
  [128, "I Hear You"],
  [64, "Demand"],
  [32, "Poll"],
  [16, "Final"],
  [8, "Control Plane Independent"],
  [4, "Authentication Present"],
  [2, "Reserved"],
  [1, "Reserved"],
]);

export const DIAGNOSTICS = new NameTable([
  [0, "No Diagnostic"],
  [1, "Control Detection Time Expired"],
  [2, "Echo Function Failed"],
  [3, "Neighbor Signaled Session Down"],
  [4, "Forwarding Plane Reset"],
  [5, "Path Down"],
  [6, "Concatenated Path Down"],
  [7, "Administratively Down"],
  [8, "Reverse Concatenated Path Down"],
]);

export const AUTHENTICATION = new NameTable([
  [1, "Simple Password"],
  [2, "Keyed MD5"],
  [3, "Meticulous Keyed MD5"],
  [4, "Keyed SHA1"],
  [5, "Meticulous Keyed SHA1"],
]);
