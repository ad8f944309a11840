// Names in OSPF (RFC 2328).

import { NameTable } from "./names.ts";

export const PACKETS = new NameTable([
  [1, "Hello"],
  [2, "Database Description"],
  [3, "LS-Request"],
  [4, "LS-Update"],
  [5, "LS-Ack"],
]);

export const OPTIONS = new NameTable([
  [1, "MultiTopology"],
  [2, "External"],
  [4, "Multicast"],
  [8, "NSSA"],
  [16, "LLS"],
  [32, "Demand Circuit"],
  [64, "Opaque"],
  [128, "Up/Down"],
]);

export const AUTHENTICATION = new NameTable([
  [0, "none"],
  [1, "simple"],
  [2, "MD5"],
]);

export const LSA_TYPES = new NameTable([
  [1, "Router"],
  [2, "Network"],
  [3, "Summary"],
  [4, "ASBR Summary"],
  [5, "External"],
  [6, "Multicast Group"],
  [7, "NSSA"],
  [9, "Link Local Opaque"],
  [10, "Area Local Opaque"],
  [11, "Domain Wide Opaque"],
]);

export const DD_FLAGS = new NameTable([
  [4, "Init"],
  [2, "More"],
  [1, "Master"],
  [8, "OOBResync"],
]);

export const ROUTER_FLAGS = new NameTable([
  [1, "ABR"],
  [2, "ASBR"],
  [4, "Virtual"],
  [8, "Wildcard"],
  [16, "Nt"],
  [128, "Host"],
]);
