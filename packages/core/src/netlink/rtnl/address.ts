/**
 * Addresses: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR, and the lists RTM_GETMULTICAST, RTM_GETANYCAST (rtnetlink(7);
 * linux/if_addr.h; Linux net/ipv4/devinet.c `inet_fill_ifaddr`, net/ipv6/addrconf.c `inet6_fill_ifaddr`).
 *
 * `address` is the prefix's address and, on a point-to-point address, the far end; `local` is one's own. IPv4 always
 * sends both, IPv6 sends `local` only if the two differ.
 */

import type { Decoded } from "../../wire/malformed.ts";
import { at, bytes, s32, struct, text, u32, u8 } from "../attribute-codecs.ts";
import { type Attributes, AttributeTable, decodeBody, encodeBody, field } from "../attribute-table.ts";
import { AF } from "./types.ts";

/** Bits of `flags` and, beyond the low eight, of `ifaFlags`. */
export const IFA_F = {
  /** IPv4: a further address of the same prefix. IPv6: IFA_F_TEMPORARY. */
  SECONDARY: 0x01,
  NODAD: 0x02,
  OPTIMISTIC: 0x04,
  DADFAILED: 0x08,
  HOMEADDRESS: 0x10,
  DEPRECATED: 0x20,
  TENTATIVE: 0x40,
  PERMANENT: 0x80,
  MANAGETEMPADDR: 0x100,
  NOPREFIXROUTE: 0x200,
  MCAUTOJOIN: 0x400,
  STABLE_PRIVACY: 0x800,
} as const;

/** `proto`: who made the address. */
export const IFAPROT = { UNSPEC: 0, KERNEL_LO: 1, KERNEL_RA: 2, KERNEL_LL: 3 } as const;

/** `struct ifaddrmsg`. */
const addressHeader = struct(8, {
  family: at(0, u8),
  prefixlen: at(1, u8),
  /** The low eight bits of the flags. */
  flags: at(2, u8),
  scope: at(3, u8),
  index: at(4, u32),
});

/** `struct ifa_cacheinfo`: lifetimes in seconds (0xffffffff: forever), stamps in hundredths of a second since boot. */
const addressCacheinfo = struct(16, {
  preferred: at(0, u32),
  valid: at(4, u32),
  cstamp: at(8, u32),
  tstamp: at(12, u32),
});

export type AddressCacheinfo = ReturnType<typeof addressCacheinfo.get>;

const fields = {
  targetNetnsid: field(10, s32),
  address: field(1, bytes),
  local: field(2, bytes),
  broadcast: field(4, bytes),
  anycast: field(5, bytes),
  multicast: field(7, bytes),
  label: field(3, text),
  proto: field(11, u8),
  /** All flags. */
  ifaFlags: field(8, u32),
  /** Metric of the prefix's route. */
  rtPriority: field(9, u32),
  cacheinfo: field(6, addressCacheinfo),
};

const ipv4Table = new AttributeTable(fields);

const { targetNetnsid, local, address, multicast, anycast, rtPriority, cacheinfo, ifaFlags, proto } = fields;
const ipv6Table = new AttributeTable({
  ...{ targetNetnsid, local, address, multicast, anycast, rtPriority, cacheinfo, ifaFlags, proto },
  ...fields,
});

export interface AddressMessage extends ReturnType<typeof addressHeader.get>, Attributes<typeof fields> {}

export function encodeAddress(message: Partial<AddressMessage>): Uint8Array {
  return encodeBody(addressHeader, message.family === AF.INET6 ? ipv6Table : ipv4Table, message);
}

export function decodeAddress(body: Uint8Array): Decoded<AddressMessage> {
  return decodeBody(addressHeader, body[0] === AF.INET6 ? ipv6Table : ipv4Table, body, "ifaddrmsg");
}
