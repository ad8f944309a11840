// Service access points, protocol ids and commands of IEEE 802.2.

import { NameTable } from "./names.ts";

export const SAPS = new NameTable([
  [0, "Null"],
  [255, "Global"],
  [2, "802.1B I"],
  [3, "802.1B G"],
  [6, "IP"],
  [4, "SNA"],
  [14, "ProWay NM"],
  [66, "STP"],
  [78, "RS511"],
  [126, "ISO8208"],
  [142, "ProWay"],
  [170, "SNAP"],
  [224, "IPX"],
  [240, "NetBeui"],
  [254, "OSI"],
]);

export const COMMANDS = new NameTable([
  [3, "ui"],
  [227, "test"],
  [175, "xid"],
  [99, "ua"],
  [67, "disc"],
  [15, "dm"],
  [111, "sabme"],
  [135, "frmr"],
]);

export const FLAGS = new NameTable([
  [0, "Command"],
  [1, "Response"],
  [16, "Poll"],
  [17, "Final"],
  [0x100, "Poll"],
  [0x101, "Final"],
]);

export const DSAP_GROUP = new NameTable([
  [0, "Individual"],
  [1, "Group"],
]);

export const SUPERVISORY = new NameTable([
  [0, "Receiver Ready"],
  [1, "Receiver not Ready"],
  [2, "Reject"],
]);

export const CISCO_PIDS = new NameTable([
  [0x2000, "CDP"],
  [0x2003, "VTP"],
  [0x2004, "DTP"],
  [0x111, "UDLD"],
  [0x10b, "PVST"],
  [0x10c, "VLAN Bridge"],
]);

export const BRIDGED_PIDS = new NameTable([
  [1, "Ethernet + FCS"],
  [7, "Ethernet w/o FCS"],
  [2, "802.4 + FCS"],
  [8, "802.4 w/o FCS"],
  [3, "Token Ring + FCS"],
  [9, "Token Ring w/o FCS"],
  [4, "FDDI + FCS"],
  [10, "FDDI w/o FCS"],
  [5, "802.6 + FCS"],
  [11, "802.6 w/o FCS"],
  [14, "BPDU"],
]);
