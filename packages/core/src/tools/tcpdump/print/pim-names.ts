// Names in PIM.

import { NameTable } from "./names.ts";

export const TYPES = new NameTable([
  [0, "Hello"],
  [1, "Register"],
  [2, "Register Stop"],
  [3, "Join / Prune"],
  [4, "Bootstrap"],
  [5, "Assert"],
  [6, "Graft"],
  [7, "Graft Acknowledgement"],
  [8, "Candidate RP Advertisement"],
  [9, "Prune Refresh"],
  [10, "DF Election"],
  [11, "ECMP Redirect"],
]);

export const HELLO_OPTIONS = new NameTable([
  [1, "Hold Time"],
  [2, "LAN Prune Delay"],
  [18, "DR Priority (Old)"],
  [19, "DR Priority"],
  [20, "Generation ID"],
  [21, "State Refresh Capability"],
  [22, "Bi-Directional Capability"],
  [24, "Address List"],
  [0xfde9, "Address List (Old)"],
]);

export const DF_SUBTYPES = new NameTable([
  [1, "Offer"],
  [2, "Winner"],
  [3, "Backoff"],
  [4, "Pass"],
]);

export const REGISTER_FLAGS = new NameTable([
  [0x80000000, "Border"],
  [0x40000000, "Null"],
]);

export const V1_TYPES = new NameTable([
  [0, "Query"],
  [1, "Register"],
  [2, "Register-Stop"],
  [3, "Join/Prune"],
  [4, "RP-reachable"],
  [5, "Assert"],
  [6, "Graft"],
  [7, "Graft-ACK"],
]);
