// Types of ICMP messages and classes of their extension objects (RFC 4884).

import { NameTable } from "./names.ts";

export const TYPES = new NameTable([
  [0, "echo reply"],
  [4, "source quench"],
  [8, "echo request"],
  [10, "router solicitation"],
  [13, "time stamp request"],
  [14, "time stamp reply"],
  [15, "information request"],
  [16, "information reply"],
  [17, "address mask request"],
]);

export const EXTENSION_OBJECTS = new NameTable([
  [1, "MPLS Stack Entry"],
  [2, "Interface Identification"],
]);
