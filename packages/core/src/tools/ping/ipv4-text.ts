// What ping prints of ICMP messages and IPv4 options.

import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { Ipv4OptionType } from "../../wire/ipv4-options.ts";
import { IPV4_MIN_HEADER } from "../../wire/ipv4.ts";

const UNREACHABLE: Readonly<Record<number, string>> = {
  [IcmpUnreachable.NET]: "Destination Net Unreachable",
  [IcmpUnreachable.HOST]: "Destination Host Unreachable",
  [IcmpUnreachable.PROTOCOL]: "Destination Protocol Unreachable",
  [IcmpUnreachable.PORT]: "Destination Port Unreachable",
  [IcmpUnreachable.SOURCE_ROUTE_FAILED]: "Source Route Failed",
  [IcmpUnreachable.NET_UNKNOWN]: "Destination Net Unknown",
  [IcmpUnreachable.HOST_UNKNOWN]: "Destination Host Unknown",
  [IcmpUnreachable.HOST_ISOLATED]: "Source Host Isolated",
  [IcmpUnreachable.NET_PROHIBITED]: "Destination Net Prohibited",
  [IcmpUnreachable.HOST_PROHIBITED]: "Destination Host Prohibited",
  [IcmpUnreachable.NET_FOR_TOS]: "Destination Net Unreachable for Type of Service",
  [IcmpUnreachable.HOST_FOR_TOS]: "Destination Host Unreachable for Type of Service",
  [IcmpUnreachable.COMMUNICATION_PROHIBITED]: "Packet filtered",
  [IcmpUnreachable.PRECEDENCE_VIOLATION]: "Precedence Violation",
  [IcmpUnreachable.PRECEDENCE_CUTOFF]: "Precedence Cutoff",
};

const REDIRECT = [
  "Redirect Network",
  "Redirect Host",
  "Redirect Type of Service and Network",
  "Redirect Type of Service and Host",
];

const EXCEEDED = ["Time to live exceeded", "Frag reassembly time exceeded"];

const OTHERS: Readonly<Record<number, string>> = {
  [IcmpType.ECHO_REPLY]: "Echo Reply",
  [IcmpType.SOURCE_QUENCH]: "Source Quench",
  [IcmpType.ECHO_REQUEST]: "Echo Request",
  [IcmpType.TIMESTAMP]: "Timestamp",
  [IcmpType.TIMESTAMP_REPLY]: "Timestamp Reply",
  [IcmpType.INFORMATION_REQUEST]: "Information Request",
  [IcmpType.INFORMATION_REPLY]: "Information Reply",
  [IcmpType.ADDRESS_MASK_REQUEST]: "Address Mask Request",
  [IcmpType.ADDRESS_MASK_REPLY]: "Address Mask Reply",
};

/**
 * An ICMP message in words, with the line's end.
 * @param info MTU, pointer or gateway
 * @param nameOf how to show the gateway
 */
