// Names of RSVP (RFC 2205) with traffic engineering (RFC 3209), generalized MPLS (RFC 3473), fast reroute (RFC 4090) and
// refresh reduction (RFC 2961).

import { NameTable } from "../names.ts";

export const MESSAGES = new NameTable([
  [1, "Path"],
  [2, "Resv"],
  [3, "PathErr"],
  [4, "ResvErr"],
  [5, "PathTear"],
  [6, "ResvTear"],
  [7, "ResvConf"],
  [12, "Bundle"],
  [13, "Acknowledgement"],
  [14, "Hello (Old)"],
  [15, "Refresh"],
  [20, "Hello"],
]);

export const OBJECTS = new NameTable([
  [1, "Session"],
  [3, "RSVP Hop"],
  [4, "Integrity"],
  [5, "Time Values"],
  [6, "Error Spec"],
  [7, "Scope"],
  [8, "Style"],
  [9, "Flowspec"],
  [10, "FilterSpec"],
  [11, "Sender Template"],
  [12, "Sender TSpec"],
  [13, "Adspec"],
  [14, "Policy Data"],
  [15, "Confirm"],
  [16, "Label"],
  [19, "Label Request"],
  [20, "ERO"],
  [21, "RRO"],
  [22, "Hello"],
  [23, "Message ID"],
  [24, "Message ID Ack"],
  [25, "Message ID List"],
  [34, "Recovery Label"],
  [35, "Upstream Label"],
  [36, "Label Set"],
  [130, "Acceptable Label Set"],
  [63, "Detour"],
  [66, "Class Type"],
  [125, "Class Type (old)"],
  [129, "Suggested Label"],
  [204, "Properties"],
  [205, "Fast Re-Route"],
  [207, "Session Attribute"],
  [229, "Generalized UNI"],
  [230, "Call-ID"],
  [236, "Call Capability"],
  [131, "Restart Capability"],
  [134, "Capability"],
  [195, "Notify Request"],
  [37, "Protection"],
  [196, "Administrative Status"],
  [50, "Sub-LSP to LSP"],
]);

const ADDRESSES: readonly (readonly [number, string])[] = [
  [1, "IPv4"],
  [2, "IPv6"],
];
const WITH_TLVS: readonly (readonly [number, string])[] = [
  ...ADDRESSES,
  [3, "IPv4 plus opt. TLVs"],
  [4, "IPv6 plus opt. TLVs"],
];
const LABELS: readonly (readonly [number, string])[] = [
  [1, "Label"],
  [2, "Generalized Label"],
  [3, "Waveband Switching"],
];
const ONE: readonly (readonly [number, string])[] = [[1, "1"]];
const INTEGRATED: readonly (readonly [number, string])[] = [[2, "IntServ"]];
const TUNNEL: readonly (readonly [number, string])[] = [[7, "Tunnel IPv4"]];

/** Names of the types of each object. */
export const TYPES: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map(
  (
    [
      [3, WITH_TLVS],
      [195, ADDRESSES],
      [15, ADDRESSES],
      [5, ONE],
      [9, [[1, "obsolete"], ...INTEGRATED]],
      [12, INTEGRATED],
      [13, INTEGRATED],
      [
        10,
        [
          ...ADDRESSES,
          [3, "IPv6 Flow-label"],
          ...TUNNEL,
          [12, "IPv4 P2MP LSP Tunnel"],
          [13, "IPv6 P2MP LSP Tunnel"],
        ],
      ],
      [
        1,
        [
          ...ADDRESSES,
          ...TUNNEL,
          [11, "UNI IPv4"],
          [13, "IPv4 P2MP LSP Tunnel"],
          [14, "IPv6 P2MP LSP Tunnel"],
        ],
      ],
      [11, [...ADDRESSES, ...TUNNEL, [12, "IPv4 P2MP LSP Tunnel"], [13, "IPv6 P2MP LSP Tunnel"]]],
      [23, ONE],
      [
        24,
        [
          [1, "Message id ack"],
          [2, "Message id nack"],
        ],
      ],
      [25, ONE],
      [8, ONE],
      [
        22,
        [
          [1, "Hello Request"],
          [2, "Hello Ack"],
        ],
      ],
      [
        19,
        [
          [1, "without label range"],
          [2, "with ATM label range"],
          [3, "with FR label range"],
          [4, "Generalized Label"],
        ],
      ],
      [16, LABELS],
      [129, LABELS],
      [35, LABELS],
      [34, LABELS],
      [20, [[1, "IPv4"]]],
      [21, [[1, "IPv4"]]],
      [6, WITH_TLVS],
      [131, [[1, "IPv4"]]],
      [134, ONE],
      [207, TUNNEL],
      [205, [...TUNNEL, ...ONE]],
      [63, TUNNEL],
      [204, ONE],
      [196, ONE],
      [66, ONE],
      [125, ONE],
      [36, ONE],
      [229, ONE],
      [
        50,
        [
          [1, "IPv4 sub-LSP"],
          [2, "IPv6 sub-LSP"],
        ],
      ],
    ] as readonly (readonly [number, readonly (readonly [number, string])[]])[]
  ).map(([object, names]) => [object, new Map(names)] as const),
);

