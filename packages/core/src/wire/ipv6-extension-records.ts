/**
 * Records of IPv6 extension headers (RFC 8200, 4), for tools and for building packets. The walk of the forwarding path
 * is in `ipv6-extensions.ts`.
 */
import { copyBytes, readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { IpProtocol } from "./ip-protocol.ts";
import {
  IPV6_FRAGMENT_LENGTH,
  IPV6_FRAGMENT_OFFSET_MASK,
  IPV6_MORE_FRAGMENTS,
  ipv6ExtensionLength,
  isIpv6Extension,
} from "./ipv6-extensions.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Option types of hop-by-hop and destination headers (IANA ipv6-parameters). */
export const Ipv6OptionType = { PAD1: 0, PADN: 1, ROUTER_ALERT: 5, JUMBO: 0xc2 } as const;

/** Value of the router alert of MLD messages (RFC 2711, 2.1). */
export const ROUTER_ALERT_MLD = 0;

/** One option of a hop-by-hop or destination header, explicit padding included; Pad1 has an empty body. */
export interface Ipv6Option {
  readonly type: number;
  readonly body: Uint8Array;
}

export type Ipv6Extension =
  | { readonly kind: "hop-by-hop" | "destination"; readonly options: readonly Ipv6Option[] }
  | {
      readonly kind: "routing";
      readonly routingType: number;
      readonly segmentsLeft: number;
      /** Everything after the first four bytes: 4 bytes and a multiple of 8. */
      readonly body: Uint8Array;
    }
  | {
      readonly kind: "fragment";
      /** Bytes, a multiple of 8. */
      readonly fragmentOffset: number;
      readonly moreFragments: boolean;
      readonly id: number;
    }
  | { readonly kind: "authentication"; readonly body: Uint8Array };

/** The extension headers of a packet, and what follows them. */
export interface Ipv6Extensions {
  readonly extensions: readonly Ipv6Extension[];
  /** The upper layer, or what a non-first fragment continues. */
  readonly protocol: number;
  /** View into the decoded buffer. */
  readonly payload: Uint8Array;
}

/**
 * Reads the chain that starts at `off` and is announced by `nextHeader`. It ends behind a fragment header other than
 * the first fragment's.
 */
export function decodeIpv6Extensions(
  buf: Uint8Array,
  off: number,
  end: number,
  nextHeader: number,
): Decoded<Ipv6Extensions> {
  const extensions: Ipv6Extension[] = [];
  let at = off;
  let next = nextHeader;
  while (isIpv6Extension(next)) {
    if (end - at < 8) return new Malformed("truncated", at, "IPv6 extension header");
    const length = ipv6ExtensionLength(buf, at, next);
    if (at + length > end) return new Malformed("truncated", at + 1, "IPv6 extension header length");
    const extension = decodeExtension(buf, at, length, next);
    if (extension instanceof Malformed) return extension;
    extensions.push(extension);
    next = readU8(buf, at);
    at += length;
    if (extension.kind === "fragment" && extension.fragmentOffset !== 0) break;
  }
  return { extensions, protocol: next, payload: buf.subarray(at, end) };
}

function decodeExtension(
  buf: Uint8Array,
  at: number,
  length: number,
  nextHeader: number,
): Decoded<Ipv6Extension> {
  switch (nextHeader) {
    case IpProtocol.FRAGMENT: {
      const field = readU16BE(buf, at + 2);
      return {
        kind: "fragment",
        fragmentOffset: field & IPV6_FRAGMENT_OFFSET_MASK,
        moreFragments: (field & IPV6_MORE_FRAGMENTS) !== 0,
        id: readU32BE(buf, at + 4),
      };
    }
    case IpProtocol.ROUTING:
      return {
        kind: "routing",
        routingType: readU8(buf, at + 2),
        segmentsLeft: readU8(buf, at + 3),
        body: buf.subarray(at + 4, at + length),
      };
    case IpProtocol.AUTHENTICATION:
      return { kind: "authentication", body: buf.subarray(at + 2, at + length) };
    default: {
      const options = decodeIpv6Options(buf, at + 2, at + length);
      if (options instanceof Malformed) return options;
      return { kind: nextHeader === IpProtocol.HOP_BY_HOP ? "hop-by-hop" : "destination", options };
    }
  }
}

/** RFC 8200, 4.2. */
function decodeIpv6Options(buf: Uint8Array, off: number, end: number): Decoded<Ipv6Option[]> {
  const options: Ipv6Option[] = [];
  let at = off;
  while (at < end) {
    const type = readU8(buf, at);
    if (type === Ipv6OptionType.PAD1) {
      options.push({ type, body: buf.subarray(at, at) });
      at++;
      continue;
    }
    if (at + 1 >= end) return new Malformed("bad-option", at, "IPv6 option length");
    const next = at + 2 + readU8(buf, at + 1);
    if (next > end) return new Malformed("bad-option", at + 1, "IPv6 option length");
    options.push({ type, body: buf.subarray(at + 2, next) });
    at = next;
  }
  return options;
}

/** Pad1 is a single byte, all others have a length. */
function optionSize(option: Ipv6Option): number {
  return option.type === Ipv6OptionType.PAD1 ? 1 : 2 + option.body.length;
}

function extensionSize(extension: Ipv6Extension): number {
  switch (extension.kind) {
    case "fragment":
      return IPV6_FRAGMENT_LENGTH;
    case "routing":
      return 4 + extension.body.length;
    case "authentication":
      return 2 + extension.body.length;
    case "hop-by-hop":
    case "destination": {
      let length = 2;
      for (const option of extension.options) {
        length += optionSize(option);
      }
      return (length + 7) & ~7;
    }
  }
}

function nextHeaderOf(extension: Ipv6Extension): number {
  switch (extension.kind) {
    case "hop-by-hop":
      return IpProtocol.HOP_BY_HOP;
    case "destination":
      return IpProtocol.DESTINATION;
    case "routing":
      return IpProtocol.ROUTING;
    case "fragment":
      return IpProtocol.FRAGMENT;
    case "authentication":
      return IpProtocol.AUTHENTICATION;
  }
}

/** The next-header value that announces this chain: the first extension, or the upper layer when there is none. */
export function firstIpv6Header(chain: Pick<Ipv6Extensions, "extensions" | "protocol">): number {
  const first = chain.extensions[0];
  return first === undefined ? chain.protocol : nextHeaderOf(first);
}

/** Bytes of the extension headers alone. */
export function ipv6ExtensionsLength(extensions: readonly Ipv6Extension[]): number {
  let length = 0;
  for (const extension of extensions) length += extensionSize(extension);
  return length;
}

/**
 * Writes the extension headers; options that do not fill their header are padded at its end.
 * @param protocol of what the caller puts behind
 * @returns the offset behind the headers
 */
export function writeIpv6Extensions(
  extensions: readonly Ipv6Extension[],
  protocol: number,
  buf: Uint8Array,
  off: number,
): number {
  let at = off;
  for (const [i, extension] of extensions.entries()) {
    const following = extensions[i + 1];
    const length = extensionSize(extension);
    writeU8(buf, at, following === undefined ? protocol : nextHeaderOf(following));
    writeExtension(extension, length, buf, at);
    at += length;
  }
  return at;
}

function writeExtension(extension: Ipv6Extension, length: number, buf: Uint8Array, at: number): void {
  switch (extension.kind) {
    case "fragment":
      writeU8(buf, at + 1, 0);
      writeU16BE(buf, at + 2, extension.fragmentOffset | (extension.moreFragments ? 1 : 0));
      writeU32BE(buf, at + 4, extension.id);
      return;
    case "routing":
      writeU8(buf, at + 1, (length >>> 3) - 1);
      writeU8(buf, at + 2, extension.routingType);
      writeU8(buf, at + 3, extension.segmentsLeft);
      copyBytes(extension.body, 0, buf, at + 4, extension.body.length);
      return;
    case "authentication":
      writeU8(buf, at + 1, (length >>> 2) - 2);
      copyBytes(extension.body, 0, buf, at + 2, extension.body.length);
      return;
    case "hop-by-hop":
    case "destination": {
      writeU8(buf, at + 1, (length >>> 3) - 1);
      let used = 2;
      for (const option of extension.options) {
        writeU8(buf, at + used, option.type);
        if (option.type !== Ipv6OptionType.PAD1) {
          writeU8(buf, at + used + 1, option.body.length);
          copyBytes(option.body, 0, buf, at + used + 2, option.body.length);
        }
        used += optionSize(option);
      }
      writePadding(buf, at + used, length - used);
      return;
    }
  }
}

/** Writes Pad1 or PadN over `length` bytes. */
function writePadding(buf: Uint8Array, at: number, length: number): void {
  if (length === 1) writeU8(buf, at, Ipv6OptionType.PAD1);
  if (length < 2) return;
  writeU8(buf, at, Ipv6OptionType.PADN);
  writeU8(buf, at + 1, length - 2);
  buf.fill(0, at + 2, at + length);
}
