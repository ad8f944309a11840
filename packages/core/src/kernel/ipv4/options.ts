// IPv4 options on their way through a host (net/ipv4/ip_options.c): checked when a packet comes in, filled in with this host's
// addresses and times, turned around for an answer, and cut down for fragments. RFC 791, 3.1; RFC 1812, 4.2.2.1.

import { readU32BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { Ipv4OptionType } from "../../wire/ipv4-options.ts";
import { IPV4_MIN_HEADER } from "../../wire/ipv4.ts";

const TIMESTAMP_ONLY = 0;
const TIMESTAMP_ADDRESS = 1;
const TIMESTAMP_PRESPECIFIED = 3;
/** Option types with this bit go into every fragment. */
const COPIED = 0x80;

/** Options of one packet: offsets count from the start of the IP header; 0 means that the option is not there. */
export class IpOptions {
  /** Bytes of options, a multiple of 4. */
  length = 0;
  sourceRoute = 0;
  strict = false;
  recordRoute = 0;
  timestamp = 0;
  routerAlert = 0;
  /** The slot before the pointer still waits for this host's address, or time. */
  recordNeedsAddress = false;
  timestampNeedsTime = false;
  timestampNeedsAddress = false;
  /** First hop of a source route of one's own packet. */
  firstHop = 0;
  /** The source route names this host as the next one. */
  routeHit = false;
  nextHop = 0;
}

/** Who compiles: asks for what options are filled in with. */
export interface OptionContext {
  /** The address of this host that a received packet's options get; 0 while a packet is being made. */
  readonly ownAddress: () => number;
  /** True if an address is this host's (for prespecified timestamps). */
  readonly isOwn: (address: number) => boolean;
  /** Milliseconds since midnight UT. */
  readonly timestamp: () => number;
  /** True for packets that came in. */
  readonly received: boolean;
}

/**
 * ip_options_compile(): reads the options behind the header at `header` and fills in what a receiver must. `end` is the
 * first byte after them. Returns the options, or the offset of the byte that is wrong, for a "parameter problem".
 */
export function compileOptions(
  bytes: Uint8Array,
  header: number,
  end: number,
  context: OptionContext,
): IpOptions | number {
  const options = new IpOptions();
  options.length = end - header - IPV4_MIN_HEADER;
  let at = header + IPV4_MIN_HEADER;
  while (at < end) {
    const type = bytes[at] ?? 0;
    if (type === Ipv4OptionType.END) {
      bytes.fill(Ipv4OptionType.END, at, end);
      break;
    }
    if (type === Ipv4OptionType.NO_OPERATION) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (at + 1 >= end || length < 2 || at + length > end) return at - header;
    const wrong = compileOne(options, bytes, at, header, type, length, context);
    if (wrong >= 0) return wrong;
    at += length;
  }
  return options;
}

/** -1, or the offset of what is wrong. */
function compileOne(
  options: IpOptions,
  bytes: Uint8Array,
  at: number,
  header: number,
  type: number,
  length: number,
  context: OptionContext,
): number {
  const offset = at - header;
  const pointer = bytes[at + 2] ?? 0;
  switch (type) {
    case Ipv4OptionType.STRICT_SOURCE_ROUTE:
    case Ipv4OptionType.LOOSE_SOURCE_ROUTE:
      if (length < 3) return offset + 1;
      if (pointer < 4) return offset + 2;
      if (options.sourceRoute !== 0) return offset; // RFC 1812, 5.2.4.1: one source route at most
      if (!context.received) {
        if (pointer !== 4 || length < 7 || ((length - 3) & 3) !== 0) return offset + 1;
        options.firstHop = readU32BE(bytes, at + 3);
        bytes.copyWithin(at + 3, at + 7, at + length);
      }
      options.strict = type === Ipv4OptionType.STRICT_SOURCE_ROUTE;
      options.sourceRoute = offset;
      return -1;
    case Ipv4OptionType.RECORD_ROUTE:
      if (options.recordRoute !== 0) return offset;
      if (length < 3) return offset + 1;
      if (pointer < 4) return offset + 2;
      options.recordRoute = offset;
      if (pointer > length) return -1;
      if (pointer + 3 > length) return offset + 2;
      if (context.received) writeU32BE(bytes, at + pointer - 1, context.ownAddress());
      writeU8(bytes, at + 2, pointer + 4);
      options.recordNeedsAddress = true;
      return -1;
    case Ipv4OptionType.TIMESTAMP:
      if (options.timestamp !== 0) return offset;
      if (length < 4) return offset + 1;
      if (pointer < 5) return offset + 2;
      options.timestamp = offset;
      return compileTimestamp(options, bytes, at, offset, length, pointer, context);
    case Ipv4OptionType.ROUTER_ALERT:
      if (length < 4) return offset + 1;
      if (bytes[at + 2] === 0 && bytes[at + 3] === 0) options.routerAlert = offset;
      return -1;
    default:
      return -1;
  }
}

function compileTimestamp(
  options: IpOptions,
  bytes: Uint8Array,
  at: number,
  offset: number,
  length: number,
  pointer: number,
  context: OptionContext,
): number {
  const flags = bytes[at + 3] ?? 0;
  const kind = flags & 0xf;
  if (pointer > length) {
    if (kind === TIMESTAMP_PRESPECIFIED) return -1;
    const overflow = flags >>> 4;
    if (overflow === 15) return offset + 3;
    if (context.received) writeU8(bytes, at + 3, kind | ((overflow + 1) << 4));
    return -1;
  }
  if (pointer + 3 > length) return offset + 2;
  let time = at + pointer - 1;
  let size = 4;
  if (kind === TIMESTAMP_ADDRESS || kind === TIMESTAMP_PRESPECIFIED) {
    if (pointer + 7 > length) return offset + 2;
    time += 4;
    size = 8;
    if (kind === TIMESTAMP_ADDRESS) {
      if (context.received) writeU32BE(bytes, at + pointer - 1, context.ownAddress());
      options.timestampNeedsAddress = true;
    } else if (!context.isOwn(readU32BE(bytes, at + pointer - 1))) return -1;
  } else if (kind !== TIMESTAMP_ONLY) return context.received ? -1 : offset + 3;
  options.timestampNeedsTime = true;
  writeU8(bytes, at + 2, pointer + size);
  if (context.received) writeU32BE(bytes, time, context.timestamp());
  return -1;
}

/**
 * Fills in this host's address and time on the way out (ip_options_build, ip_forward_options). `source` is the address of
 * the outgoing device for the packet's next hop; without `timestamp`, times stay as they are.
 */
export function fillOptions(
  options: IpOptions,
  bytes: Uint8Array,
  header: number,
  source: () => number,
  timestamp: (() => number) | undefined,
): void {
  if (options.recordNeedsAddress) {
    const at = header + options.recordRoute;
    writeU32BE(bytes, at + (bytes[at + 2] ?? 0) - 5, source());
  }
  const at = header + options.timestamp;
  const pointer = options.timestamp === 0 ? 0 : (bytes[at + 2] ?? 0);
  if (options.timestampNeedsAddress) writeU32BE(bytes, at + pointer - 9, source());
  if (options.timestampNeedsTime && timestamp !== undefined) writeU32BE(bytes, at + pointer - 5, timestamp());
}

/** Options of an answer: bytes to put behind the header, and what is to be filled in. */
export interface EchoedOptions {
  readonly bytes: Uint8Array;
  readonly options: IpOptions;
}

/**
 * ip_options_echo(): options for the answer to a packet. Undefined if they cannot be turned around.
 * `own` is the address that the answer comes from.
 */
export function echoOptions(
  received: IpOptions,
  bytes: Uint8Array,
  header: number,
  own: number,
  isOwn: (address: number) => boolean,
): EchoedOptions | undefined {
  const out = new Uint8Array(40);
  const options = new IpOptions();
  let end = 0;
  const copy = (
    offset: number,
  ): { readonly at: number; readonly length: number; readonly pointer: number } => {
    const from = header + offset;
    const length = bytes[from + 1] ?? 0;
    out.set(bytes.subarray(from, from + length), end);
    const at = end;
    end += length;
    return { at, length, pointer: bytes[from + 2] ?? 0 };
  };
  if (received.recordRoute !== 0) {
    const { at, length, pointer } = copy(received.recordRoute);
    options.recordRoute = IPV4_MIN_HEADER + at;
    if (received.recordNeedsAddress && pointer <= length) {
      if (pointer + 3 > length) return undefined;
      out[at + 2] = pointer + 4;
      options.recordNeedsAddress = true;
    }
  }
  if (received.timestamp !== 0) {
    const { at, length, pointer } = copy(received.timestamp);
    options.timestamp = IPV4_MIN_HEADER + at;
    let next = pointer;
    if (next <= length) {
      if (received.timestampNeedsAddress) {
        if (next + 3 > length) return undefined;
        options.timestampNeedsAddress = true;
        next += 4;
      }
      if (received.timestampNeedsTime) {
        if (next + 3 > length) return undefined;
        if (((out[at + 3] ?? 0) & 0xf) !== TIMESTAMP_PRESPECIFIED) {
          options.timestampNeedsTime = true;
          next += 4;
        } else if (next + 7 <= length && isOwn(readU32BE(out, at + next - 1))) {
          options.timestampNeedsTime = true;
          next += 8;
        }
      }
      out[at + 2] = next;
    }
  }
  if (received.sourceRoute !== 0) end = reverseRoute(received, bytes, header, own, out, end, options);
  while ((end & 3) !== 0) out[end++] = Ipv4OptionType.END;
  options.length = end;
  return { bytes: out.subarray(0, end), options };
}

/** A source route is travelled backwards; the host that it came from becomes the last hop. Returns the new end. */
function reverseRoute(
  received: IpOptions,
  bytes: Uint8Array,
  header: number,
  own: number,
  out: Uint8Array,
  end: number,
  options: IpOptions,
): number {
  const from = header + received.sourceRoute;
  const length = bytes[from + 1] ?? 0;
  const pointer = Math.min(bytes[from + 2] ?? 0, length + 1);
  let last = pointer - 4;
  if (last <= 3) return end;
  options.firstHop = readU32BE(bytes, from + last - 1);
  let at = 4;
  for (last -= 4; last > 3; last -= 4, at += 4) {
    out.set(bytes.subarray(from + last - 1, from + last + 3), end + at - 1);
  }
  writeU32BE(out, end + at - 1, readU32BE(bytes, header + 12));
  if (own === 0) return end;
  at += 4;
  out[end] = bytes[from] ?? 0;
  out[end + 1] = at - 1;
  out[end + 2] = 4;
  options.sourceRoute = IPV4_MIN_HEADER + end;
  options.strict = received.strict;
  return end + at - 1;
}

/** ip_options_fragment(): in fragments after the first, options that are not copied become no-operations. */
export function stripUncopied(bytes: Uint8Array, header: number, end: number): void {
  for (let at = header + IPV4_MIN_HEADER; at < end;) {
    const type = bytes[at] ?? 0;
    if (type === Ipv4OptionType.END) return;
    if (type === Ipv4OptionType.NO_OPERATION) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > end) return;
    if ((type & COPIED) === 0) bytes.fill(Ipv4OptionType.NO_OPERATION, at, at + length);
    at += length;
  }
}
