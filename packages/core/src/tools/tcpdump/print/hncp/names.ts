// Names of DNCP (RFC 7787), HNCP (RFC 7788), and of the DHCP options that HNCP carries.

import { NameTable } from "../names.ts";

/** What stands for all types of a range. */
export const [RESERVED, UNASSIGNED, PRIVATE_USE, FUTURE_USE] = [0x10000, 0x10001, 0x10002, 0x10003] as const;

export const TYPES = new NameTable([
  [1, "Request network state"],
  [2, "Request node state"],
  [3, "Node endpoint"],
  [4, "Network state"],
  [5, "Node state"],
  [8, "Peer"],
  [9, "Keep-alive interval"],
  [10, "Trust-Verdict"],
  [32, "HNCP-Version"],
  [33, "External-Connection"],
  [34, "Delegated-Prefix"],
  [43, "Prefix-Policy"],
  [37, "DHCPv4-Data"],
  [38, "DHCPv6-Data"],
  [35, "Assigned-Prefix"],
  [36, "Node-Address"],
  [39, "DNS-Delegated-Zone"],
  [40, "Domain-Name"],
  [41, "Node-Name"],
  [42, "Managed-PSK"],
  [RESERVED, "Reserved"],
  [UNASSIGNED, "Unassigned"],
  [PRIVATE_USE, "Private use"],
  [FUTURE_USE, "Future use"],
]);

/** The type itself if it has a name, or what stands for its range. */
export function typeOrRange(type: number): number {
  if (TYPES.get(type) !== undefined) return type;
  if (type === 0) return RESERVED;
  if (type >= 44 && type <= 511) return UNASSIGNED;
  return type >= 768 && type <= 1023 ? PRIVATE_USE : FUTURE_USE;
}

export const DHCP4_OPTIONS = new NameTable([
  [6, "DNS-server"],
  [42, "NTP-server"],
  [119, "DNS-search"],
]);

export const DHCP6_OPTIONS = new NameTable([
  [23, "DNS-server"],
  [24, "DNS-search-list"],
  [31, "SNTP-servers"],
]);
