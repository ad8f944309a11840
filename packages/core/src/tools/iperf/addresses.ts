// Addresses as iperf3 shows them, and its way to end with an error.

import type { StreamAddress } from "../../system/stream-sockets.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";

/** Ends with the words of iperf3. */
export class IperfError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type InetAddress = StreamAddress & { readonly family: "inet" | "inet6" };

export function addressText({ address }: { readonly address: Uint8Array }): string {
  return address.length === 4
    ? formatIpv4(readIpv4Address(address, 0))
    : formatIpv6(readIpv6Address(address, 0));
}

export function inetOf(address: StreamAddress | undefined): InetAddress {
  if (address === undefined || address.family === "unix") throw new IperfError("error - no address");
  return address;
}
