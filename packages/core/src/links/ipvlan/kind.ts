// The link kind "ipvlan" (drivers/net/ipvlan/ipvlan_main.c, its rtnl_link_ops).

import {
  isLoopback,
  linkUpper,
  registerDevice,
  unlinkUpper,
  unregisterDevices,
} from "../../kernel/device-register.ts";
import { changeMtu, transferOperstate } from "../../kernel/device-state.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ARPHRD } from "../../kernel/device.ts";
import type { DeviceEvent } from "../../kernel/kernel.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import { configureNew } from "../../kernel/netlink/link-request.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { handleFrame, IpvlanDevice } from "./device.ts";
import { IPVLAN_FLAG, IPVLAN_MODE, ipvlanData } from "./netlink.ts";
import type { IpvlanData } from "./netlink.ts";
import { IpvlanPort, portOf } from "./port.ts";

const FLAGS = IPVLAN_FLAG.PRIVATE | IPVLAN_FLAG.VEPA;

function refuse(errno: number): never {
  throw new Refusal(errno);
}

function decode(payload: Uint8Array | undefined): IpvlanData {
  const data = ipvlanData.decode(payload ?? new Uint8Array(0));
  return isMalformed(data) ? refuse(ERRNO.EINVAL) : data;
}

/** ipvlan_nl_validate() */
function validate(payload: Uint8Array | undefined): void {
  const { mode, flags } = decode(payload);
  if (mode !== undefined && mode > IPVLAN_MODE.L3S) refuse(ERRNO.EINVAL);
  if (flags !== undefined && (flags & ~FLAGS || flags === FLAGS)) refuse(ERRNO.EINVAL);
}

/** ipvlan_set_port_mode(): of all devices on the lower one. Those that route are not implemented. */
function setMode(port: IpvlanPort, mode: number): void {
  if (mode !== IPVLAN_MODE.L2)
    throw new Refusal(ERRNO.EOPNOTSUPP, "ipvlan: modes l3 and l3s are not implemented");
  port.mode = mode;
}

/** An ipvlan on an ipvlan is on the same lower device. Errors: EINVAL, ENODEV. */
function lowerOf({ message, linkNetns }: NewLink): NetDevice {
  if (message.link === undefined) refuse(ERRNO.EINVAL);
  const given = linkNetns.deviceByIndex(message.link) ?? refuse(ERRNO.ENODEV);
  return given instanceof IpvlanDevice ? given.lower : given;
}

function makePort(lower: NetDevice): IpvlanPort {
  if (lower.hardwareType !== ARPHRD.ETHER || isLoopback(lower)) refuse(ERRNO.EINVAL);
  return IpvlanPort.create(lower, (port) => (packet) => handleFrame(port, packet));
}

/** ipvlan_link_new() */
function create(request: NewLink): NetDevice {
  const { kernel, message, netns, name } = request;
  const lower = lowerOf(request);
  const { mode, flags } = decode(request.data);
  const known = portOf(lower);
  const port = known ?? makePort(lower);
  let device: IpvlanDevice | undefined;
  try {
    setMode(port, mode ?? IPVLAN_MODE.L3);
    port.flags = flags ?? port.flags;
    device = new IpvlanDevice(kernel, netns, name, ipvlanKind, port);
    device.nameAssignType = request.nameAssignType;
    configureNew(device, message);
    device.address = lower.address;
    registerDevice(device, message.index);
    linkUpper(lower, device, false);
  } catch (refusal) {
    if (device?.registered) unregisterDevices([device]);
    else if (port.count === 0) port.destroy();
    throw refusal;
  }
  port.devices.push(device);
  transferOperstate(lower, device);
  return device;
}

/** ipvlan_link_delete(), but for the unregistering. */
function detach(device: IpvlanDevice): void {
  const { devices, lower } = device.port;
  const at = devices.indexOf(device);
  if (at < 0) return;
  devices.splice(at, 1);
  unlinkUpper(lower, device);
}

/** ipvlan_device_event() */
function lowerEvent(lower: NetDevice, event: DeviceEvent): void {
  const port = portOf(lower);
  if (!port) return;
  switch (event.type) {
    case "up":
    case "change":
      for (const device of port.devices) transferOperstate(lower, device);
      break;
    case "changeMtu":
      for (const device of port.devices) changeMtu(device, lower.mtu);
      break;
    case "changeAddress":
      for (const device of port.devices) {
        device.address = lower.address;
        device.kernel.tell(device, event);
      }
      break;
    case "unregister": {
      if (!lower.unregistering) break;
      const going = [...port.devices];
      for (const device of going) detach(device);
      unregisterDevices(going);
      break;
    }
    default:
      break;
  }
}

export const ipvlanKind: LinkKind = {
  kind: "ipvlan",
  tellsType: true,
  validate: (_, payload) => validate(payload),
  create,
  change(device, payload) {
    const { port } = device as IpvlanDevice;
    const { mode, flags } = decode(payload);
    if (mode !== undefined) setMode(port, mode);
    if (flags !== undefined) port.flags = flags;
  },
  remove(device) {
    detach(device as IpvlanDevice);
    return [device];
  },
  fill(device) {
    const { mode, flags } = (device as IpvlanDevice).port;
    return ipvlanData.encode({ mode, flags });
  },
  install: (kernel) => kernel.onDevice(lowerEvent),
};
