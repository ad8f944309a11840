// Names in OSPF (RFC 2328).

import { NameTable } from "../names.ts";

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

export const OPAQUE_TYPES = new NameTable([
  [1, "Traffic Engineering"],
  [3, "Graceful restart"],
  [4, "Router Information"],
]);

/** Sub-TLVs of a link (RFC 3630, RFC 4203, RFC 4124). */
export const LINK_SUBTLVS = new NameTable([
  [1, "Link Type"],
  [2, "Link ID"],
  [3, "Local Interface IP address"],
  [4, "Remote Interface IP address"],
  [5, "Traffic Engineering Metric"],
  [6, "Maximum Bandwidth"],
  [7, "Maximum Reservable Bandwidth"],
  [8, "Unreserved Bandwidth"],
  [9, "Administrative Group"],
  [11, "Link Local/Remote Identifier"],
  [14, "Link Protection Type"],
  [15, "Interface Switching Capability"],
  [16, "Shared Risk Link Group"],
  [17, "Bandwidth Constraints"],
]);

export const GRACE_TLVS = new NameTable([
  [1, "Grace Period"],
  [2, "Graceful restart Reason"],
  [3, "IPv4 interface address"],
]);

export const GRACE_REASONS = new NameTable([
  [0, "Unknown"],
  [1, "Software Restart"],
  [2, "Software Reload/Upgrade"],
  [3, "Control Processor Switch"],
]);

export const CAPABILITIES = new NameTable([
  [1, "Reserved"],
  [2, "Reserved"],
  [4, "Reserved"],
  [8, "Reserved"],
  [16, "graceful restart capable"],
  [32, "graceful restart helper"],
  [64, "Stub router support"],
  [128, "Traffic engineering"],
  [256, "p2p over LAN"],
  [512, "path computation server"],
]);
