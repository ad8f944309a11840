// ioctl(2) requests about IPv4 addresses (devinet_ioctl; netdevice(7)). An ifreq names a device or a label; when a value is read,
// an address in it tells which one of the label is meant.

import { ERRNO } from "../../netlink/errno.ts";
import { readU16Host, writeU16Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import { changeFlags } from "../device-state.ts";
import { IFF } from "../device.ts";
import { IFREQ_UNION, namedDevice, readName } from "../ioctl.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import { deleteAddress, insertAddress, setLifetimes } from "./addresses.ts";
import { FOREVER, inetDevice, InterfaceAddress } from "./in-device.ts";

const SIOC = {
  SIFFLAGS: 0x8914,
  GIFADDR: 0x8915,
  SIFADDR: 0x8916,
  GIFDSTADDR: 0x8917,
  SIFDSTADDR: 0x8918,
  GIFBRDADDR: 0x8919,
  SIFBRDADDR: 0x891a,
  GIFNETMASK: 0x891b,
  SIFNETMASK: 0x891c,
} as const;
/** struct sockaddr_in inside the union: family, port, address. */
const SOCKADDR_LENGTH = 16;
const SOCKADDR_ADDRESS = IFREQ_UNION + 4;

function labelled(netns: Netns, data: Uint8Array): InterfaceAddress[] {
  const label = readName(data);
  return (inetDevice.of(namedDevice(netns, data))?.addresses ?? []).filter((each) => each.label === label);
}

function meant(netns: Netns, data: Uint8Array): InterfaceAddress {
  const candidates = labelled(netns, data);
  const local = readU16Host(data, IFREQ_UNION) === AF.INET ? readU32BE(data, SOCKADDR_ADDRESS) : 0;
  const found = candidates.find((each) => each.local === local) ?? candidates[0];
  if (found === undefined) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  return found;
}

const READERS: readonly (readonly [number: number, value: (address: InterfaceAddress) => number])[] = [
  [SIOC.GIFADDR, ({ local }) => local],
  [SIOC.GIFDSTADDR, ({ address }) => address],
  [SIOC.GIFBRDADDR, ({ broadcast }) => broadcast],
  [SIOC.GIFNETMASK, ({ mask }) => mask],
];

/** Length of the prefix that an address had before there were masks (inet_abc_len); undefined for those of groups. */
function classLength(address: number): number | undefined {
  const first = address >>> 24;
  if (first === 0 || address === 0xffff_ffff) return 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  if (first < 224) return 24;
  return first < 240 ? undefined : 32;
}

/** Puts an address in the place of one that has its label; the rest of it stays as it was. */
function replace(
  old: InterfaceAddress,
  change: Partial<ConstructorParameters<typeof InterfaceAddress>[1]>,
): void {
  const { owner, local, address, prefixLength, broadcast, scope, label, flags } = old;
  const fresh = new InterfaceAddress(owner, {
    ...{ local, address, prefixLength, broadcast, scope, label, flags },
    ...change,
  });
  fresh.metric = old.metric;
  fresh.protocol = old.protocol;
  deleteAddress(old);
  setLifetimes(fresh, old.validLifetime, old.preferredLifetime);
  insertAddress(fresh);
}

/** SIOCSIFADDR: the prefix is that of the address's class. Errors: EINVAL, ENOBUFS, EEXIST. */
function setAddress(netns: Netns, data: Uint8Array, local: number): void {
  const device = namedDevice(netns, data);
  const length = classLength(local);
  if (length === undefined) throw new Refusal(ERRNO.EINVAL);
  const owner = inetDevice.of(device);
  if (owner === undefined) throw new Refusal(ERRNO.ENOBUFS);
  const [old] = labelled(netns, data);
  if (old?.local === local) return;
  owner.keepAllSettings();
  const toOne = (device.flags & IFF.POINTOPOINT) !== 0;
  const prefixLength = toOne ? 32 : length;
  const hasBroadcast = !toOne && (device.flags & IFF.BROADCAST) !== 0 && prefixLength < 31;
  const address = new InterfaceAddress(owner, {
    local,
    prefixLength,
    broadcast: hasBroadcast ? broadcastOf(local, prefixLength) : 0,
    scope: local >>> 24 === 127 ? RT_SCOPE.HOST : RT_SCOPE.UNIVERSE,
    label: readName(data),
  });
  if (old !== undefined) deleteAddress(old);
  setLifetimes(address, FOREVER, FOREVER);
  insertAddress(address);
}

function broadcastOf(local: number, prefixLength: number): number {
  return (local | (prefixLength === 0 ? 0xffff_ffff : (1 << (32 - prefixLength)) - 1)) >>> 0;
}

/** SIOCSIFNETMASK: a broadcast address that followed from the old mask follows from the new one. Errors: EINVAL. */
function setMask(old: InterfaceAddress, mask: number): void {
  const hosts = ~mask >>> 0;
  if ((hosts & (hosts + 1)) !== 0) throw new Refusal(ERRNO.EINVAL);
  if (mask === old.mask) return;
  const prefixLength = Math.clz32(hosts);
  const follows =
    (old.owner.device.flags & IFF.BROADCAST) !== 0 &&
    prefixLength < 31 &&
    old.broadcast === broadcastOf(old.local, old.prefixLength);
  replace(old, { prefixLength, ...(follows ? { broadcast: broadcastOf(old.local, prefixLength) } : {}) });
}

function setFarEnd(old: InterfaceAddress, address: number): void {
  if (address === old.address) return;
  if (classLength(address) === undefined) throw new Refusal(ERRNO.EINVAL);
  replace(old, { address });
}

const CHANGES: readonly (readonly [
  number: number,
  change: (old: InterfaceAddress, value: number) => void,
])[] = [
  [SIOC.SIFDSTADDR, setFarEnd],
  [SIOC.SIFBRDADDR, (old, broadcast) => void (broadcast === old.broadcast || replace(old, { broadcast }))],
  [SIOC.SIFNETMASK, setMask],
];

/** The address that a request brings. Errors: EINVAL. */
function given(data: Uint8Array): number {
  if (readU16Host(data, IFREQ_UNION) !== AF.INET) throw new Refusal(ERRNO.EINVAL);
  return readU32BE(data, SOCKADDR_ADDRESS);
}

/** SIOCSIFFLAGS; of a label, the address goes when it is no longer up. Errors: EADDRNOTAVAIL, and those of the device. */
function setFlags(netns: Netns, data: Uint8Array): void {
  const device = namedDevice(netns, data);
  const flags = readU16Host(data, IFREQ_UNION);
  if (!readName(data).includes(":")) {
    changeFlags(device, flags);
    return;
  }
  const [address] = labelled(netns, data);
  if (address === undefined) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  if ((flags & IFF.UP) === 0) deleteAddress(address);
}

export function installIpv4Ioctls(kernel: Kernel): void {
  for (const [number, value] of READERS) {
    kernel.ioctls.register(number, (netns, { data }) => {
      const found = value(meant(netns, data));
      data.fill(0, IFREQ_UNION, IFREQ_UNION + SOCKADDR_LENGTH);
      writeU16Host(data, IFREQ_UNION, AF.INET);
      writeU32BE(data, SOCKADDR_ADDRESS, found);
    });
  }
  kernel.ioctls.register(SIOC.SIFADDR, (netns, { data }) => setAddress(netns, data, given(data)));
  for (const [number, change] of CHANGES) {
    kernel.ioctls.register(number, (netns, { data }) => {
      const value = given(data);
      const [old] = labelled(netns, data);
      if (old === undefined) throw new Refusal(ERRNO.EADDRNOTAVAIL);
      change(old, value);
    });
  }
  kernel.ioctls.register(SIOC.SIFFLAGS, (netns, { data }) => setFlags(netns, data));
}
