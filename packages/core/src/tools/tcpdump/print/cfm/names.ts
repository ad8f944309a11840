// Names of connectivity fault management (IEEE 802.1Q clause 21).

import { NameTable } from "../names.ts";

export const OPCODES = new NameTable([
  [1, "Continuity Check Message"],
  [2, "Loopback Reply"],
  [3, "Loopback Message"],
  [4, "Linktrace Reply"],
  [5, "Linktrace Message"],
]);

export const DOMAIN_FORMATS = new NameTable([
  [0, "IEEE 802.1"],
  [1, "No MD Name present"],
  [2, "DNS string"],
  [3, "MAC + 16Bit Integer"],
  [4, "Character string"],
]);

export const ASSOCIATION_FORMATS = new NameTable([
  [0, "IEEE 802.1"],
  [1, "Primary VID"],
  [2, "Character string"],
  [3, "16Bit Integer"],
  [4, "RFC2685 VPN-ID"],
]);

export const REPLY_FLAGS = new NameTable([
  [0x80, "UseFDB Only"],
  [0x40, "FwdYes"],
  [0x20, "Terminal MEP"],
]);

export const RELAY_ACTIONS = new NameTable([
  [1, "Exact Match"],
  [2, "Filtering DB"],
  [3, "MIP CCM DB"],
]);

export const TLVS = new NameTable([
  [0, "End"],
  [1, "Sender ID"],
  [2, "Port status"],
  [3, "Interface status"],
  [4, "Data"],
  [5, "Reply Ingress"],
  [6, "Reply Egress"],
  [31, "Organization Specific"],
]);

export const PORT_STATES = new NameTable([
  [1, "Blocked"],
  [2, "Up"],
]);

export const INTERFACE_STATES = new NameTable([
  [1, "Up"],
  [2, "Down"],
  [3, "Testing"],
  [5, "Dormant"],
  [6, "not present"],
  [7, "lower Layer down"],
]);

export const CHASSIS = new NameTable([
  [0, "Reserved"],
  [1, "Chassis component"],
  [2, "Interface alias"],
  [3, "Port component"],
  [4, "MAC address"],
  [5, "Network address"],
  [6, "Interface name"],
  [7, "Locally assigned"],
]);
