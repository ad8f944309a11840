// Names of the label distribution protocol (RFC 5036, RFC 4447, RFC 3478).

import { NameTable } from "../names.ts";

export const MESSAGES = new NameTable([
  [0x0001, "Notification"],
  [0x0100, "Hello"],
  [0x0200, "Initialization"],
  [0x0201, "Keepalive"],
  [0x0300, "Address"],
  [0x0301, "Address Withdraw"],
  [0x0400, "Label Mapping"],
  [0x0401, "Label Request"],
  [0x0402, "Label Withdraw"],
  [0x0403, "Label Release"],
  [0x0404, "Label Abort Request"],
]);

/** Messages whose TLVs are decoded. */
export const DECODED: ReadonlySet<number> = new Set([
  0x0001, 0x0100, 0x0200, 0x0201, 0x0300, 0x0301, 0x0400, 0x0402,
]);

export const TLVS = new NameTable([
  [0x0100, "FEC"],
  [0x0101, "Address List"],
  [0x0103, "Hop Count"],
  [0x0104, "Path Vector"],
  [0x0200, "Generic Label"],
  [0x0201, "ATM Label"],
  [0x0202, "Frame-Relay Label"],
  [0x0300, "Status"],
  [0x0301, "Extended Status"],
  [0x0302, "Returned PDU"],
  [0x0303, "Returned Message"],
  [0x0400, "Common Hello Parameters"],
  [0x0401, "IPv4 Transport Address"],
  [0x0402, "Configuration Sequence Number"],
  [0x0403, "IPv6 Transport Address"],
  [0x0500, "Common Session Parameters"],
  [0x0501, "ATM Session Parameters"],
  [0x0502, "Frame-Relay Session Parameters"],
  [0x0503, "Fault-Tolerant Session Parameters"],
  [0x0600, "Label Request Message ID"],
  [0x0601, "MTU"],
]);

export const FECS = new NameTable([
  [0x01, "Wildcard"],
  [0x02, "Prefix"],
  [0x03, "Host address"],
  [0x80, "Martini VC"],
]);

export const INTERFACE_PARAMETERS = new NameTable([
  [0x01, "MTU"],
  [0x03, "Description"],
  [0x0c, "VCCV"],
]);

export const CONTROL_CHANNELS = new NameTable([
  [0x01, "PWE3 control word"],
  [0x02, "MPLS Router Alert Label"],
  [0x04, "MPLS inner label TTL = 1"],
]);

export const VERIFICATIONS = new NameTable([
  [0x01, "ICMP Ping"],
  [0x02, "LSP Ping"],
  [0x04, "BFD"],
]);
