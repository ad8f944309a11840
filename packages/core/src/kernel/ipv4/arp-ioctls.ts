// SIOCSARP, SIOCDARP and SIOCGARP (arp(7); net/ipv4/arp.c, arp_ioctl): struct arpreq is the protocol address, the hardware
// address, flags, a netmask and the name of a device.

import { ERRNO } from "../../netlink/errno.ts";
import { readU16Host, readU32Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { readMac, writeMac } from "../../wire/mac.ts";
import type { NetDevice } from "../device.ts";
import { readName } from "../ioctl.ts";
import type { Kernel } from "../kernel.ts";
import { NUD_VALID, UPDATE } from "../neighbour/state.ts";
import type { UpdateRefusal } from "../neighbour/entry.ts";
import type { Netns } from "../netns.ts";
import { ipv4Of } from "./namespace.ts";
import { routeOutput } from "./route-output.ts";

const SIOC = { DARP: 0x8953, GARP: 0x8954, SARP: 0x8955 } as const;
const ATF = { COM: 0x02, PERM: 0x04, PUBL: 0x08, NETMASK: 0x20, DONTPUB: 0x40 } as const;
/** Offsets in struct arpreq. */
const ARPREQ = {
  ADDRESS: 4,
  HARDWARE: 16,
  MAC: 18,
  FLAGS: 32,
  NETMASK: 36,
  MASK_ADDRESS: 40,
  DEVICE: 52,
} as const;
const WHOLE_MASK = 0xffff_ffff;

interface ArpRequest {
  readonly address: number;
  readonly flags: number;
  readonly mask: number;
  /** The device that is named. */
  readonly device: NetDevice | undefined;
}

function refuse(refusal: UpdateRefusal | undefined): void {
  if (refusal !== undefined) throw new Refusal(refusal.errno);
}

function parse(netns: Netns, data: Uint8Array): ArpRequest {
  if (readU16Host(data, 0) !== AF.INET) throw new Refusal(ERRNO.EPFNOSUPPORT);
  const flags = readU32Host(data, ARPREQ.FLAGS);
  if ((flags & ATF.PUBL) === 0 && (flags & (ATF.NETMASK | ATF.DONTPUB)) !== 0)
    throw new Refusal(ERRNO.EINVAL);
  const mask = (flags & ATF.NETMASK) === 0 ? WHOLE_MASK : readU32BE(data, ARPREQ.MASK_ADDRESS);
  const name = readName(data, ARPREQ.DEVICE);
  const device = name === "" ? undefined : netns.device(name);
  if (name !== "" && device === undefined) throw new Refusal(ERRNO.ENODEV);
  return { address: readU32BE(data, ARPREQ.ADDRESS), flags, mask, device };
}

/** The device that leads to the address. Errors: those of the route, EINVAL. */
function deviceTo(netns: Netns, address: number): NetDevice {
  const route = routeOutput(ipv4Of(netns), { destination: address, tos: 0 });
  if (typeof route === "number") throw new Refusal(route);
  return route.device;
}

function set(netns: Netns, data: Uint8Array): void {
  const { address, flags, mask, device: named } = parse(netns, data);
  const table = ipv4Of(netns).stack.arp;
  if ((flags & ATF.PUBL) !== 0) {
    // A proxy entry for one address; the wider mask 0 switches proxy_arp, which has a sysctl of its own.
    if (mask !== WHOLE_MASK) throw new Refusal(ERRNO.EINVAL);
    if (named === undefined && (flags & ATF.COM) !== 0) {
      const mac = readMac(data, ARPREQ.MAC);
      const owner = [...netns.devices.values()].find((each) => each.address === mac);
      if (owner === undefined) throw new Refusal(ERRNO.ENODEV);
      table.addProxy(netns, address, owner);
    } else table.addProxy(netns, address, named);
    return;
  }
  const device = named ?? deviceTo(netns, address);
  if (readU16Host(data, ARPREQ.HARDWARE) !== device.hardwareType) throw new Refusal(ERRNO.EINVAL);
  const neighbour = table.get(device, address);
  if (neighbour === undefined) throw new Refusal(ERRNO.ENOBUFS);
  const state = (flags & ATF.PERM) !== 0 ? NUD.PERMANENT : NUD.STALE;
  const mac = (flags & ATF.COM) !== 0 ? readMac(data, ARPREQ.MAC) : undefined;
  refuse(neighbour.update(mac, state, UPDATE.OVERRIDE | UPDATE.ADMIN));
}

function remove(netns: Netns, data: Uint8Array): void {
  const { address, flags, mask, device: named } = parse(netns, data);
  const table = ipv4Of(netns).stack.arp;
  if ((flags & ATF.PUBL) !== 0) {
    if (mask !== WHOLE_MASK) throw new Refusal(ERRNO.EINVAL);
    if (!table.removeProxy(netns, address, named)) throw new Refusal(ERRNO.ENOENT);
    return;
  }
  const neighbour = table.find(named ?? deviceTo(netns, address), address);
  if (neighbour === undefined) throw new Refusal(ERRNO.ENXIO);
  if ((neighbour.state & ~NUD.NOARP) !== 0) {
    refuse(neighbour.update(undefined, NUD.FAILED, UPDATE.OVERRIDE | UPDATE.ADMIN));
  }
  table.remove(neighbour);
}

function get(netns: Netns, data: Uint8Array): void {
  const { address, device } = parse(netns, data);
  const neighbour = ipv4Of(netns).stack.arp.find(device ?? deviceTo(netns, address), address);
  if (neighbour === undefined || (neighbour.state & NUD.NOARP) !== 0) throw new Refusal(ERRNO.ENXIO);
  writeU16Host(data, ARPREQ.HARDWARE, neighbour.device.hardwareType);
  writeMac(data, ARPREQ.MAC, neighbour.address);
  const permanent = (neighbour.state & NUD.PERMANENT) !== 0;
  const flags = permanent ? ATF.PERM | ATF.COM : (neighbour.state & NUD_VALID) !== 0 ? ATF.COM : 0;
  writeU32Host(data, ARPREQ.FLAGS, flags);
}

export function installArpIoctls(kernel: Kernel): void {
  kernel.ioctls.register(SIOC.SARP, (netns, { data }) => set(netns, data));
  kernel.ioctls.register(SIOC.DARP, (netns, { data }) => remove(netns, data));
  kernel.ioctls.register(SIOC.GARP, (netns, { data }) => get(netns, data));
}
