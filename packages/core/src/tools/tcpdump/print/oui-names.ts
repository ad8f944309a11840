// Vendors that tcpdump names beside a MAC address and in SNAP headers, by the first three bytes.

import { NameTable } from "./names.ts";

export const OUI_NAMES = new NameTable([
  [0, "Ethernet"],
  [12, "Cisco"],
  [94, "IANA"],
  [129, "Nortel Networks SONMP"],
  [248, "Cisco bridged"],
  [0x80c2, "Ethernet bridged"],
  [0xa03e, "ATM Forum"],
  [0xe02f, "DOCSIS Spanning Tree"],
  [0x80007, "Appletalk"],
  [0x9069, "Juniper"],
  [0x80009, "Hewlett-Packard"],
  [0x80c2, "IEEE 802.1 Private"],
  [0x120f, "IEEE 802.3 Private"],
  [0x12bb, "ANSI/TIA"],
  [0x1b21, "DCBX"],
  [0x2320, "Nicira Networks"],
  [0x5c16c7, "Big Switch Networks"],
  [0xb0d2f5, "Vello Systems"],
  [0x2481, "HP"],
  [0x4ea, "HP-Labs"],
  [0x748771, "Infoblox Inc"],
  [0xa42305, "Open Networking Lab"],
  [0x49f, "Freescale"],
  [0x15ad, "Netronome"],
  [0x1018, "Broadcom"],
  [0xe004, "PMC-Sierra"],
  [0xd0f0db, "Ericsson"],
]);
