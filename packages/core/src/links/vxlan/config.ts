// How a VXLAN device is set up (struct vxlan_config): from the attributes of a request (vxlan_nl2conf), and whether that makes
// sense (vxlan_config_validate).

import type { NetDevice } from "../../kernel/device.ts";
import { inet6Device } from "../../kernel/ipv6/interface.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMulticastIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { IPV6_ANY, isLinkLocalIpv6, isMulticastIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { VxlanData } from "./netlink.ts";

/** VXLAN_F_* of net/vxlan.h. */
export const VXLAN_F = {
  LEARN: 0x01,
  PROXY: 0x02,
  RSC: 0x04,
  L2MISS: 0x08,
  L3MISS: 0x10,
  IPV6: 0x20,
  UDP_ZERO_CSUM_TX: 0x40,
  UDP_ZERO_CSUM6_TX: 0x80,
  UDP_ZERO_CSUM6_RX: 0x100,
  REMCSUM_TX: 0x200,
  REMCSUM_RX: 0x400,
  GBP: 0x800,
  REMCSUM_NOPARTIAL: 0x1000,
  COLLECT_METADATA: 0x2000,
  IPV6_LINKLOCAL: 0x8000,
  TTL_INHERIT: 0x10000,
  VNIFILTER: 0x20000,
  LOCALBYPASS: 0x80000,
} as const;

/** What devices that share a port must agree about (VXLAN_F_RCV_FLAGS). */
export const RECEIVE_FLAGS =
  VXLAN_F.GBP |
  VXLAN_F.UDP_ZERO_CSUM6_RX |
  VXLAN_F.REMCSUM_RX |
  VXLAN_F.REMCSUM_NOPARTIAL |
  VXLAN_F.COLLECT_METADATA |
  VXLAN_F.VNIFILTER;

export const DF = { UNSET: 0, SET: 1, INHERIT: 2 } as const;
const DF_MAX = 2;
const VNI_LIMIT = 1 << 24;
/** Linux's port from before IANA assigned one. */
const DEFAULT_PORT = 8472;
/** Seconds. */
const DEFAULT_AGEING = 300;

export interface VxlanConfig {
  vni: number;
  family: "inet" | "inet6";
  /** Undefined: none. */
  remote: IpAddress | undefined;
  local: IpAddress | undefined;
  /** ifindex of the device below; 0: none. */
  link: number;
  ttl: number;
  /** 1: inherited from the packet. */
  tos: number;
  flowLabel: number;
  df: number;
  /** VXLAN_F.* */
  flags: number;
  ageing: number;
  /** Entries that may be in the table; 0: any number. */
  limit: number;
  portLow: number;
  portHigh: number;
  port: number;
}

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, text);
}

/** The part of vxlan_validate() that is about the attributes of the kind. */
export function validateAttributes({ id, portRange, df }: VxlanData): void {
  if (id !== undefined && id >= VNI_LIMIT) refuse(ERRNO.ERANGE, "VXLAN ID must be lower than 16777216");
  if (portRange !== undefined && portRange.high < portRange.low) {
    refuse(ERRNO.EINVAL, "Invalid source port range");
  }
  if (df !== undefined && df > DF_MAX) refuse(ERRNO.EINVAL, "Invalid DF attribute");
}

