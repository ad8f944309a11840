// The link kind "geneve" (its rtnl_link_ops).

import { registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { routeOutput as routeV4 } from "../../kernel/ipv4/route-output.ts";
import { inet6Netns } from "../../kernel/ipv6/interface.ts";
import { routeOutput as routeV6 } from "../../kernel/ipv6/route-lookup.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import { configureNew } from "../../kernel/netlink/link-request.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { addressBytes } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { IPV6_ANY } from "../../wire/ipv6-address.ts";
import { isValidStationMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { GeneveConfig } from "./config.ts";
import { readConfig, validateAttributes } from "./config.ts";
import { GeneveDevice } from "./device.ts";
import type { GeneveData } from "./netlink.ts";
import { decodeGeneveData, encodeGeneveData } from "./netlink.ts";
import { geneveOf } from "./sockets.ts";

function decode(payload: Uint8Array): GeneveData {
  const data = decodeGeneveData(payload);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  return data;
}

/** geneve_validate() */
function validate({ address }: LinkMessage, payload: Uint8Array | undefined): void {
  if (address !== undefined) {
    if (address.length !== 6) throw new Refusal(ERRNO.EINVAL, "Provided link layer address is not Ethernet");
    if (!isValidStationMac(readMac(address, 0))) {
      throw new Refusal(ERRNO.EADDRNOTAVAIL, "Provided Ethernet address is not unicast");
    }
  }
  if (payload === undefined) {
    throw new Refusal(ERRNO.EINVAL, "Not enough attributes provided to perform the operation");
  }
  validateAttributes(decode(payload));
}

/** geneve_configure(), up to the registering: nobody else takes the same packets. Errors: EBUSY, EPERM. */
function requireFree(home: Netns, config: GeneveConfig, device?: GeneveDevice): void {
  const others = geneveOf(home).devices.filter(
    (other) => other !== device && other.config.port === config.port,
  );
  if (others.some((other) => other.config.vni === config.vni && other.config.remote === config.remote)) {
    throw new Refusal(ERRNO.EBUSY);
  }
  if (config.external && others.length > 0) {
    throw new Refusal(
      ERRNO.EPERM,
      "There can be only one externally controlled device on a destination port",
    );
  }
  if (!config.external && others.some((other) => other.config.external)) {
    throw new Refusal(
      ERRNO.EPERM,
      "There already exists an externally controlled device on this destination port",
    );
  }
}

/** MTU of the device by which packets to `remote` leave; undefined if there is no route. */
function lowerMtu(home: Netns, remote: IpAddress): number | undefined {
  if (typeof remote === "number") {
    const route = routeV4(ipv4Of(home), { destination: remote });
    return typeof route === "number" ? undefined : route.device.mtu;
  }
  const namespace = inet6Netns.of(home);
  const route = namespace && routeV6(namespace, { destination: remote, source: IPV6_ANY });
  return route?.error === 0 ? route.device.mtu : undefined;
}

/** geneve_newlink(), geneve_link_config() */
function create(request: NewLink): NetDevice {
  const { kernel, netns, linkNetns: home, message } = request;
  const config = readConfig(decode(request.data ?? new Uint8Array(0)), undefined);
  requireFree(home, config);
  const device = new GeneveDevice(kernel, netns, request.name, geneveKind, home, config);
  device.nameAssignType = request.nameAssignType;
  configureNew(device, message);
  if (message.address === undefined) {
    device.address = kernel.random.mac();
    device.addressAssignType = 1;
  }
  registerDevice(device, message.index);
  geneveOf(home).devices.unshift(device);
  if (message.mtu === undefined && !config.external) {
    const largest = (lowerMtu(home, config.remote) ?? 0) - device.overhead;
    if (largest > 0) device.mtu = Math.min(largest, device.maxMtu);
  }
  return device;
}

/** geneve_changelink() */
function change(device: GeneveDevice, data: GeneveData): void {
  // Devices that leave everything to their packets have nothing to change.
  if (device.config.external) return;
  const config = readConfig(data, device.config);
  requireFree(device.home, config, device);
  device.config = config;
}

function detach(device: GeneveDevice): void {
  const { devices } = geneveOf(device.home);
  const at = devices.indexOf(device);
  if (at >= 0) devices.splice(at, 1);
}

/** geneve_fill_info() */
function fill({ config }: GeneveDevice): Uint8Array {
  const { remote, external } = config;
  const v4 = typeof remote === "number";
  return encodeGeneveData({
    id: config.vni,
    ...(external
      ? {}
      : v4
        ? { remote: addressBytes("inet", remote), udpCsum: config.checksum ? 1 : 0 }
        : { remote6: addressBytes("inet6", remote), udpZeroCsum6Tx: config.checksum ? 0 : 1 }),
    ttl: config.ttl,
    tos: config.tos,
    label: config.flowLabel,
    df: config.df,
    port: config.port,
    collectMetadata: external ? true : undefined,
    udpZeroCsum6Rx: config.zeroChecksum6 ? 1 : 0,
    ttlInherit: config.ttlInherit ? 1 : 0,
  });
}

/** geneve_destroy_tunnels(): devices that have moved out of a namespace go with it. */
function install(kernel: Kernel): void {
  kernel.addLayer({
    destroyed(netns) {
      const left = [...geneveOf(netns).devices];
      for (const device of left) detach(device);
      unregisterDevices(left);
    },
  });
}

export const geneveKind: LinkKind = {
  kind: "geneve",
  tellsType: true,
  validate,
  create,
  change: (device, payload) => change(device as GeneveDevice, decode(payload)),
  remove(device) {
    detach(device as GeneveDevice);
    return [device];
  },
  fill: (device) => fill(device as GeneveDevice),
  install,
};
