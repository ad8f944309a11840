// How a GRE tunnel is set up (struct ip_tunnel_parm): from the attributes of a request (ipgre_netlink_parms).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { GRE_CHECKSUM, GRE_KEY, GRE_ROUTING, GRE_SEQUENCE } from "../../wire/gre.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import type { GreData } from "./netlink.ts";

export interface GreConfig {
  /** ifindex of the device below; 0: routing says. */
  readonly link: number;
  /** GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE: what packets must have, and get. */
  readonly inputFlags: number;
  readonly outputFlags: number;
  readonly inputKey: number;
  readonly outputKey: number;
  /** 0: any. */
  readonly local: Ipv4Address;
  readonly remote: Ipv4Address;
  /** 0: inherited. */
  readonly ttl: number;
  /** Bit 0: inherited. */
  readonly tos: number;
  readonly pmtuDiscovery: boolean;
  readonly ignoreDf: boolean;
  readonly mark: number;
  /** Packets carry their ends along. */
  readonly external: boolean;
}

export const NO_CONFIG: GreConfig = {
  link: 0,
  inputFlags: 0,
  outputFlags: 0,
  inputKey: 0,
  outputKey: 0,
  local: 0,
  remote: 0,
  ttl: 0,
  tos: 0,
  pmtuDiscovery: false,
  ignoreDf: false,
  mark: 0,
  external: false,
};

const KNOWN_FLAGS = GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE;
const VERSION = 0x0007;

/** ipgre_tunnel_validate(). Errors: EINVAL. */
export function validateFlags({ inputFlags = 0, outputFlags = 0 }: GreData): void {
  if ((inputFlags | outputFlags) & (VERSION | GRE_ROUTING)) throw new Refusal(ERRNO.EINVAL);
}

/** Errors: EINVAL, EOPNOTSUPP. */
export function readConfig(data: GreData): GreConfig {
  if ((data.encapType ?? 0) !== 0) {
    throw new Refusal(ERRNO.EOPNOTSUPP, "GRE inside UDP (fou, gue) is not implemented");
  }
  const pmtuDiscovery = (data.pmtuDiscovery ?? 1) !== 0;
  const ignoreDf = (data.ignoreDf ?? 0) !== 0;
  if (ignoreDf && pmtuDiscovery) throw new Refusal(ERRNO.EINVAL);
  return {
    link: data.link ?? 0,
    inputFlags: (data.inputFlags ?? 0) & KNOWN_FLAGS,
    outputFlags: (data.outputFlags ?? 0) & KNOWN_FLAGS,
    inputKey: data.inputKey ?? 0,
    outputKey: data.outputKey ?? 0,
    local: data.local ? readIpv4Address(data.local, 0) : 0,
    remote: data.remote ? readIpv4Address(data.remote, 0) : 0,
    ttl: data.ttl ?? 0,
    tos: data.tos ?? 0,
    pmtuDiscovery,
    ignoreDf,
    mark: data.mark ?? 0,
    external: data.collectMetadata === true,
  };
}