export function icmpText(
  type: number,
  code: number,
  info: number,
  nameOf: (address: number) => string,
): string {
  switch (type) {
    case IcmpType.DESTINATION_UNREACHABLE:
      if (code === IcmpUnreachable.FRAGMENTATION_NEEDED) return `Frag needed and DF set (mtu = ${info})\n`;
      return `${UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`}\n`;
    case IcmpType.REDIRECT:
      return `${REDIRECT[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${nameOf(info)})\n`;
    case IcmpType.TIME_EXCEEDED:
      return `${EXCEEDED[code] ?? `Time exceeded, Bad Code: ${code}`}\n`;
    case IcmpType.PARAMETER_PROBLEM:
      return `Parameter problem: pointer = ${info}\n`;
    default:
      return `${OTHERS[type] ?? `Bad ICMP type: ${type}`}\n`;
  }
}

/** Prints options and remembers the last recorded route, which is not printed twice in a row. */
export class OptionPrinter {
  readonly #nameOf: (address: number) => string;
  readonly #flood: boolean;
  #lastRoute: string | undefined;

  constructor(nameOf: (address: number) => string, flood: boolean) {
    this.#nameOf = nameOf;
    this.#flood = flood;
  }

  /** The text for the options in `[from, end)`: what follows a reply on its line and below it. */
  text(bytes: Uint8Array, from: number, end: number): string {
    let out = "";
    let at = from;
    while (at < end) {
      const type = readU8(bytes, at);
      if (type === Ipv4OptionType.END) break;
      if (type === Ipv4OptionType.NO_OPERATION) {
        out += "\nNOP";
        at++;
        continue;
      }
      const length = at + 1 < end ? readU8(bytes, at + 1) : 0;
      if (length < 2 || at + length > end) break;
      out += this.#option(bytes, at, type, length);
      at += length;
    }
    return out;
  }

  #option(bytes: Uint8Array, at: number, type: number, length: number): string {
    switch (type) {
      case Ipv4OptionType.STRICT_SOURCE_ROUTE:
        return `\nSSRR: ${this.#addresses(bytes, at + 3, length - 4)}`;
      case Ipv4OptionType.LOOSE_SOURCE_ROUTE:
        return `\nLSRR: ${this.#addresses(bytes, at + 3, length - 4)}`;
      case Ipv4OptionType.RECORD_ROUTE:
        return this.#recordedRoute(bytes, at, length);
      case Ipv4OptionType.TIMESTAMP:
        return this.#timestamps(bytes, at, length);
      default:
        return `\nunknown option ${type.toString(16)}`;
    }
  }

  /** One line an address, for `room` bytes of them. */
  #addresses(bytes: Uint8Array, at: number, room: number): string {
    let out = "";
    for (let left = room; left > 0; left -= 4, at += 4) out += `\t${this.#address(bytes, at)}\n`;
    return out;
  }

  #address(bytes: Uint8Array, at: number): string {
    const address = readU32BE(bytes, at);
    return address === 0 ? "0.0.0.0" : this.#nameOf(address);
  }

  #recordedRoute(bytes: Uint8Array, at: number, length: number): string {
    const filled = Math.min(readU8(bytes, at + 2), length) - 4;
    if (filled <= 0) return "";
    const route = Array.from(bytes.subarray(at + 2, at + 2 + filled)).join(".");
    if (route === this.#lastRoute && !this.#flood) return "\t(same route)";
    this.#lastRoute = route;
    return `\nRR: ${this.#addresses(bytes, at + 3, filled)}`;
  }

  #timestamps(bytes: Uint8Array, at: number, length: number): string {
    let left = Math.min(readU8(bytes, at + 2), length) - 5;
    if (left <= 0) return "";
    const flags = readU8(bytes, at + 3);
    const withAddress = (flags & 0xf) !== 0;
    let out = "\nTS: ";
    let last = 0;
    let lastOther = 0;
    for (let place = at + 4; left > 0; place += 4) {
      if (withAddress) {
        out += `\t${this.#address(bytes, place)}`;
        place += 4;
        left -= 4;
        if (left <= 0) break;
      }
      const time = readU32BE(bytes, place);
      const value = time & 0x7fff_ffff;
      if (time > 0x7fff_ffff) {
        out += lastOther === 0 ? `\t${value} absolute not-standard` : `\t${value - lastOther} not-standard`;
        lastOther = value;
      } else {
        out += last === 0 ? `\t${value} absolute` : `\t${value - last}`;
        last = value;
      }
      out += "\n";
      left -= 4;
    }
    if (flags >>> 4 !== 0) out += `Unrecorded hops: ${flags >>> 4}\n`;
    return out;
  }
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");

/** The header of a quoted packet as ping -v shows it: a title, then the fields. */
export function headerText(bytes: Uint8Array, at: number, options: OptionPrinter): string {
  const length = (readU8(bytes, at) & 0xf) * 4;
  // Lengths and numbers are printed as a little-endian machine finds them.
  const swapped = (offset: number): string =>
    hex(readU8(bytes, at + offset + 1), 2) + hex(readU8(bytes, at + offset), 2);
  const fragment = ((readU8(bytes, at + 7) << 8) | readU8(bytes, at + 6)) & 0xffff;
  return (
    "Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst Data\n" +
    ` ${hex(readU8(bytes, at) >>> 4, 1)}  ${hex(length / 4, 1)}  ${hex(readU8(bytes, at + 1), 2)} ${swapped(2)} ${swapped(4)}` +
    `   ${hex((fragment & 0xe000) >>> 13, 1)} ${hex(fragment & 0x1fff, 4)}` +
    `  ${hex(readU8(bytes, at + 8), 2)}  ${hex(readU8(bytes, at + 9), 2)} ${swapped(10)}` +
    ` ${formatIpv4(readU32BE(bytes, at + 12))}  ${formatIpv4(readU32BE(bytes, at + 16))} \n` +
    options.text(bytes, at + IPV4_MIN_HEADER, at + length)
  );
}

/** `info` of a received message as the error queue would tell it. */
export function infoOf(bytes: Uint8Array, at: number, type: number, code: number): number {
  if (type === IcmpType.PARAMETER_PROBLEM) return readU8(bytes, at + 4);
  if (type === IcmpType.DESTINATION_UNREACHABLE && code === IcmpUnreachable.FRAGMENTATION_NEEDED) {
    return readU16BE(bytes, at + 6);
  }
  return readU32BE(bytes, at + 4);
}
