// Names in spanning tree BPDUs.

import { NameTable } from "./names.ts";

export const VERSIONS = new NameTable([
  [0, "802.1d"],
  [2, "802.1w"],
  [3, "802.1s"],
  [4, "802.1aq"],
]);

export const FLAGS = new NameTable([
  [1, "Topology change"],
  [2, "Proposal"],
  [16, "Learn"],
  [32, "Forward"],
  [64, "Agreement"],
  [128, "Topology change ACK"],
]);

export const BPDU_TYPES = new NameTable([
  [0, "Config"],
  [2, "Rapid STP"],
  [128, "Topology Change"],
]);

export const PORT_ROLES = new NameTable([
  [0, "Unknown"],
  [1, "Alternate"],
  [2, "Root"],
  [3, "Designated"],
]);
