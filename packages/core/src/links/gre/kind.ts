// The link kinds "gre", "gretap" and "erspan" (their rtnl_link_ops), and what the module ip_gre does when it is loaded: each
// namespace gets a device of each kind that takes what no other does.

import { announceDevice, registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { changeMtu } from "../../kernel/device-state.ts";
import { ipv4Of, ipv4Stack } from "../../kernel/ipv4/namespace.ts";
import { routeOutput } from "../../kernel/ipv4/route-output.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import { configureNew } from "../../kernel/netlink/link-request.ts";
import { Slot } from "../../kernel/slot.ts";
import { addressBytes } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { GRE_KEY } from "../../wire/gre.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { isValidStationMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { NO_CONFIG, readConfig, validateFlags } from "./config.ts";
import { receiveGre } from "./decapsulate.ts";
import { GreDevice } from "./device.ts";
import type { GreData } from "./netlink.ts";
import { decodeGreData, encodeGreData } from "./netlink.ts";
import type { Carried } from "./tunnels.ts";
import { greOf } from "./tunnels.ts";

const ETHERNET_MTU = 1500;
const IPV4_MIN_MTU = 68;

function decode(payload: Uint8Array | undefined): GreData {
  const data = decodeGreData(payload ?? new Uint8Array(0));
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  return data;
}

/** ipgre_tap_validate() */
function validateTap({ address }: LinkMessage, payload: Uint8Array | undefined): void {
  if (address !== undefined) {
    if (address.length !== 6) throw new Refusal(ERRNO.EINVAL);
    if (!isValidStationMac(readMac(address, 0))) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  }
  const data = decode(payload);
  validateFlags(data);
  const some = data.remote?.some((byte) => byte !== 0) ?? true;
  if (payload !== undefined && !some && readIpv4Address(data.remote as Uint8Array, 0) === 0) {
    throw new Refusal(ERRNO.EINVAL);
  }
}

/** ip_tunnel_bind_dev(): what fits through the device below. */
function fittingMtu(device: GreDevice): number {
  const { config, home } = device;
  let lower: NetDevice | undefined;
  if (config.remote !== 0) {
    const route = routeOutput(ipv4Of(home), { destination: config.remote, oif: config.link });
    if (typeof route !== "number") lower = route.device;
  }
  lower ??= config.link === 0 ? undefined : home.deviceByIndex(config.link);
  return Math.max((lower?.mtu ?? ETHERNET_MTU) - device.overhead, IPV4_MIN_MTU);
}

/** ip_tunnel_newlink() */
function create(kind: LinkKind, carries: Carried, request: NewLink): NetDevice {
  const { kernel, netns, linkNetns: home, message } = request;
  load(kernel);
  const config = readConfig(decode(request.data));
  const device = new GreDevice(kernel, netns, request.name, kind, home, config, carries);
  device.nameAssignType = request.nameAssignType;
  configureNew(device, message);
  if (device.table.same(config)) throw new Refusal(ERRNO.EEXIST);
  if (carries !== "packets" && message.address === undefined) {
    device.address = kernel.random.mac();
    device.addressAssignType = 1;
  }
  const asked = message.mtu;
  registerDevice(device, message.index);
  device.table.add(device);
  try {
    changeMtu(device, asked ?? fittingMtu(device));
  } catch (refusal) {
    unregisterDevices([device]);
    throw refusal;
  }
  return device;
}

/** ipgre_fill_info() */
function fill(device: GreDevice): Uint8Array {
  const { config, carries } = device;
  const fallback = device.table.fallback === device;
  return encodeGreData({
    ...(carries === "erspan" ? { erspanVersion: 1, erspanIndex: 0 } : {}),
    link: config.link,
    inputFlags: config.inputFlags,
    outputFlags: carries === "erspan" && fallback ? config.outputFlags | GRE_KEY : config.outputFlags,
    inputKey: config.inputKey,
    outputKey: config.outputKey,
    local: addressBytes("inet", config.local),
    remote: addressBytes("inet", config.remote),
    ttl: config.ttl,
    tos: config.tos,
    pmtuDiscovery: config.pmtuDiscovery ? 1 : 0,
    mark: config.mark,
    encapType: 0,
    encapSourcePort: 0,
    encapDestinationPort: 0,
    encapFlags: 0,
    ignoreDf: config.ignoreDf ? 1 : 0,
    collectMetadata: config.external ? true : undefined,
  });
}

function greKindOf(kind: string, carries: Carried): LinkKind {
  const made: LinkKind = {
    kind,
    validate(message, payload) {
      if (carries === "packets") validateFlags(decode(payload));
      else validateTap(message, payload);
    },
    create: (request) => create(made, carries, request),
    remove: (device) => ((device as GreDevice).table.fallback === device ? [] : [device]),
    fill: (device) => fill(device as GreDevice),
  };
  return made;
}

export const gretapKind = greKindOf("gretap", "frames");

/** Only erspan0, which comes with the module, is there. */
export const erspanKind: LinkKind = {
  ...greKindOf("erspan", "erspan"),
  create: () => {
    throw new Refusal(ERRNO.EOPNOTSUPP, "ERSPAN tunnels are not implemented");
  },
};

export const greKind: LinkKind = { ...greKindOf("gre", "packets"), install };

const loaded = new Slot<true>();

const FALLBACKS: readonly (readonly [string, LinkKind, Carried])[] = [
  ["gre0", greKind, "packets"],
  ["gretap0", gretapKind, "frames"],
  ["erspan0", erspanKind, "erspan"],
];

/** ip_tunnel_init_net() */
function createFallbacks(netns: Netns): void {
  for (const [name, kind, carries] of FALLBACKS) {
    const device = new GreDevice(netns.kernel, netns, name, kind, netns, NO_CONFIG, carries);
    const table = greOf(netns)[carries];
    registerDevice(device);
    table.fallback = device;
    table.add(device);
    device.mtu = ETHERNET_MTU - device.overhead;
    announceDevice(device);
  }
}

/** modprobe ip_gre: with the first request for one of its kinds. */
function load(kernel: Kernel): void {
  if (loaded.of(kernel)) return;
  loaded.set(kernel, true);
  ipv4Stack.require(kernel).protocols[IpProtocol.GRE] = { receive: receiveGre };
  for (const netns of kernel.netnses.values()) createFallbacks(netns);
}

function install(kernel: Kernel): void {
  kernel.addLayer({
    devices(netns) {
      if (loaded.of(kernel)) createFallbacks(netns);
    },
    destroyed(netns) {
      const { packets, frames, erspan } = greOf(netns);
      unregisterDevices([...packets.devices, ...frames.devices, ...erspan.devices]);
    },
  });
}