export const ROUTE_SUBOBJECTS = new NameTable([
  [0, "Reserved"],
  [1, "IPv4 prefix"],
  [2, "IPv6 prefix"],
  [3, "Label"],
  [32, "Autonomous system number"],
  [64, "MPLS label switched path termination"],
]);

export const RECORD_FLAGS = new NameTable([
  [0x01, "Local protection available"],
  [0x02, "Local protection in use"],
  [0x04, "Bandwidth protection"],
  [0x08, "Node protection"],
]);

export const STYLES = new NameTable([
  [17, "Wildcard Filter"],
  [10, "Fixed Filter"],
  [18, "Shared Explicit"],
]);

export const SERVICES = new NameTable([
  [1, "Default/Global Information"],
  [2, "Guaranteed Service"],
  [5, "Controlled Load"],
]);

export const PARAMETERS = new NameTable([
  [4, "IS hop cnt"],
  [6, "Path b/w estimate"],
  [8, "Minimum path latency"],
  [10, "Composed MTU"],
  [127, "Token Bucket TSpec"],
  [130, "Guaranteed Service RSpec"],
  [133, "End-to-end composed value for C"],
  [134, "End-to-end composed value for D"],
  [135, "Since-last-reshaping point composed C"],
  [136, "Since-last-reshaping point composed D"],
]);

export const ATTRIBUTE_FLAGS = new NameTable([
  [0x01, "Local Protection"],
  [0x02, "Label Recording"],
  [0x04, "SE Style"],
  [0x08, "Bandwidth protection"],
  [0x10, "Node protection"],
]);

export const PROPERTIES = new NameTable([
  [0x01, "Cos"],
  [0x02, "Metric 1"],
  [0x04, "Metric 2"],
  [0x08, "CCC Status"],
  [0x10, "Path Type"],
]);

export const ERRORS = new NameTable([
  [24, "Routing Problem"],
  [25, "Notify Error"],
  [28, "Diffserv TE Error"],
  [125, "Diffserv TE Error (Old)"],
]);

export const ROUTING_ERRORS = new NameTable([
  [1, "Bad EXPLICIT_ROUTE object"],
  [2, "Bad strict node"],
  [3, "Bad loose node"],
  [4, "Bad initial subobject"],
  [5, "No route available toward destination"],
  [6, "Unacceptable label value"],
  [7, "RRO indicated routing loops"],
  [8, "non-RSVP-capable router in the path"],
  [9, "MPLS label allocation failure"],
  [10, "Unsupported L3PID"],
]);

export const DIFFSERV_ERRORS = new NameTable([
  [1, "Unexpected CT object"],
  [2, "Unsupported CT"],
  [3, "Invalid CT value"],
  [4, "CT/setup priority do not form a configured TE-Class"],
  [5, "CT/holding priority do not form a configured TE-Class"],
  [6, "CT/setup priority and CT/holding priority do not form a configured TE-Class"],
  [7, "Inconsistency between signaled PSC and signaled CT"],
  [8, "Inconsistency between signaled PHBs and signaled CT"],
]);

export const ADMINISTRATIVE = new NameTable([
  [0x8000_0000, "Reflect"],
  [0x0000_0004, "Testing"],
  [0x0000_0002, "Admin-down"],
  [0x0000_0001, "Delete-in-progress"],
]);

export const LABEL_SET_ACTIONS = [
  "Inclusive list",
  "Exclusive list",
  "Inclusive range",
  "Exclusive range",
] as const;

export const UNI_SUBOBJECTS = new NameTable([
  [1, "Source TNA address"],
  [2, "Destination TNA address"],
  [3, "Diversity"],
  [4, "Egress label"],
  [5, "Service level"],
]);

export const RECOVERY_FLAGS = new NameTable([
  [4, "RecoveryPath Transmit Enabled"],
  [2, "RecoveryPath Desired"],
  [1, "RecoveryPath Srefresh Capable"],
]);
