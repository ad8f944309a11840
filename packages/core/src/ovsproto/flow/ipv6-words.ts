// IPv6 addresses in a flow: four words from a place on.

import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import { ipv6ToBytes, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { word } from "./flow.ts";
import type { Flow } from "./flow.ts";

export function readIpv6Words(flow: Flow, at: number): Ipv6Address {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 4; i++) writeU32BE(bytes, 4 * i, word(flow, at + i));
  return readIpv6Address(bytes, 0);
}

export function writeIpv6Words(flow: Flow, at: number, address: Ipv6Address): void {
  const bytes = ipv6ToBytes(address);
  for (let i = 0; i < 4; i++) flow[at + i] = readU32BE(bytes, 4 * i);
}