/** Attributes that are a flag each, which cannot be changed later, with their names in the kernel's texts. */
const FLAG_ATTRIBUTES: readonly (readonly [keyof VxlanData, number, string])[] = [
  ["ttlInherit", VXLAN_F.TTL_INHERIT, "TTL_INHERIT"],
  ["proxy", VXLAN_F.PROXY, "PROXY"],
  ["rsc", VXLAN_F.RSC, "RSC"],
  ["l2miss", VXLAN_F.L2MISS, "L2MISS"],
  ["l3miss", VXLAN_F.L3MISS, "L3MISS"],
  ["collectMetadata", VXLAN_F.COLLECT_METADATA, "COLLECT_METADATA"],
  ["udpZeroCsum6Tx", VXLAN_F.UDP_ZERO_CSUM6_TX, "UDP_ZERO_CSUM6_TX"],
  ["udpZeroCsum6Rx", VXLAN_F.UDP_ZERO_CSUM6_RX, "UDP_ZERO_CSUM6_RX"],
  ["remcsumTx", VXLAN_F.REMCSUM_TX, "REMCSUM_TX"],
  ["remcsumRx", VXLAN_F.REMCSUM_RX, "REMCSUM_RX"],
  ["gbp", VXLAN_F.GBP, "GBP"],
  ["remcsumNopartial", VXLAN_F.REMCSUM_NOPARTIAL, "REMCSUM_NOPARTIAL"],
  ["vnifilter", VXLAN_F.VNIFILTER, "VNIFILTER"],
];

interface Endpoint {
  readonly family: "inet" | "inet6";
  readonly address: IpAddress | undefined;
}

function endpoint(v4: Uint8Array | undefined, v6: Uint8Array | undefined): Endpoint | undefined {
  if (v4 !== undefined) return { family: "inet", address: readIpv4Address(v4, 0) || undefined };
  if (v6 === undefined) return undefined;
  const address = readIpv6Address(v6, 0);
  return { family: "inet6", address: address === IPV6_ANY ? undefined : address };
}

/** vxlan_nl2conf(). `old`: that of the device that is changed. Errors: EINVAL, EOPNOTSUPP. */
export function readConfig(data: VxlanData, old: VxlanConfig | undefined): VxlanConfig {
  if (data.gpe !== undefined) refuse(ERRNO.EOPNOTSUPP, "VXLAN GPE is not implemented");
  if (old !== undefined && data.id !== undefined && data.id !== old.vni) {
    refuse(ERRNO.EOPNOTSUPP, "Cannot change VNI");
  }
  const group = endpoint(data.group, data.group6);
  if (old !== undefined && group !== undefined && group.family !== old.family) {
    refuse(ERRNO.EOPNOTSUPP, "New group address family does not match old group");
  }
  const local = endpoint(data.local, data.local6);
  if (old !== undefined && local !== undefined && local.family !== old.family) {
    refuse(ERRNO.EOPNOTSUPP, "New local address family does not match old");
  }
  if (group !== undefined && local !== undefined && group.family !== local.family) {
    refuse(ERRNO.EINVAL, "Local and remote address must be from the same family");
  }
  if (old !== undefined) refuseFixed(data);
  let flags = old?.flags ?? VXLAN_F.LEARN | VXLAN_F.LOCALBYPASS;
  if (data.learning !== undefined) {
    flags = data.learning === 0 ? flags & ~VXLAN_F.LEARN : flags | VXLAN_F.LEARN;
  }
  if (data.localbypass !== undefined) {
    flags = data.localbypass === 0 ? flags & ~VXLAN_F.LOCALBYPASS : flags | VXLAN_F.LOCALBYPASS;
  }
  if (data.udpCsum === 0) flags |= VXLAN_F.UDP_ZERO_CSUM_TX;
  for (const [name, bit] of FLAG_ATTRIBUTES) {
    const value = data[name];
    if (value !== undefined) flags = value === 0 ? flags & ~bit : flags | bit;
  }
  if ((flags & VXLAN_F.VNIFILTER) !== 0 && (flags & VXLAN_F.COLLECT_METADATA) === 0) {
    refuse(ERRNO.EINVAL, "vxlan vnifilter only valid in collect metadata mode");
  }
  return {
    vni: data.id ?? old?.vni ?? 0,
    family: group?.family ?? local?.family ?? old?.family ?? "inet",
    remote: group === undefined ? old?.remote : group.address,
    local: local === undefined ? old?.local : local.address,
    link: data.link ?? old?.link ?? 0,
    ttl: data.ttl ?? old?.ttl ?? 0,
    tos: data.tos ?? old?.tos ?? 0,
    flowLabel: (data.label ?? old?.flowLabel ?? 0) & 0xf_ffff,
    df: data.df ?? old?.df ?? DF.UNSET,
    flags,
    ageing: data.ageing ?? old?.ageing ?? 0,
    limit: data.limit ?? old?.limit ?? 0,
    portLow: data.portRange?.low ?? old?.portLow ?? 0,
    portHigh: data.portRange?.high ?? old?.portHigh ?? 0,
    port: data.port ?? old?.port ?? 0,
  };
}

