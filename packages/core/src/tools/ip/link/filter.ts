// Which links and addresses `ip link` and `ip address` list.

import type { LinkMessage } from "../../../netlink/rtnl/link.ts";
import { IFF } from "../../../netlink/rtnl/link-constants.ts";
import type { Prefix } from "../addresses.ts";
import { AF } from "../../../netlink/rtnl/types.ts";

export interface LinkFilter {
  family: number;
  /** 0: all. */
  ifindex: number;
  up: boolean;
  group: number | undefined;
  /** ifindex; 0: any or none; -1: none. */
  master: number;
  kind: string | undefined;
  slaveKind: string | undefined;
  /** A shell pattern for the name or an address's label. */
  label: string | undefined;
  scope: number;
  scopeMask: number;
  /** IFA_F_ bits that must have the values in `flags`. */
  flagMask: number;
  flags: number;
  /** Addresses inside this prefix only. */
  prefix: Prefix | undefined;
}

export function everything(family: number): LinkFilter {
  return {
    family,
    ifindex: 0,
    up: false,
    group: undefined,
    master: 0,
    kind: undefined,
    slaveKind: undefined,
    label: undefined,
    scope: 0,
    scopeMask: 0,
    flagMask: 0,
    flags: 0,
    prefix: undefined,
  };
}

/** fnmatch(3) without flags: `*`, `?`, `[...]` and `\`. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.replace(
    /\\(.)|\[(!?)((?:\]|[^\]])[^\]]*)\]|[*?]|[.+^${}()|[\]\\/]/g,
    (found, escaped, not, set) => {
      if (escaped !== undefined) return String(escaped).replace(/[^A-Za-z0-9]/g, "\\$&");
      if (set !== undefined) return `[${not ? "^" : ""}${String(set).replace(/[\\\]^]/g, "\\$&")}]`;
      if (found === "*") return "[^]*";
      if (found === "?") return "[^]";
      return `\\${found}`;
    },
  );
  return new RegExp(`^${source}$`).test(text);
}

/** True if the link is one of those that are asked for. */
export function showsLink(filter: LinkFilter, link: LinkMessage): boolean {
  if (filter.ifindex !== 0 && link.index !== filter.ifindex) return false;
  if (filter.up && (link.flags & IFF.UP) === 0) return false;
  if (link.ifname === undefined) return false;
  const aboutLinks = filter.family === AF.UNSPEC || filter.family === AF.PACKET;
  if (filter.label !== undefined && aboutLinks && !matchesPattern(filter.label, link.ifname)) return false;
  if (filter.group !== undefined && link.group !== undefined && link.group !== filter.group) return false;
  if (filter.master > 0 && link.master !== filter.master) return false;
  if (filter.master < 0 && link.master !== undefined) return false;
  if (filter.kind !== undefined && link.linkinfo?.kind !== filter.kind) return false;
  return filter.slaveKind === undefined || link.linkinfo?.slaveKind === filter.slaveKind;
}
