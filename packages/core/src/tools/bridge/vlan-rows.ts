// Rows of the tables of `bridge vlan`: the port's name stands in front of its first row only.

import { BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import type { Output } from "../ip/output.ts";
import type { Session } from "../ip/session.ts";

const NAME_COLUMN = 16;
/** "port" and "vlan-id" over their columns. */
export const VLAN_HEADER = `${"port".padEnd(NAME_COLUMN)}  ${"vlan-id".padEnd(9)}`;

/** Starts the rows of a port. */
export function openPort({ out, links }: Session, index: number, key: string): void {
  const name = links.name(index);
  out.openObject();
  out.fact("ifname", name, `${name.padEnd(NAME_COLUMN)}  `, "ifname");
  out.openArray(out.json ? key : undefined);
}

/** Leaves the column of names empty. */
export function nextRow({ out }: Session): void {
  out.text(" ".repeat(NAME_COLUMN + 2));
}

/** Indents a line below a VLAN. */
export function indent({ out }: Session): void {
  out.text(" ".repeat(NAME_COLUMN + 4));
}

export function closePort({ out }: Session): void {
  out.closeArray();
  out.closeObject();
}

/** `100-110`; returns the width of the text. */
export function printRange(out: Output, key: string, first: number, last: number): number {
  out.fact(key, first, String(first));
  if (first === last) return String(first).length;
  out.fact(`${key}End`, last, `-${last}`);
  return String(first).length + 1 + String(last).length;
}

export function printVlanFlags(out: Output, flags: number): void {
  if (flags === 0) return;
  out.openArray("flags");
  if (flags & BRIDGE_VLAN_INFO.PVID) out.element("PVID", " PVID");
  if (flags & BRIDGE_VLAN_INFO.UNTAGGED) out.element("Egress Untagged", " Egress Untagged");
  out.closeArray();
}
