// Addresses of sockets: an IPv4 address is a number, an IPv6 address a string of its groups, and a socket of either family
// keeps what its packets carry. An IPv4-mapped address of an IPv6 socket (RFC 4291, 2.5.5.2) is an IPv4 address here.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { InetAddress } from "../../system/sockets.ts";
import { readIpv4Address, writeIpv4Address } from "../../wire/ipv4-address.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import {
  IPV6_ANY,
  ipv6FromIpv4,
  ipv6ToBytes,
  ipv4OfIpv6,
  isV4MappedIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";

export type SocketFamily = "inet" | "inet6";

export type IpAddress = Ipv4Address | Ipv6Address;

/** The address bytes of a call; undefined for 0.0.0.0 and `::`. Errors: EAFNOSUPPORT for bytes of the other family. */
export function addressOf(family: SocketFamily, bytes: Uint8Array): IpAddress | undefined {
  if (bytes.length !== (family === "inet" ? 4 : 16)) throw new Refusal(ERRNO.EAFNOSUPPORT);
  if (family === "inet") return readIpv4Address(bytes, 0) || undefined;
  const address = readIpv6Address(bytes, 0);
  if (address === IPV6_ANY) return undefined;
  return isV4MappedIpv6(address) ? ipv4OfIpv6(address) : address;
}

/** Address bytes as a socket of this family shows them; undefined is the unspecified address. */
export function addressBytes(family: SocketFamily, address: IpAddress | undefined): Uint8Array {
  if (family === "inet6") {
    return ipv6ToBytes(typeof address === "number" ? ipv6FromIpv4(address) : (address ?? IPV6_ANY));
  }
  const bytes = new Uint8Array(4);
  if (typeof address === "number") writeIpv4Address(bytes, 0, address);
  return bytes;
}

/** A socket address for a program. */
export function socketAddress(
  family: SocketFamily,
  address: IpAddress | undefined,
  port: number,
  scope = 0,
): InetAddress {
  return { address: addressBytes(family, address), port, scope };
}
