// Prints one address: the two lines of `ip address`, or its part of a -br line.

import type { AddressMessage } from "../../../netlink/rtnl/address.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { samePrefix } from "../addresses.ts";
import { familyName } from "../families.ts";
import { matchesPattern } from "../link/filter.ts";
import type { LinkFilter } from "../link/filter.ts";
import type { Session } from "../session.ts";
import { printAddressFlags } from "./flags.ts";

/** INFINITY_LIFE_TIME (linux/if_addr.h). */
export const FOREVER = 0xffff_ffff;

/** All flags: the old field has room for eight. */
export function addressFlags(address: AddressMessage): number {
  return address.ifaFlags ?? address.flags;
}

/** The address itself: IFA_LOCAL, or IFA_ADDRESS where there is no difference (IPv6). */
export function localAddress(address: AddressMessage): Uint8Array | undefined {
  return address.local ?? address.address;
}

/** True if the address is one of those that are asked for. */
export function addressMatches(session: Session, filter: LinkFilter, address: AddressMessage): boolean {
  if (filter.ifindex !== 0 && filter.ifindex !== address.index) return false;
  if (filter.family !== AF.UNSPEC && filter.family !== address.family) return false;
  if (((filter.scope ^ address.scope) & filter.scopeMask) !== 0) return false;
  if (((filter.flags ^ addressFlags(address)) & filter.flagMask) !== 0) return false;
  const local = localAddress(address);
  const { prefix, label } = filter;
  if (prefix !== undefined && prefix.family !== AF.UNSPEC) {
    if (local === undefined || prefix.family !== address.family) return false;
    if (!samePrefix(local, prefix.bytes, prefix.bits)) return false;
  }
  return label === undefined || matchesPattern(label, address.label ?? session.links.name(address.index));
}

export interface AddressView {
  /** Say first which device it belongs to (-o, monitor). */
  readonly withDevice: boolean;
  readonly brief: boolean;
  readonly deleted?: boolean;
}

export function printAddress(session: Session, address: AddressMessage, view: AddressView): void {
  const { out, links, names } = session;
  const { family } = address;
  const color = family === AF.INET ? "inet" : family === AF.INET6 ? "inet6" : undefined;
  if (view.deleted) out.flag("deleted", "Deleted ");
  if (!view.brief) {
    if (view.withDevice) {
      const device = links.name(address.index);
      out.member("index", address.index);
      out.fact("dev", device, `${address.index}: ${device}`);
    }
    const name = familyName(family);
    if (name.startsWith("?")) out.fact("family_index", family, `    family ${family} `);
    else out.fact("family", name, `    ${name} `);
  }
  const local = localAddress(address);
  if (local !== undefined) {
    const text = session.host(family, local);
    out.fact("local", text, text, color);
    const peer = address.address === undefined ? text : session.host(family, address.address);
    if (peer !== text) {
      out.text(" peer ");
      out.fact("address", peer, peer, color);
    }
    out.fact("prefixlen", address.prefixlen, `/${address.prefixlen} `);
    if (address.rtPriority !== undefined)
      out.fact("metric", address.rtPriority, `metric ${address.rtPriority} `);
  }
  if (view.brief) return;
  if (address.broadcast !== undefined) {
    const text = session.host(family, address.broadcast);
    out.text("brd ");
    out.fact("broadcast", text, `${text} `, color);
  }
  if (address.anycast !== undefined) {
    const text = session.host(family, address.anycast);
    out.text("any ");
    out.fact("anycast", text, `${text} `, color);
  }
  const scope = names.name("scope", address.scope);
  out.fact("scope", scope, `scope ${scope} `);
  printAddressFlags(out, family, addressFlags(address));
  if (address.label !== undefined) out.fact("label", address.label, address.label);
  printLifetimes(session, address);
  out.text("\n");
}

function printLifetimes({ out }: Session, address: AddressMessage): void {
  const times = address.cacheinfo;
  if (times === undefined) return;
  const lifetime = (key: string, seconds: number, text: string): void => {
    out.fact(key, seconds, seconds === FOREVER ? "forever" : `${text}sec`);
  };
  out.text(`${out.lineEnd}       valid_lft `);
  lifetime("valid_life_time", times.valid, String(times.valid));
  out.text(" preferred_lft ");
  const deprecated = (addressFlags(address) & 0x20) !== 0;
  const preferred = deprecated && times.preferred !== FOREVER ? times.preferred | 0 : times.preferred;
  lifetime("preferred_life_time", preferred, String(preferred));
}
