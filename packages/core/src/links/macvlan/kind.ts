// The link kind "macvlan" (drivers/net/macvlan.c, its rtnl_link_ops).

import { isLoopback, linkUpper, registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import { addPromiscuity, transferOperstate } from "../../kernel/device-state.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD } from "../../kernel/device.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import { configureNew, requireStationAddress } from "../../kernel/netlink/link-request.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { isValidStationMac, readMac, writeMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { MacvlanDevice } from "./device.ts";
import { handleFrame } from "./input.ts";
import { detach, lowerEvent } from "./lower.ts";
import type { MacvlanData } from "./netlink.ts";
import { decodeMacvlanData, encodeMacvlanData, MACADDR_MODE, MACVLAN_FLAG, MACVLAN_MODE } from "./netlink.ts";
import { MacvlanPort, portOf } from "./port.ts";

const MODES: ReadonlySet<number> = new Set(Object.values(MACVLAN_MODE));
const MACADDR_MODES: ReadonlySet<number> = new Set(Object.values(MACADDR_MODE));
const FLAGS = MACVLAN_FLAG.NOPROMISC | MACVLAN_FLAG.NODST;

function refuse(errno: number): never {
  throw new Refusal(errno);
}

function decode(payload: Uint8Array): MacvlanData {
  const data = decodeMacvlanData(payload);
  return isMalformed(data) ? refuse(ERRNO.EINVAL) : data;
}

/** macvlan_validate() */
function validate(message: LinkMessage, payload: Uint8Array | undefined): void {
  requireStationAddress(message);
  if (payload === undefined) return;
  const { flags, mode, macaddrMode, macaddr, macaddrCount } = decode(payload);
  if (flags !== undefined && flags & ~FLAGS) refuse(ERRNO.EINVAL);
  if (mode !== undefined && !MODES.has(mode)) refuse(ERRNO.EINVAL);
  if (macaddrMode !== undefined && !MACADDR_MODES.has(macaddrMode)) refuse(ERRNO.EINVAL);
  if (macaddr !== undefined && !isValidStationMac(readMac(macaddr, 0))) refuse(ERRNO.EADDRNOTAVAIL);
  if (macaddrCount !== undefined) refuse(ERRNO.EINVAL);
}

/** macvlan_changelink_sources(). Errors: EINVAL without an address, EADDRNOTAVAIL for one that is no station's. */
function changeSources(device: MacvlanDevice, data: MacvlanData): void {
  if (data.macaddrMode === undefined) return;
  if (device.mode !== MACVLAN_MODE.SOURCE) refuse(ERRNO.EINVAL);
  const { port } = device;
  const address = data.macaddr && readMac(data.macaddr, 0);
  switch (data.macaddrMode) {
    case MACADDR_MODE.ADD:
      port.addSource(device, address ?? refuse(ERRNO.EINVAL));
      break;
    case MACADDR_MODE.DEL:
      port.removeSource(device, address ?? refuse(ERRNO.EINVAL));
      break;
    case MACADDR_MODE.FLUSH:
      port.flushSources(device);
      break;
    default: {
      const all = (data.macaddrs ?? []).map((bytes) => readMac(bytes, 0));
      if (!all.every(isValidStationMac)) refuse(ERRNO.EADDRNOTAVAIL);
      port.flushSources(device);
      if (address !== undefined) port.addSource(device, address);
      for (const each of all) port.addSource(device, each);
    }
  }
}

/** macvlan_changelink(). Passthru cannot be entered or left. */
function change(device: MacvlanDevice, data: MacvlanData): void {
  const { mode, flags } = data;
  const { port } = device;
  if (mode !== undefined) {
    if ((mode === MACVLAN_MODE.PASSTHRU) !== (device.mode === MACVLAN_MODE.PASSTHRU)) refuse(ERRNO.EINVAL);
    if (device.mode === MACVLAN_MODE.SOURCE && mode !== device.mode) port.flushSources(device);
  }
  if (flags !== undefined) {
    if (port.passthru && (flags ^ device.modeFlags) & MACVLAN_FLAG.NOPROMISC) {
      addPromiscuity(port.lower, flags & MACVLAN_FLAG.NOPROMISC ? -1 : 1);
    }
    device.modeFlags = flags;
  }
  if (data.bcQueueLength !== undefined) {
    device.queueLength = data.bcQueueLength;
    port.updateQueueLength();
  }
  if (mode !== undefined) device.mode = mode;
  changeSources(device, data);
}

/** A macvlan on a macvlan is on the same lower device. Errors: EINVAL, ENODEV. */
function lowerOf({ message, linkNetns }: NewLink): NetDevice {
  if (message.link === undefined) refuse(ERRNO.EINVAL);
  const given = linkNetns.deviceByIndex(message.link) ?? refuse(ERRNO.ENODEV);
  const lower = given instanceof MacvlanDevice ? given.lower : given;
  if (message.mtu !== undefined && message.mtu > lower.mtu) refuse(ERRNO.EINVAL);
  return lower;
}

function makePort(lower: NetDevice): MacvlanPort {
  if (lower.hardwareType !== ARPHRD.ETHER || isLoopback(lower)) refuse(ERRNO.EINVAL);
  return MacvlanPort.create(lower, (port) => (packet) => handleFrame(port, packet));
}

/** The device of a request, not yet registered. */
function makeDevice(request: NewLink, port: MacvlanPort): MacvlanDevice {
  const { kernel, message, netns } = request;
  const { lower } = port;
  if (port.passthru) refuse(ERRNO.EINVAL);
  const data = decode(request.data ?? new Uint8Array(0));
  const device = new MacvlanDevice(kernel, netns, request.name, macvlanKind, port);
  device.nameAssignType = request.nameAssignType;
  configureNew(device, message);
  if (message.address === undefined) {
    device.address = kernel.random.mac();
    device.addressAssignType = 1;
  }
  device.mode = data.mode ?? device.mode;
  device.modeFlags = data.flags ?? 0;
  if (device.mode === MACVLAN_MODE.PASSTHRU) {
    if (port.count > 0) refuse(ERRNO.EINVAL);
    port.passthru = true;
    device.address = lower.address;
    device.addressAssignType = lower.addressAssignType;
  }
  changeSources(device, data);
  device.queueLength = data.bcQueueLength ?? device.queueLength;
  return device;
}

/** macvlan_common_newlink() */
function create(request: NewLink): NetDevice {
  const { kernel, message } = request;
  const lower = lowerOf(request);
  const port = portOf(lower) ?? makePort(lower);
  let device: MacvlanDevice | undefined;
  try {
    device = makeDevice(request, port);
    registerDevice(device, message.index);
    linkUpper(lower, device, false);
  } catch (refusal) {
    if (device?.registered) unregisterDevices([device]);
    else {
      if (device) port.flushSources(device);
      if (port.count === 0) port.destroy();
    }
    throw refusal;
  }
  port.devices.push(device);
  port.updateQueueLength();
  transferOperstate(lower, device);
  kernel.linkEvents.fire(device);
  return device;
}

/** macvlan_fill_info() */
function fill(device: MacvlanDevice): Uint8Array {
  const sources = device.port.sourcesOf(device).map((address) => {
    const bytes = new Uint8Array(6);
    writeMac(bytes, 0, address);
    return bytes;
  });
  return encodeMacvlanData({
    mode: device.mode,
    flags: device.modeFlags,
    macaddrCount: sources.length,
    macaddrs: sources.length > 0 ? sources : undefined,
    bcQueueLength: device.queueLength,
    bcQueueLengthUsed: device.port.queueLength,
  });
}

export const macvlanKind: LinkKind = {
  kind: "macvlan",
  tellsType: true,
  validate,
  create,
  change: (device, payload) => change(device as MacvlanDevice, decode(payload)),
  remove(device) {
    detach(device as MacvlanDevice);
    return [device];
  },
  fill: (device) => fill(device as MacvlanDevice),
  install: (kernel) => kernel.onDevice(lowerEvent),
};
