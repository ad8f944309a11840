// The link kind "vlan" (net/8021q/vlan_netlink.c).

import { linkUpper, registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD } from "../../kernel/device.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import { configureNew } from "../../kernel/netlink/link-request.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { isValidStationMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { VlanDevice } from "./device.ts";
import { attach, detach, findVlan, followState, lowerEvent, receiveTagged } from "./lower.ts";
import type { VlanData } from "./netlink.ts";
import { decodeVlanData, encodeVlanData, VLAN_FLAG } from "./netlink.ts";
import { egressMappings, installVlanProc } from "./proc.ts";

const VID_LIMIT = 0xfff; // VLAN_VID_MASK
const ALL_FLAGS = 0xffff_ffff;
const KNOWN_FLAGS =
  VLAN_FLAG.REORDER_HDR |
  VLAN_FLAG.GVRP |
  VLAN_FLAG.LOOSE_BINDING |
  VLAN_FLAG.MVRP |
  VLAN_FLAG.BRIDGE_BINDING;

function refuse(errno: number, text: string): never {
  throw new Refusal(errno, `8021q: ${text}`);
}

function decode(payload: Uint8Array): VlanData {
  const data = decodeVlanData(payload);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  return data;
}

/** vlan_validate() */
function validate(message: LinkMessage, payload: Uint8Array | undefined): void {
  if (message.address !== undefined) {
    if (message.address.length !== 6) refuse(ERRNO.EINVAL, "Invalid link address");
    if (!isValidStationMac(readMac(message.address, 0))) refuse(ERRNO.EADDRNOTAVAIL, "Invalid link address");
  }
  if (payload === undefined) refuse(ERRNO.EINVAL, "VLAN properties not specified");
  const { protocol, id, flags } = decode(payload);
  if (protocol !== undefined && protocol !== EtherType.VLAN && protocol !== EtherType.SERVICE_VLAN) {
    refuse(ERRNO.EPROTONOSUPPORT, "Invalid VLAN protocol");
  }
  if (id !== undefined && id >= VID_LIMIT) refuse(ERRNO.ERANGE, "Invalid VLAN id");
  if (flags && flags.flags & flags.mask & ~KNOWN_FLAGS) refuse(ERRNO.EINVAL, "Invalid VLAN flags");
}

/** vlan_changelink(). Errors: EINVAL for flags that there are not. */
function change(device: VlanDevice, { flags, ingressQos, egressQos }: VlanData): void {
  if (flags) {
    if (flags.mask & ~KNOWN_FLAGS) throw new Refusal(ERRNO.EINVAL);
    device.vlanFlags = (device.vlanFlags & ~flags.mask) | (flags.flags & flags.mask);
  }
  for (const { from, to } of ingressQos ?? []) device.ingress[from & 7] = to;
  for (const { from, to } of egressQos ?? []) device.egress.set(from, to & 7);
}

/** vlan_newlink() */
function create(request: NewLink): NetDevice {
  const { kernel, message, linkNetns, netns } = request;
  const data = decode(request.data ?? new Uint8Array(0));
  if (data.id === undefined) refuse(ERRNO.EINVAL, "VLAN id not specified");
  if (message.link === undefined) refuse(ERRNO.EINVAL, "link not specified");
  const lower = linkNetns.deviceByIndex(message.link);
  if (!lower) refuse(ERRNO.ENODEV, "link does not exist");
  const protocol = data.protocol ?? EtherType.VLAN;
  if (lower.hardwareType !== ARPHRD.ETHER || lower.refusesVlans)
    refuse(ERRNO.EOPNOTSUPP, "VLANs not supported on device");
  if (findVlan(lower, protocol, data.id)) refuse(ERRNO.EEXIST, "VLAN device already exists");
  const device = new VlanDevice(kernel, netns, request.name, vlanKind, lower, protocol, data.id);
  device.nameAssignType = request.nameAssignType;
  configureNew(device, message);
  if (message.mtu !== undefined && device.mtu > lower.mtu) throw new Refusal(ERRNO.EINVAL);
  change(device, data);
  if (device.bindsToBridge) device.carrier = false;
  device.inheritIdentity();
  registerDevice(device, message.index);
  try {
    linkUpper(lower, device, false);
  } catch (refusal) {
    unregisterDevices([device]);
    throw refusal;
  }
  followState(device);
  kernel.linkEvents.fire(device);
  attach(device);
  return device;
}

/** vlan_fill_info() */
function fill(device: VlanDevice): Uint8Array {
  const ingress = device.ingress.flatMap((to, from) => (to === 0 ? [] : [{ from, to }]));
  const egress = egressMappings(device).flatMap(([from, to]) => (to === 0 ? [] : [{ from, to }]));
  return encodeVlanData({
    protocol: device.protocol,
    id: device.vid,
    flags: device.vlanFlags === 0 ? undefined : { flags: device.vlanFlags, mask: ALL_FLAGS },
    ingressQos: ingress.length > 0 ? ingress : undefined,
    egressQos: egress.length > 0 ? egress : undefined,
  });
}

function install(kernel: Kernel): void {
  kernel.vlanReceiver = receiveTagged;
  kernel.onDevice(lowerEvent);
  installVlanProc(kernel);
}

export const vlanKind: LinkKind = {
  kind: "vlan",
  tellsType: true,
  validate,
  create,
  change: (device, payload) => change(device as VlanDevice, decode(payload)),
  remove(device) {
    detach(device as VlanDevice);
    return [device];
  },
  fill: (device) => fill(device as VlanDevice),
  install,
};
