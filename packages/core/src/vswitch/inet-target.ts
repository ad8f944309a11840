// Names of IP endpoints as users of Open vSwitch write them: "IP[:PORT]", "[IPv6][:PORT]" (inet_parse_active of
// lib/socket-util.c). Host names are not looked up.

import type { InetAddress } from "../system/sockets.ts";
import { formatIpv4, parseIpv4, readIpv4Address, writeIpv4Address } from "../wire/ipv4-address.ts";
import { formatIpv6, ipv6ToBytes, parseIpv6, readIpv6Address } from "../wire/ipv6-address.ts";

export interface InetTarget extends InetAddress {
  readonly family: "inet" | "inet6";
}

/** Undefined for what is none, or has no port although there is no default. */
export function parseInetTarget(text: string, defaultPort?: number): InetTarget | undefined {
  const [, bracketed, plain = "", portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(text) ?? [
    undefined,
    undefined,
    text, // with several colons it is an IPv6 address alone
    undefined,
  ];
  const port = portText === undefined || portText === "" ? defaultPort : Number(portText);
  if (port === undefined || port > 0xffff) return undefined;
  const address = parseInetAddress(bracketed ?? plain);
  return address && { family: address.length === 4 ? "inet" : "inet6", address, port };
}

/** 4 or 16 bytes in wire order. */
export function parseInetAddress(text: string): Uint8Array | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) {
    const bytes = new Uint8Array(4);
    writeIpv4Address(bytes, 0, v4);
    return bytes;
  }
  const v6 = parseIpv6(text);
  return v6 && ipv6ToBytes(v6);
}

/** `127.0.0.1:4739`, `[::1]:4739` */
export function formatInetTarget({ address, port }: InetAddress): string {
  return address.length === 4
    ? `${formatIpv4(readIpv4Address(address, 0))}:${port}`
    : `[${formatIpv6(readIpv6Address(address, 0))}]:${port}`;
}
