// Names in ICMPv6, neighbour discovery, MLD and RPL.

import { NameTable } from "./names.ts";

export const ICMPV6_TYPES = new NameTable([
  [1, "destination unreachable"],
  [2, "packet too big"],
  [3, "time exceeded in-transit"],
  [4, "parameter problem"],
  [128, "echo request"],
  [129, "echo reply"],
  [130, "multicast listener query"],
  [131, "multicast listener report"],
  [132, "multicast listener done"],
  [133, "router solicitation"],
  [134, "router advertisement"],
  [135, "neighbor solicitation"],
  [136, "neighbor advertisement"],
  [137, "redirect"],
  [138, "router renumbering"],
  [141, "inverse neighbor solicitation"],
  [142, "inverse neighbor advertisement"],
  [143, "multicast listener report v2"],
  [144, "ha discovery request"],
  [145, "ha discovery reply"],
  [146, "mobile router solicitation"],
  [147, "mobile router advertisement"],
  [139, "who-are-you request"],
  [140, "who-are-you reply"],
  [139, "node information query"],
  [140, "node information reply"],
  [201, "mtrace message"],
  [200, "mtrace response"],
  [155, "RPL"],
]);

export const UNREACHABLE_CODES = new NameTable([
  [0, "unreachable route"],
  [1, " unreachable prohibited"],
  [2, "beyond scope"],
  [3, "unreachable address"],
  [4, "unreachable port"],
]);

export const PREFIX_FLAGS = new NameTable([
  [128, "onlink"],
  [64, "auto"],
  [32, "router"],
]);

export const ADVERTISEMENT_FLAGS = new NameTable([
  [128, "managed"],
  [64, "other stateful"],
  [32, "home agent"],
  [2, "ipv6 only"],
]);

export const NEIGHBOUR_FLAGS = new NameTable([
  [0x80000000, "router"],
  [0x40000000, "solicited"],
  [0x20000000, "override"],
]);

export const ND_OPTIONS = new NameTable([
  [1, "source link-address"],
  [2, "destination link-address"],
  [3, "prefix info"],
  [4, "redirected header"],
  [5, "mtu"],
  [25, "rdnss"],
  [31, "dnssl"],
  [7, "advertisement interval"],
  [8, "homeagent information"],
  [24, "route info"],
]);

export const RECORD_TYPES = new NameTable([
  [1, "is_in"],
  [2, "is_ex"],
  [3, "to_in"],
  [4, "to_ex"],
  [5, "allow"],
  [6, "block"],
]);

export const RPL_MODES = new NameTable([
  [0, "nonstoring"],
  [1, "storing"],
  [2, "nonstoring-multicast"],
  [3, "storing-multicast"],
]);

export const RPL_OPTIONS = new NameTable([
  [0, "pad1"],
  [1, "padN"],
  [2, "metrics"],
  [3, "routinginfo"],
  [4, "config"],
  [5, "rpltarget"],
  [6, "transitinfo"],
  [8, "destprefix"],
  [9, "rpltargetdesc"],
]);
