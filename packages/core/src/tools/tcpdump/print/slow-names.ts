// Names in slow protocols: LACP, marker and OAM.

import { NameTable } from "./names.ts";

export const SUBTYPES = new NameTable([
  [1, "LACP"],
  [2, "MARKER"],
  [3, "OAM"],
]);

export const OAM_FLAGS = new NameTable([
  [1, "Link Fault"],
  [2, "Dying Gasp"],
  [4, "Critical Event"],
  [8, "Local Evaluating"],
  [16, "Local Stable"],
  [32, "Remote Evaluating"],
  [64, "Remote Stable"],
]);

export const OAM_CODES = new NameTable([
  [0, "Information"],
  [1, "Event Notification"],
  [2, "Variable Request"],
  [3, "Variable Response"],
  [4, "Loopback Control"],
  [254, "Vendor Private"],
]);

export const OAM_INFORMATION = new NameTable([
  [0, "End of TLV marker"],
  [1, "Local"],
  [2, "Remote"],
  [254, "Organization specific"],
]);

export const PARSER_ACTIONS = new NameTable([
  [0, "forwarding"],
  [1, "looping back"],
  [2, "discarding"],
  [3, "reserved"],
]);

export const MUX_ACTIONS = new NameTable([
  [0, "forwarding"],
  [4, "discarding"],
]);

export const OAM_CONFIGURATION = new NameTable([
  [1, "Active"],
  [2, "Unidirectional"],
  [4, "Remote-Loopback"],
  [8, "Link-Events"],
  [16, "Variable-Retrieval"],
]);

export const OAM_EVENTS = new NameTable([
  [0, "End of TLV marker"],
  [1, "Errored Symbol Period Event"],
  [2, "Errored Frame Event"],
  [3, "Errored Frame Period Event"],
  [4, "Errored Frame Seconds Summary Event"],
  [254, "Organization specific"],
]);

export const LOOPBACK_COMMANDS = new NameTable([
  [1, "Enable OAM Remote Loopback"],
  [2, "Disable OAM Remote Loopback"],
]);

export const TLVS = new NameTable([
  [0x100, "Terminator"],
  [0x101, "Actor Information"],
  [0x102, "Partner Information"],
  [0x103, "Collector Information"],
  [0x200, "Terminator"],
  [0x201, "Marker Information"],
]);

export const STATES = new NameTable([
  [1, "Activity"],
  [2, "Timeout"],
  [4, "Aggregation"],
  [8, "Synchronization"],
  [16, "Collecting"],
  [32, "Distributing"],
  [64, "Default"],
  [128, "Expired"],
]);
