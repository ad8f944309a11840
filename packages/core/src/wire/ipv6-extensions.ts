/**
 * The walk over IPv6 extension headers (RFC 8200, 4) for forwarding and receiving, which allocates nothing. Records of
 * the headers are in `ipv6-extension-records.ts`. ESP and "no next header" end a chain like any upper layer, since
 * nothing can be read behind them.
 */
import { readU16BE, readU8 } from "./bytes.ts";
import { IpProtocol } from "./ip-protocol.ts";

/** Bytes of a fragment header. */
export const IPV6_FRAGMENT_LENGTH = 8;
/** The M flag in the offset field of a fragment header. */
export const IPV6_MORE_FRAGMENTS = 0x0001;
/** Offset in bytes within the offset field: its units are 8 bytes, stored shifted by 3. */
export const IPV6_FRAGMENT_OFFSET_MASK = 0xfff8;

/** Whether a next-header value announces an extension header that can be walked over. */
export function isIpv6Extension(nextHeader: number): boolean {
  switch (nextHeader) {
    case IpProtocol.HOP_BY_HOP:
    case IpProtocol.ROUTING:
    case IpProtocol.FRAGMENT:
    case IpProtocol.DESTINATION:
    case IpProtocol.AUTHENTICATION:
      return true;
    default:
      return false;
  }
}

/** Bytes of the extension header at `off`, as it says; at least two bytes of it must be there. */
export function ipv6ExtensionLength(buf: Uint8Array, off: number, nextHeader: number): number {
  if (nextHeader === IpProtocol.FRAGMENT) return IPV6_FRAGMENT_LENGTH;
  const units = readU8(buf, off + 1);
  // RFC 4302, 2.2: the authentication header alone counts units of 4 bytes, minus 2.
  return nextHeader === IpProtocol.AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
}

/** What `skipIpv6Extensions` returns for a chain that leaves the packet. */
export const IPV6_NO_UPPER_LAYER = -1;

/**
 * Walks over extension headers to the upper layer. A fragment other than the first ends the walk at its fragment
 * header, since its payload starts anywhere.
 * @param off where the header announced by `nextHeader` starts
 * @returns `offset * 256 + protocol`, for `upperLayerOffset` and `upperLayerProtocol`; or IPV6_NO_UPPER_LAYER
 */
export function skipIpv6Extensions(buf: Uint8Array, off: number, end: number, nextHeader: number): number {
  let at = off;
  let next = nextHeader;
  while (isIpv6Extension(next)) {
    if (end - at < 8) return IPV6_NO_UPPER_LAYER;
    if (next === IpProtocol.FRAGMENT && (readU16BE(buf, at + 2) & IPV6_FRAGMENT_OFFSET_MASK) !== 0) break;
    const length = ipv6ExtensionLength(buf, at, next);
    if (at + length > end) return IPV6_NO_UPPER_LAYER;
    next = readU8(buf, at);
    at += length;
  }
  return at * 256 + next;
}

export function upperLayerOffset(found: number): number {
  return Math.floor(found / 256);
}

export function upperLayerProtocol(found: number): number {
  return found & 0xff;
}
