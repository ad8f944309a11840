// Names of OSPF version 3 (RFC 5340).

import { NameTable } from "../names.ts";

export const OPTIONS = new NameTable([
  [0x01, "V6"],
  [0x02, "External"],
  [0x04, "Deprecated"],
  [0x08, "NSSA"],
  [0x10, "Router"],
  [0x20, "Demand Circuit"],
  [0x0100, "AFs Support"],
  [0x0200, "LLS"],
  [0x0400, "Authentication Trailer"],
]);

export const ROUTER_FLAGS = new NameTable([
  [0x01, "ABR"],
  [0x02, "External"],
  [0x04, "Virtual-Link Endpoint"],
  [0x08, "Deprecated"],
  [0x10, "NSSA Translator"],
]);

export const EXTERNAL_FLAGS = new NameTable([
  [0x8000_0000, "External Type 2"],
  [0x0200_0000, "Forwarding"],
  [0x0100_0000, "Tag"],
]);

export const LSA_TYPES = new NameTable([
  [1, "Router"],
  [2, "Network"],
  [3, "Inter-Area Prefix"],
  [4, "Inter-Area Router"],
  [5, "External"],
  [6, "Deprecated"],
  [7, "NSSA"],
  [8, "Link"],
  [9, "Intra-Area Prefix"],
  [10, "Intra-Area TE"],
  [11, "Grace"],
  [12, "Router Information"],
  [13, "Inter-AS-TE"],
  [14, "Layer 1 VPN"],
]);

export const SCOPES = new NameTable([
  [0x0000, "Link Local"],
  [0x2000, "Area Local"],
  [0x4000, "Domain Wide"],
]);

export const DD_FLAGS = new NameTable([
  [0x04, "Init"],
  [0x02, "More"],
  [0x01, "Master"],
  [0x10, "IPv6 MTU"],
]);

export const PREFIX_OPTIONS = new NameTable([
  [0x01, "No Unicast"],
  [0x02, "Local address"],
  [0x04, "Deprecated"],
  [0x08, "Propagate"],
  [0x10, "Down"],
  [0x20, "N-bit"],
]);
