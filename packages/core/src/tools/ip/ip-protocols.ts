// Names of IP protocols, as /etc/protocols has those that routing rules and look-ups use.

import { parseUnsigned } from "./numbers.ts";

const NAMES: ReadonlyMap<number, string> = new Map([
  [0, "ip"],
  [1, "icmp"],
  [2, "igmp"],
  [4, "ipencap"],
  [6, "tcp"],
  [17, "udp"],
  [33, "dccp"],
  [41, "ipv6"],
  [47, "gre"],
  [50, "esp"],
  [51, "ah"],
  [58, "ipv6-icmp"],
  [132, "sctp"],
  [136, "udplite"],
]);

/** Name of a protocol, or `ipproto-N` if it has none or numbers are wanted. */
export function ipProtocolName(protocol: number, numeric: boolean): string {
  return (numeric ? undefined : NAMES.get(protocol)) ?? `ipproto-${protocol}`;
}

/** Number of a protocol by name or number; undefined if it is neither. */
export function parseIpProtocol(text: string): number | undefined {
  const number = parseUnsigned(text, 255, 10);
  if (number !== undefined) return number;
  for (const [id, name] of NAMES) if (name === text) return id;
  return undefined;
}