/** What cannot be changed on a device that is there, in the order of vxlan_nl2conf(). Errors: EOPNOTSUPP. */
function refuseFixed(data: VxlanData): void {
  const fixed = (value: unknown, name: string): void => {
    if (value !== undefined) refuse(ERRNO.EOPNOTSUPP, `Cannot change ${name}`);
  };
  for (const [key, , name] of FLAG_ATTRIBUTES) {
    if (key === "collectMetadata") fixed(data.limit, "limit");
    if (key === "udpZeroCsum6Tx") {
      fixed(data.portRange, "port range");
      fixed(data.port, "port");
      fixed(data.udpCsum, "UDP_CSUM flag");
    }
    if (data[key] !== undefined) refuse(ERRNO.EOPNOTSUPP, `vxlan: cannot change ${name} flag`);
  }
}

export function isGroup(address: IpAddress | undefined): boolean {
  if (address === undefined) return false;
  return typeof address === "number" ? isMulticastIpv4(address) : isMulticastIpv6(address);
}

/** vxlan_config_validate(), up to the search for the same VNI: completes the config. Returns the device below, if there is one. */
export function completeConfig(netns: Netns, config: VxlanConfig): NetDevice | undefined {
  const { local, remote } = config;
  if (isGroup(local)) refuse(ERRNO.EINVAL, "Local address cannot be multicast");
  if (config.family === "inet6") {
    config.flags |= VXLAN_F.IPV6;
    if ((config.flags & VXLAN_F.COLLECT_METADATA) === 0) checkScopes(config);
  } else if (config.flowLabel !== 0) {
    refuse(ERRNO.EINVAL, "Label attribute only applies to IPv6 VXLAN devices");
  }
  let lower: NetDevice | undefined;
  if (config.link !== 0) {
    lower = netns.deviceByIndex(config.link);
    if (lower === undefined) refuse(ERRNO.ENODEV, "Invalid local interface, device not found");
    if (config.family === "inet6" && inet6Device.of(lower)?.configuration.disable_ipv6) {
      refuse(ERRNO.EPERM, "IPv6 support disabled by administrator");
    }
  } else if (isGroup(remote)) {
    refuse(ERRNO.EINVAL, "Local interface required for multicast remote destination");
  } else if (config.flags & VXLAN_F.IPV6_LINKLOCAL) {
    refuse(ERRNO.EINVAL, "Local interface required for link-local local/remote addresses");
  }
  config.port ||= DEFAULT_PORT;
  config.ageing ||= DEFAULT_AGEING;
  return lower;
}

/** Link-local addresses go with link-local ones only. */
function checkScopes(config: VxlanConfig): void {
  const isLinkLocal = (address: IpAddress | undefined): boolean =>
    typeof address === "string" && isLinkLocalIpv6(address);
  const mixed = (): never => refuse(ERRNO.EINVAL, "Invalid combination of local and remote address scopes");
  if (isLinkLocal(config.local)) {
    if (config.remote !== undefined && !isLinkLocal(config.remote)) mixed();
    config.flags |= VXLAN_F.IPV6_LINKLOCAL;
  } else {
    if (isLinkLocal(config.remote)) mixed();
    config.flags &= ~VXLAN_F.IPV6_LINKLOCAL;
  }
}
