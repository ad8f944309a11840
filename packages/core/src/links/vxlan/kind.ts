// The link kind "vxlan" (its rtnl_link_ops).

import { linkUpper, registerDevice, unlinkUpper, unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { DeviceEvent, Kernel } from "../../kernel/kernel.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import { configureNew } from "../../kernel/netlink/link-request.ts";
import { addressBytes } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isValidStationMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { VxlanConfig } from "./config.ts";
import { completeConfig, readConfig, RECEIVE_FLAGS, validateAttributes, VXLAN_F } from "./config.ts";
import { VxlanDevice } from "./device.ts";
import type { Remote } from "./fdb.ts";
import { ALL_ZEROS } from "./fdb.ts";
import { notifyFdb, removeRemote } from "./fdb-requests.ts";
import type { VxlanData } from "./netlink.ts";
import { decodeVxlanData, encodeVxlanData } from "./netlink.ts";
import { vxlanOf } from "./sockets.ts";

const MIN_MTU = 68;
const MAX_MTU = 65535;

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, text);
}

function decode(payload: Uint8Array): VxlanData {
  const data = decodeVxlanData(payload);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  return data;
}

/** vxlan_validate() */
function validate({ address, mtu }: LinkMessage, payload: Uint8Array | undefined): void {
  if (address !== undefined) {
    if (address.length !== 6) refuse(ERRNO.EINVAL, "Provided link layer address is not Ethernet");
    if (!isValidStationMac(readMac(address, 0))) {
      refuse(ERRNO.EADDRNOTAVAIL, "Provided Ethernet address is not unicast");
    }
  }
  if (mtu !== undefined && (mtu < MIN_MTU || mtu > MAX_MTU)) {
    refuse(ERRNO.EINVAL, "MTU must be between 68 and 65535");
  }
  if (payload === undefined) {
    refuse(ERRNO.EINVAL, "Required attributes not provided to perform the operation");
  }
  validateAttributes(decode(payload));
}

/** vxlan_vni_in_use(). Errors: EEXIST. */
function requireFreeVni(device: VxlanDevice | undefined, home: NewLink["netns"], config: VxlanConfig): void {
  const compared = RECEIVE_FLAGS | VXLAN_F.IPV6;
  for (const other of vxlanOf(home).devices) {
    if (other === device || other.config.vni !== config.vni || other.config.port !== config.port) continue;
    if ((other.config.flags & compared) !== (config.flags & compared)) continue;
    if (config.flags & VXLAN_F.IPV6_LINKLOCAL && other.config.link !== config.link) continue;
    refuse(ERRNO.EEXIST, "A VXLAN device with the specified VNI already exists");
  }
}

function defaultRemote({ remote, port, vni, link }: VxlanConfig): Remote {
  return { address: remote, port, vni, link };
}

/** vxlan_newlink() */
function create(request: NewLink): NetDevice {
  const { kernel, netns, linkNetns: home, message } = request;
  const config = readConfig(decode(request.data ?? new Uint8Array(0)), undefined);
  const lower = completeConfig(home, config);
  requireFreeVni(undefined, home, config);
  const device = new VxlanDevice(kernel, netns, request.name, vxlanKind, home, config, lower);
  device.nameAssignType = request.nameAssignType;
  configureNew(device, message);
  if (message.address === undefined) {
    device.address = kernel.random.mac();
    device.addressAssignType = 1;
  }
  if (lower !== undefined) {
    const largest = Math.max(lower.mtu - device.overhead, MIN_MTU);
    device.mtu = message.mtu === undefined ? largest : Math.min(message.mtu, largest);
  }
  registerDevice(device, message.index);
  try {
    if (lower !== undefined) linkUpper(lower, device, false);
    if (config.remote !== undefined) {
      const state = NUD.REACHABLE | NUD.PERMANENT;
      const remote = defaultRemote(config);
      const entry = device.addEntry(ALL_ZEROS, config.vni, state, NTF.SELF, remote);
      notifyFdb(device, entry, remote, RTM.NEWNEIGH);
    }
  } catch (refusal) {
    if (lower !== undefined && device.lowers.length > 0) unlinkUpper(lower, device);
    unregisterDevices([device]);
    throw refusal;
  }
  vxlanOf(home).devices.unshift(device);
  return device;
}

/** vxlan_changelink() */
function change(device: VxlanDevice, data: VxlanData): void {
  const old = device.config;
  const config = readConfig(data, old);
  const lower = completeConfig(device.home, config);
  requireFreeVni(device, device.home, config);
  const moved = lower !== undefined && lower !== device.lower;
  if (moved) linkUpper(lower, device, false);
  const remoteChanged = config.remote !== old.remote;
  const groupChanged = device.up && (remoteChanged || config.link !== old.link);
  if (remoteChanged) changeDefaultRemote(device, old, config);
  if (groupChanged) device.leaveGroup();
  device.config = config;
  if (moved) {
    if (device.lower !== undefined) unlinkUpper(device.lower, device);
    device.lower = lower;
    device.tsoMaxSize = lower.tsoMaxSize;
  }
  if (groupChanged) device.joinGroup();
  if (lower !== undefined) device.mtu = Math.min(device.mtu, Math.max(lower.mtu - device.overhead, MIN_MTU));
}

