// The names that iproute2 has for address families, and the size of their addresses.

import { AF } from "../../netlink/rtnl/types.ts";

const NAMES: readonly (readonly [number, string])[] = [
  [AF.INET, "inet"],
  [AF.INET6, "inet6"],
  [12, "dnet"],
  [AF.PACKET, "link"],
  [AF.MPLS, "mpls"],
  [AF.BRIDGE, "bridge"],
];

/** Name of a family; "???" if it has none. */
export function familyName(family: number): string {
  return NAMES.find(([number]) => number === family)?.[1] ?? "???";
}

/** Family of a name; AF_UNSPEC if there is none. */
export function familyByName(name: string): number {
  return NAMES.find(([, known]) => known === name)?.[0] ?? AF.UNSPEC;
}

/** Bits of an address; 0 for families without addresses. */
export function addressBits(family: number): number {
  if (family === AF.INET) return 32;
  if (family === AF.INET6) return 128;
  if (family === AF.MPLS) return 20;
  return 0;
}
