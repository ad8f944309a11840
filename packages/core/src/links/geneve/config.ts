// How a Geneve device is set up (struct geneve_config): from the attributes of a request (geneve_nl2info).

import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { GENEVE_PORT } from "../../wire/geneve.ts";
import { isMulticastIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { isLinkLocalIpv6, isMulticastIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { GeneveData } from "./netlink.ts";

export const DF = { UNSET: 0, SET: 1, INHERIT: 2 } as const;
const DF_MAX = 2;
const VNI_LIMIT = 1 << 24;

export interface GeneveConfig {
  readonly vni: number;
  /** 0 for a device whose packets carry their ends along. */
  readonly remote: IpAddress;
  readonly port: number;
  readonly ttl: number;
  readonly ttlInherit: boolean;
  /** 1: inherited from the packet. */
  readonly tos: number;
  readonly df: number;
  readonly flowLabel: number;
  readonly checksum: boolean;
  /** Datagrams over IPv6 without a checksum are taken. */
  readonly zeroChecksum6: boolean;
  readonly external: boolean;
}

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, text);
}

const FIXED =
  "Changing VNI, Port, endpoint IP address family, external, inner_proto_inherit, and UDP checksum attributes are not supported";

/** The part of geneve_validate() that is about the attributes of the kind. */
export function validateAttributes({ id, df }: GeneveData): void {
  if (id !== undefined && id >= VNI_LIMIT) refuse(ERRNO.ERANGE, "Geneve ID must be lower than 16777216");
  if (df !== undefined && df > DF_MAX) refuse(ERRNO.EINVAL, "Invalid DF attribute");
}

function remoteOf(data: GeneveData, old: GeneveConfig | undefined): IpAddress {
  if (data.remote !== undefined && data.remote6 !== undefined) {
    refuse(ERRNO.EINVAL, "IPv4 and IPv6 remote can't both be provided");
  }
  if (data.remote !== undefined) {
    if (old && typeof old.remote !== "number") refuse(ERRNO.EOPNOTSUPP, FIXED);
    const remote = readIpv4Address(data.remote, 0);
    return isMulticastIpv4(remote) ? refuse(ERRNO.EINVAL, "Remote IPv4 address cannot be Multicast") : remote;
  }
  if (data.remote6 === undefined) return old?.remote ?? 0;
  if (old && typeof old.remote === "number") refuse(ERRNO.EOPNOTSUPP, FIXED);
  const remote = readIpv6Address(data.remote6, 0);
  if (isLinkLocalIpv6(remote)) refuse(ERRNO.EINVAL, "Remote IPv6 address cannot be link-local");
  return isMulticastIpv6(remote) ? refuse(ERRNO.EINVAL, "Remote IPv6 address cannot be Multicast") : remote;
}

/** geneve_nl2info(). `old`: that of the device that is changed. Errors: EINVAL, EOPNOTSUPP. */
export function readConfig(data: GeneveData, old: GeneveConfig | undefined): GeneveConfig {
  if (data.innerProtoInherit === true) {
    refuse(ERRNO.EOPNOTSUPP, "Geneve with inner_proto_inherit is not implemented");
  }
  const remote = remoteOf(data, old);
  const v6 = typeof remote !== "number";
  if (old) {
    const fixed = [data.collectMetadata, data.udpCsum, data.udpZeroCsum6Tx, data.udpZeroCsum6Rx];
    if (
      fixed.some((each) => each !== undefined) ||
      (data.id !== undefined && data.id !== old.vni) ||
      (data.port !== undefined && data.port !== old.port)
    ) {
      refuse(ERRNO.EOPNOTSUPP, FIXED);
    }
  }
  const ttlInherit =
    data.ttlInherit !== undefined
      ? data.ttlInherit !== 0
      : data.ttl === undefined && (old?.ttlInherit ?? false);
  return {
    vni: data.id ?? old?.vni ?? 0,
    remote,
    port: data.port ?? old?.port ?? GENEVE_PORT,
    ttl: data.ttl ?? old?.ttl ?? 0,
    ttlInherit,
    tos: data.tos ?? old?.tos ?? 0,
    df: data.df ?? old?.df ?? DF.UNSET,
    flowLabel: (data.label ?? old?.flowLabel ?? 0) & 0xf_ffff,
    checksum: v6
      ? data.udpZeroCsum6Tx !== 1 && (old?.checksum ?? true)
      : data.udpCsum === 1 || (old?.checksum ?? false),
    zeroChecksum6: old?.zeroChecksum6 ?? (!v6 || data.udpZeroCsum6Rx === 1),
    external: old?.external ?? data.collectMetadata === true,
  };
}
