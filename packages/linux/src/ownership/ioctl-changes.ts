// What an ioctl may change of things that others own: the same as the request to rtnetlink that would do it (rtnl-changes.ts).

import { readS32Host, readU16Host, readU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { IFF, IFLA } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { RT_TABLE } from "@patchcord/core/netlink/rtnl/route-constants.ts";
import { AF } from "@patchcord/core/netlink/rtnl/types.ts";
import type { IoctlRequest } from "@patchcord/core/system/system.ts";
import { IFA, NDA, routeSlot, RTA } from "./kernel-entries.ts";
import {
  forgottenBy,
  learnedGroups,
  likeRequest,
  lostByDeletion,
  lostByPort,
  lostWith,
  neighboursOf,
} from "./scopes.ts";
import type { Devices, Scope } from "./scopes.ts";

const IFNAMSIZ = 16;
/** linux/sockios.h */
const SIOC = {
  ADDRT: 0x890b,
  DELRT: 0x890c,
  SIFFLAGS: 0x8914,
  SIFADDR: 0x8916,
  SIFDSTADDR: 0x8918,
  SIFBRDADDR: 0x891a,
  SIFNETMASK: 0x891c,
  SIFMTU: 0x8922,
  SIFNAME: 0x8923,
  SIFHWADDR: 0x8924,
  DIFADDR: 0x8936,
  SIFTXQLEN: 0x8943,
  DARP: 0x8953,
  SARP: 0x8955,
  BRDELBR: 0x89a1,
  BRADDIF: 0x89a2,
  BRDELIF: 0x89a3,
} as const;

/** Offsets in struct rtentry and struct arpreq. */
const RTENTRY = { destination: 12, gateway: 28, mask: 44, flags: 56 } as const;
const ARPREQ = { address: 4, hardware: 18, flags: 32, device: 52 } as const;
const RTF_GATEWAY = 2;
const RTF_HOST = 4;
/** Where struct ifreq has an IPv4 address. */
const IFREQ_ADDRESS = 20;
/** The entry is a proxy's. */
const ATF_PUBL = 8;

/** Attributes that are set as by a request to rtnetlink. */
const SETS: ReadonlyMap<number, number> = new Map([
  [SIOC.SIFMTU, IFLA.MTU],
  [SIOC.SIFNAME, IFLA.IFNAME],
  [SIOC.SIFHWADDR, IFLA.ADDRESS],
  [SIOC.SIFTXQLEN, IFLA.TXQLEN],
  [SIOC.BRADDIF, IFLA.MASTER],
  [SIOC.BRDELIF, IFLA.MASTER],
]);
const ADDRESSES: ReadonlySet<number> = new Set([
  SIOC.SIFADDR,
  SIOC.SIFDSTADDR,
  SIOC.SIFBRDADDR,
  SIOC.SIFNETMASK,
  SIOC.DIFADDR,
]);

/** struct rtentry, which is always IPv4's here: the slot in the main table that it names. */
function routeScope(number: number, data: Uint8Array): Scope {
  const host = (readU16Host(data, RTENTRY.flags) & RTF_HOST) !== 0;
  const address = data.subarray(RTENTRY.destination, RTENTRY.destination + 4);
  const mask = data.subarray(RTENTRY.mask, RTENTRY.mask + 4);
  const length = host ? 32 : bitsOf(mask);
  const gateway = hex(data, RTENTRY.gateway, 4);
  const adds = (readU16Host(data, RTENTRY.flags) & RTF_GATEWAY) === 0 ? {} : { [RTA.GATEWAY]: gateway };
  return {
    kind: "route",
    family: AF.INET,
    slot: routeSlot(RT_TABLE.MAIN, address, length),
    ...(number === SIOC.ADDRT ? { adds } : {}),
  };
}

function hex(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.subarray(at, at + length)).toString("hex");
}

function nameAt(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString().replace(/\0.*/s, "");
}

function bitsOf(mask: Uint8Array): number {
  return Array.from(mask, (byte) => byte.toString(2).replaceAll("0", "").length).reduce((a, b) => a + b, 0);
}

/** struct arpreq: an entry of a device, or where it names none of whichever device the kernel takes. */
function neighbourScopes(number: number, data: Uint8Array, devices: Devices): readonly Scope[] {
  const destination = hex(data, ARPREQ.address, 4);
  const name = nameAt(data.subarray(ARPREQ.device, ARPREQ.device + IFNAMSIZ));
  const device = name === "" ? undefined : devices.indexOf(name);
  if (device !== undefined && devices.isOwn(device)) return [];
  const proxy = (readU32Host(data, ARPREQ.flags) & ATF_PUBL) !== 0;
  const adds = proxy ? {} : { [NDA.LLADDR]: hex(data, ARPREQ.hardware, 6) };
  return [
    {
      kind: "neighbour",
      family: AF.INET,
      destination,
      ...(device === undefined ? {} : { device }),
      ...(proxy ? { proxy } : {}),
      ...(number === SIOC.SARP ? { adds } : {}),
    },
  ];
}

/** The same for an ioctl. */
export function ioctlScopes({ number, data, shape }: IoctlRequest, devices: Devices): readonly Scope[] {
  if (number === SIOC.ADDRT || number === SIOC.DELRT) return [routeScope(number, data)];
  if (number === SIOC.SARP || number === SIOC.DARP) return neighbourScopes(number, data, devices);
  const attribute = SETS.get(number);
  const addresses = ADDRESSES.has(number);
  const flags = number === SIOC.SIFFLAGS || addresses;
  if ((attribute === undefined && !flags && number !== SIOC.BRDELBR) || shape === "ifreqPointer") return [];
  // A bridge's port is told by its index, everything else by its name, an address's label included.
  const name = Buffer.from(data.subarray(0, IFNAMSIZ))
    .toString()
    .replace(/[:\0].*/s, "");
  const isPort = attribute === IFLA.MASTER;
  const index = isPort ? readS32Host(data, IFNAMSIZ) : (devices.indexOf(name) ?? 0);
  if (index > 0 && devices.isOwn(index) && (isPort || attribute === IFLA.ADDRESS))
    return forgottenBy([devices.masterOf(index), ...(isPort ? [devices.indexOf(name) ?? 0] : [])], devices);
  if (index <= 0 || devices.isOwn(index)) return [];
  if (number === SIOC.BRDELBR) return lostByDeletion(index, devices);
  const request = Buffer.from(likeRequest(index, attribute, flags)).toString("base64");
  const goesDown = number === SIOC.SIFFLAGS && (readU16Host(data, IFNAMSIZ) & IFF.UP) === 0;
  return [
    { kind: "link", index, request },
    ...(isPort ? lostByPort(index, [devices.masterOf(index), devices.indexOf(name) ?? 0], devices) : []),
    ...(attribute === IFLA.ADDRESS ? neighboursOf(index) : []),
    ...(addresses
      ? [
          {
            kind: "address",
            family: AF.INET,
            device: index,
            ...(number === SIOC.SIFADDR ? { adds: { [IFA.LOCAL]: hex(data, IFREQ_ADDRESS, 4) } } : {}),
          } as const,
          { kind: "route", family: AF.INET, device: index } as const,
        ]
      : []),
    ...(goesDown ? [...lostWith(index, false), ...learnedGroups(index, devices)] : []),
  ];
}
