// Names of BGP: messages, path attributes, capabilities, notifications, address families (RFC 4271, RFC 4760 and IANA's registry).

import { NameTable } from "../names.ts";

export const MESSAGES = new NameTable([
  [1, "Open"],
  [2, "Update"],
  [3, "Notification"],
  [4, "Keepalive"],
  [5, "Route Refresh"],
]);

export const ATTRIBUTES = new NameTable([
  [1, "Origin"],
  [2, "AS Path"],
  [17, "AS4 Path"],
  [3, "Next Hop"],
  [4, "Multi Exit Discriminator"],
  [5, "Local Preference"],
  [6, "Atomic Aggregate"],
  [7, "Aggregator"],
  [18, "Aggregator4"],
  [8, "Community"],
  [9, "Originator ID"],
  [10, "Cluster List"],
  [11, "DPA"],
  [12, "Advertisers"],
  [13, "RCID Path / Cluster ID"],
  [14, "Multi-Protocol Reach NLRI"],
  [15, "Multi-Protocol Unreach NLRI"],
  [16, "Extended Community"],
  [22, "PMSI Tunnel"],
  [23, "Tunnel Encapsulation"],
  [24, "Traffic Engineering"],
  [25, "IPv6 Extended Community"],
  [26, "Accumulated IGP Metric"],
  [27, "PE Distinguisher Label"],
  [28, "Entropy Label"],
  [32, "Large Community"],
  [128, "Attribute Set"],
  [255, "Reserved for development"],
]);

export const ATTRIBUTE_FLAGS = new NameTable([
  [0x80, "O"],
  [0x40, "T"],
  [0x20, "P"],
  [0x10, "E"],
]);

/** Brackets around the segments of an AS path, by segment type. */
export const SEGMENT_OPEN: ReadonlyMap<number, string> = new Map([
  [2, ""],
  [1, "{ "],
  [3, "( "],
  [4, "({ "],
]);

export const SEGMENT_CLOSE: ReadonlyMap<number, string> = new Map([
  [2, ""],
  [1, "}"],
  [3, ")"],
  [4, "})"],
]);

export const ORIGINS = new NameTable([
  [0, "IGP"],
  [1, "EGP"],
  [2, "Incomplete"],
]);

export const OPEN_OPTIONS = new NameTable([
  [1, "Authentication Information"],
  [2, "Capabilities Advertisement"],
]);

export const CAPABILITIES = new NameTable([
  [1, "Multiprotocol Extensions"],
  [2, "Route Refresh"],
  [3, "Cooperative Route Filtering"],
  [4, "Multiple Routes to a Destination"],
  [5, "Extended Next Hop Encoding"],
  [8, "Multiple Labels"],
  [64, "Graceful Restart"],
  [65, "32-Bit AS Number"],
  [67, "Dynamic Capability"],
  [68, "Multisession BGP"],
  [69, "Multiple Paths"],
  [70, "Enhanced Route Refresh"],
  [71, "Long-lived Graceful Restart"],
  [128, "Route Refresh (Cisco)"],
]);

export const ADD_PATH = new NameTable([
  [1, "Receive"],
  [2, "Send"],
  [3, "Both"],
]);

export const ERRORS = new NameTable([
  [1, "Message Header Error"],
  [2, "OPEN Message Error"],
  [3, "UPDATE Message Error"],
  [4, "Hold Timer Expired"],
  [5, "Finite State Machine Error"],
  [6, "Cease"],
  [7, "Capability Message Error"],
]);

/** Names of the subcodes of each error. */
export const SUBCODES: ReadonlyMap<number, NameTable> = new Map([
  [
    1,
    new NameTable([
      [1, "Connection Not Synchronized"],
      [2, "Bad Message Length"],
      [3, "Bad Message Type"],
    ]),
  ],
  [
    2,
    new NameTable([
      [1, "Unsupported Version Number"],
      [2, "Bad Peer AS"],
      [3, "Bad BGP Identifier"],
      [4, "Unsupported Optional Parameter"],
      [5, "Authentication Failure"],
      [6, "Unacceptable Hold Time"],
      [7, "Capability Message Error"],
    ]),
  ],
  [
    3,
    new NameTable([
      [1, "Malformed Attribute List"],
      [2, "Unrecognized Well-known Attribute"],
      [3, "Missing Well-known Attribute"],
      [4, "Attribute Flags Error"],
      [5, "Attribute Length Error"],
      [6, "Invalid ORIGIN Attribute"],
      [7, "AS Routing Loop"],
      [8, "Invalid NEXT_HOP Attribute"],
      [9, "Optional Attribute Error"],
      [10, "Invalid Network Field"],
      [11, "Malformed AS_PATH"],
    ]),
  ],
  [
    5,
    new NameTable([
      [0, "Unspecified Error"],
      [1, "In OpenSent State"],
      [2, "In OpenConfirm State"],
      [3, "In Established State"],
    ]),
  ],
  [
    6,
    new NameTable([
      [1, "Maximum Number of Prefixes Reached"],
      [2, "Administrative Shutdown"],
      [3, "Peer Unconfigured"],
      [4, "Administrative Reset"],
      [5, "Connection Rejected"],
      [6, "Other Configuration Change"],
      [7, "Connection Collision Resolution"],
    ]),
  ],
  [
    7,
    new NameTable([
      [1, "Invalid Action Value"],
      [2, "Invalid Capability Length"],
      [3, "Malformed Capability Value"],
      [4, "Unsupported Capability Code"],
    ]),
  ],
]);

export const SUBSEQUENT_FAMILIES = new NameTable([
  [0, "Reserved"],
  [1, "Unicast"],
  [2, "Multicast"],
  [3, "Unicast+Multicast"],
  [4, "labeled Unicast"],
  [64, "Tunnel"],
  [65, "VPLS"],
  [66, "MDT"],
  [70, "EVPN"],
  [128, "labeled VPN Unicast"],
  [129, "labeled VPN Multicast"],
  [130, "labeled VPN Unicast+Multicast"],
  [132, "Route Target Routing Information"],
  [5, "Multicast VPN"],
]);

export const PMSI_TUNNELS = new NameTable([
  [1, "RSVP-TE P2MP LSP"],
  [2, "LDP P2MP LSP"],
  [3, "PIM-SSM Tree"],
  [4, "PIM-SM Tree"],
  [5, "PIM-Bidir Tree"],
  [6, "Ingress Replication"],
  [7, "LDP MP2MP LSP"],
]);

export const MULTICAST_VPN_ROUTES = new NameTable([
  [1, "Intra-AS I-PMSI"],
  [2, "Inter-AS I-PMSI"],
  [3, "S-PMSI"],
  [4, "Intra-AS Segment-Leaf"],
  [5, "Source-Active"],
  [6, "Shared Tree Join"],
  [7, "Source Tree Join"],
]);
