// ioctl(2) requests about devices that every kernel has (net/core/dev_ioctl.c; netdevice(7)). struct ifreq is 40 bytes: the
// name, then a union at offset 16. Protocols and kinds register theirs in `kernel.ioctls`.

import { ERRNO } from "../netlink/errno.ts";
import { readS32Host, readU16Host, writeU16Host, writeU32Host } from "../netlink/host-bytes.ts";
import { Refusal } from "../netlink/refusal.ts";
import type { IoctlRequest } from "../system/system.ts";
import { readMac, writeMac } from "../wire/mac.ts";
import { changeAddress, changeFlags, changeMtu } from "./device-state.ts";
import { renameDevice } from "./device-register.ts";
import type { NetDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import type { Netns } from "./netns.ts";

/** SIOC* of linux/sockios.h that are about a device. */
const SIOC = {
  GIFNAME: 0x8910,
  GIFFLAGS: 0x8913,
  SIFFLAGS: 0x8914,
  GIFMETRIC: 0x891d,
  SIFMETRIC: 0x891e,
  GIFMTU: 0x8921,
  SIFMTU: 0x8922,
  SIFNAME: 0x8923,
  SIFHWADDR: 0x8924,
  GIFHWADDR: 0x8927,
  GIFSLAVE: 0x8929,
  ADDMULTI: 0x8931,
  DELMULTI: 0x8932,
  GIFINDEX: 0x8933,
  SIFHWBROADCAST: 0x8937,
  GIFTXQLEN: 0x8942,
  SIFTXQLEN: 0x8943,
  GIFMAP: 0x8970,
  SIFMAP: 0x8971,
} as const;

export const IFNAMSIZ = 16;
/** Where the union of struct ifreq starts. */
export const IFREQ_UNION = 16;
const ADDRESS = IFREQ_UNION + 2; // sa_data
const MAP_LENGTH = 24; // struct ifmap

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The name at `offset` of a structure, as far as the NUL. */
export function readName(data: Uint8Array, offset = 0): string {
  const field = data.subarray(offset, offset + IFNAMSIZ - 1);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

export function writeName(data: Uint8Array, offset: number, name: string): void {
  data.fill(0, offset, offset + IFNAMSIZ);
  data.set(encoder.encode(name).subarray(0, IFNAMSIZ - 1), offset);
}

/** The device that an ifreq names; "eth0:1" means eth0. Errors: ENODEV. */
export function namedDevice(netns: Netns, data: Uint8Array): NetDevice {
  const name = readName(data);
  const colon = name.indexOf(":");
  const device = netns.device(colon < 0 ? name : name.slice(0, colon));
  if (!device) throw new Refusal(ERRNO.ENODEV);
  return device;
}

type DeviceHandler = (device: NetDevice, data: Uint8Array) => void;

function refuse(errno: number): DeviceHandler {
  return () => {
    throw new Refusal(errno);
  };
}

const HANDLERS: readonly (readonly [number, DeviceHandler])[] = [
  [SIOC.GIFFLAGS, (device, data) => writeU16Host(data, IFREQ_UNION, device.visibleFlags & 0xffff)],
  [SIOC.SIFFLAGS, (device, data) => changeFlags(device, readU16Host(data, IFREQ_UNION))],
  [SIOC.GIFMETRIC, (_device, data) => writeU32Host(data, IFREQ_UNION, 0)],
  [SIOC.SIFMETRIC, refuse(ERRNO.EOPNOTSUPP)],
  [SIOC.GIFMTU, (device, data) => writeU32Host(data, IFREQ_UNION, device.mtu)],
  [SIOC.SIFMTU, (device, data) => changeMtu(device, readS32Host(data, IFREQ_UNION))],
  [SIOC.SIFNAME, (device, data) => renameDevice(device, readName(data, IFREQ_UNION))],
  [SIOC.GIFHWADDR, hardwareAddress],
  [SIOC.SIFHWADDR, setHardwareAddress],
  [SIOC.SIFHWBROADCAST, setBroadcast],
  [SIOC.GIFSLAVE, refuse(ERRNO.EINVAL)],
  [SIOC.ADDMULTI, (device, data) => listen(device, data, true)],
  [SIOC.DELMULTI, (device, data) => listen(device, data, false)],
  [SIOC.GIFINDEX, (device, data) => writeU32Host(data, IFREQ_UNION, device.ifindex)],
  [SIOC.GIFTXQLEN, (device, data) => writeU32Host(data, IFREQ_UNION, device.txQueueLength)],
  [SIOC.SIFTXQLEN, setQueueLength],
  [SIOC.GIFMAP, (_device, data) => void data.fill(0, IFREQ_UNION, IFREQ_UNION + MAP_LENGTH)],
  [SIOC.SIFMAP, refuse(ERRNO.EOPNOTSUPP)],
];

function hardwareAddress(device: NetDevice, data: Uint8Array): void {
  data.fill(0, IFREQ_UNION, IFREQ_UNION + 16);
  writeU16Host(data, IFREQ_UNION, device.hardwareType);
  if (device.addressLength === 6) writeMac(data, ADDRESS, device.address);
}

function setHardwareAddress(device: NetDevice, data: Uint8Array): void {
  if (readU16Host(data, IFREQ_UNION) !== device.hardwareType) throw new Refusal(ERRNO.EINVAL);
  changeAddress(device, readMac(data, ADDRESS));
}

function setBroadcast(device: NetDevice, data: Uint8Array): void {
  if (readU16Host(data, IFREQ_UNION) !== device.hardwareType) throw new Refusal(ERRNO.EINVAL);
  device.broadcast = readMac(data, ADDRESS);
  device.kernel.tell(device, { type: "changeAddress" });
}

/** SIOCADDMULTI, SIOCDELMULTI (`ip maddr`): the family must be AF_UNSPEC. */
function listen(device: NetDevice, data: Uint8Array, add: boolean): void {
  if (readU16Host(data, IFREQ_UNION) !== 0) throw new Refusal(ERRNO.EINVAL);
  const address = readMac(data, ADDRESS);
  if (add) device.multicast.add(address, true);
  else {
    if (!device.multicast.has(address)) throw new Refusal(ERRNO.ENOENT);
    device.multicast.remove(address, true);
  }
  device.rxModeChanged();
}

function setQueueLength(device: NetDevice, data: Uint8Array): void {
  const length = readS32Host(data, IFREQ_UNION);
  if (length < 0) throw new Refusal(ERRNO.EINVAL);
  if (length === device.txQueueLength) return;
  device.txQueueLength = length;
  device.kernel.tell(device, { type: "change" });
}

/** SIOCGIFNAME: the name of the device with the index in the union. */
function nameOfIndex(netns: Netns, { data }: IoctlRequest): void {
  const device = netns.deviceByIndex(readS32Host(data, IFREQ_UNION));
  if (!device) throw new Refusal(ERRNO.ENODEV);
  writeName(data, 0, device.name);
}

/** Registers the requests about devices. */
export function installDeviceIoctls(kernel: Kernel): void {
  kernel.ioctls.register(SIOC.GIFNAME, nameOfIndex);
  for (const [number, handler] of HANDLERS) {
    kernel.ioctls.register(number, (netns, { data }) => handler(namedDevice(netns, data), data));
  }
}