/** The entry for all that is unknown gets the new remote and loses the old one. */
function changeDefaultRemote(device: VxlanDevice, old: VxlanConfig, config: VxlanConfig): void {
  const entry = device.fdb.find(ALL_ZEROS, device.keyVni(config.vni));
  if (config.remote !== undefined) {
    const remote = defaultRemote(config);
    if (entry === undefined) {
      const made = device.addEntry(ALL_ZEROS, config.vni, NUD.REACHABLE | NUD.PERMANENT, NTF.SELF, remote);
      notifyFdb(device, made, remote, RTM.NEWNEIGH);
    } else if (entry.find(remote) === undefined) {
      entry.remotes.push(remote);
      notifyFdb(device, entry, remote, RTM.NEWNEIGH);
    }
  }
  if (old.remote !== undefined && entry !== undefined) removeRemote(device, entry, defaultRemote(old));
}

/** vxlan_dellink(), up to the unregistering. */
function detach(device: VxlanDevice): void {
  device.flush(true);
  const { devices } = vxlanOf(device.home);
  const at = devices.indexOf(device);
  if (at >= 0) devices.splice(at, 1);
  if (device.lower !== undefined && device.lower.uppers.includes(device)) unlinkUpper(device.lower, device);
}

/** vxlan_fill_info() */
function fill(device: VxlanDevice): Uint8Array {
  const { config, kernel } = device;
  const { remote, local, family } = config;
  const bit = (flag: number): number => (device.has(flag) ? 1 : 0);
  const v4 = family === "inet";
  const newer = kernel.profile.vxlan !== "6.1";
  const remoteBytes = remote === undefined ? undefined : addressBytes(family, remote);
  const localBytes = local === undefined ? undefined : addressBytes(family, local);
  return encodeVxlanData({
    id: config.vni,
    ...(remoteBytes && (v4 ? { group: remoteBytes } : { group6: remoteBytes })),
    link: config.link === 0 ? undefined : config.link,
    ...(localBytes && (v4 ? { local: localBytes } : { local6: localBytes })),
    ttl: config.ttl,
    ttlInherit: bit(VXLAN_F.TTL_INHERIT),
    tos: config.tos,
    df: config.df,
    label: config.flowLabel,
    labelPolicy: newer ? 0 : undefined,
    learning: bit(VXLAN_F.LEARN),
    proxy: bit(VXLAN_F.PROXY),
    rsc: bit(VXLAN_F.RSC),
    l2miss: bit(VXLAN_F.L2MISS),
    l3miss: bit(VXLAN_F.L3MISS),
    collectMetadata: bit(VXLAN_F.COLLECT_METADATA),
    ageing: config.ageing,
    limit: config.limit,
    port: config.port,
    udpCsum: device.has(VXLAN_F.UDP_ZERO_CSUM_TX) ? 0 : 1,
    udpZeroCsum6Tx: bit(VXLAN_F.UDP_ZERO_CSUM6_TX),
    udpZeroCsum6Rx: bit(VXLAN_F.UDP_ZERO_CSUM6_RX),
    remcsumTx: bit(VXLAN_F.REMCSUM_TX),
    remcsumRx: bit(VXLAN_F.REMCSUM_RX),
    localbypass: newer ? bit(VXLAN_F.LOCALBYPASS) : undefined,
    portRange: { low: config.portLow, high: config.portHigh },
    gbp: device.has(VXLAN_F.GBP) ? true : undefined,
    remcsumNopartial: device.has(VXLAN_F.REMCSUM_NOPARTIAL) ? true : undefined,
    vnifilter: device.has(VXLAN_F.VNIFILTER) ? 1 : undefined,
  });
}

/** vxlan_handle_lowerdev_unregister(): a device that goes, even to another namespace, takes those on it along. */
function lowerEvent(lower: NetDevice, event: DeviceEvent): void {
  if (event.type !== "unregister") return;
  const going = vxlanOf(lower.netns).devices.filter(({ config }) => config.link === lower.ifindex);
  for (const device of going) detach(device);
  if (going.length > 0) unregisterDevices(going);
}

/** vxlan_destroy_tunnels(): devices that have moved out of a namespace go with it. */
function install(kernel: Kernel): void {
  kernel.onDevice(lowerEvent);
  kernel.addLayer({
    created: () => {},
    destroyed(netns) {
      const left = [...vxlanOf(netns).devices];
      for (const device of left) detach(device);
      unregisterDevices(left);
    },
  });
}

export const vxlanKind: LinkKind = {
  kind: "vxlan",
  tellsType: true,
  validate,
  create,
  change: (device, payload) => change(device as VxlanDevice, decode(payload)),
  remove(device) {
    detach(device as VxlanDevice);
    return [device];
  },
  fill: (device) => fill(device as VxlanDevice),
  install,
};
