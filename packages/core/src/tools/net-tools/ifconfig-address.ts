// Addresses that ifconfig sets: those of IPv4 by ioctl, with labels for more than one; those of IPv6 by netlink, which does
// what the real program's ioctl does.

import { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { readU16Host, writeU16Host } from "../../netlink/host-bytes.ts";
import { NLM_F } from "../../netlink/message.ts";
import { encodeAddress } from "../../netlink/rtnl/address.ts";
import { IFF } from "../../netlink/rtnl/link-constants.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import { parseIpv6, writeIpv6Address } from "../../wire/ipv6-address.ts";
import { interfaceIndex, interfaceRequest } from "./interface-table.ts";

const SIOC = {
  GIFFLAGS: 0x8913,
  SIFFLAGS: 0x8914,
  GIFADDR: 0x8915,
  SIFADDR: 0x8916,
  SIFDSTADDR: 0x8918,
  GIFBRDADDR: 0x8919,
  SIFBRDADDR: 0x891a,
  GIFNETMASK: 0x891b,
  SIFNETMASK: 0x891c,
  SIFNAME: 0x8923,
} as const;
/** Where the union of struct ifreq starts, and the address of a struct sockaddr_in in it. */
const UNION = 16;
const INET_ADDRESS = 20;
const IPV6_BITS = 128;

/** Address families by the names that the program knows. */
export const ADDRESS_FAMILIES: ReadonlySet<string> = new Set([
  ...["unspec", "unix", "local", "inet", "inet6", "ax25", "netrom", "rose", "ipx", "ddp", "ec", "ash", "x25"],
]);

/** Thrown once the program has said why it goes no further. */
export class GaveUp extends Error {}

export function giveUp(process: Process): GaveUp {
  process.warn("ifconfig: `--help' gives usage information.\n");
  return new GaveUp();
}

export function tellUnknown(process: Process, host: string): void {
  process.warn(`${host}: ${/[/]/.test(host) ? "Unknown host" : "Host name lookup failure"}\n`);
}

/** No address of this family can be set alone. */
export function refuseFamily(process: Process, family: string, text: string): never {
  if (family !== "inet6") {
    process.warn(`ifconfig: error resolving '${text}' to set address for af=${family}\n`);
    throw giveUp(process);
  }
  if (parseIpv6(text) === undefined) {
    process.warn(`getaddrinfo: ${text}: -2\n${text}: Unknown host\n`);
    throw giveUp(process);
  }
  process.warn(`Don't know how to set addresses for family ${AF.INET6}.\n`);
  throw new GaveUp();
}

/** True if the kernel did it; else that is told. */
function send(process: Process, request: number, called: string, name: string, address: number): boolean {
  const done = interfaceRequest(process, request, name, (ifreq) => {
    writeU16Host(ifreq, UNION, AF.INET);
    writeU32BE(ifreq, INET_ADDRESS, address);
  });
  if (typeof done === "number") process.warn(`${called}: ${strerror(done)}\n`);
  return typeof done !== "number";
}

export function setAddress(process: Process, name: string, address: number): boolean {
  return send(process, SIOC.SIFADDR, "SIOCSIFADDR", name, address);
}

export function setMask(process: Process, name: string, mask: number): boolean {
  return send(process, SIOC.SIFNETMASK, "SIOCSIFNETMASK", name, mask);
}

export function setBroadcast(process: Process, name: string, address: number): boolean {
  return send(process, SIOC.SIFBRDADDR, "SIOCSIFBRDADDR", name, address);
}

export function setFarEnd(process: Process, name: string, address: number): boolean {
  return send(process, SIOC.SIFDSTADDR, "SIOCSIFDSTADDR", name, address);
}

export function rename(process: Process, name: string, wanted: string): boolean {
  const done = interfaceRequest(process, SIOC.SIFNAME, name, (ifreq) =>
    ifreq.set(new TextEncoder().encode(wanted).subarray(0, UNION - 1), UNION),
  );
  if (typeof done === "number") process.warn(`SIOCSIFNAME: ${strerror(done)}\n`);
  return typeof done !== "number";
}

/** As the real program shifts: by 32 bits is by none, so that "/32" is the mask of "/0". Undefined if it is no number. */
export function maskOfLength(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  return ~(0xffff_ffff >>> (Number(text) & 31)) >>> 0;
}

function addressOf(process: Process, request: number, name: string): number | undefined {
  const data = interfaceRequest(process, request, name);
  return typeof data === "number" ? undefined : readU32BE(data, INET_ADDRESS);
}

/** The label of the device with this address, or the first that is free. */
function label(
  process: Process,
  name: string,
  address: number,
): { readonly name: string; readonly known: boolean } {
  for (let number = 0; ; number++) {
    const alias = `${name}:${number}`;
    const its = addressOf(process, SIOC.GIFADDR, alias);
    if (its === undefined || its === address) return { name: alias, known: its !== undefined };
  }
}

/** `add` and `del` with an IPv4 address: one with a label, which has mask and broadcast address of the device's own. */
export function changeAlias(process: Process, name: string, address: number, what: "add" | "del"): boolean {
  if (interfaceIndex(process, name) === undefined) {
    for (let time = 0; time < 2; time++)
      process.warn(`${name}: error fetching interface information: Device not found\n`);
    return true;
  }
  if (addressOf(process, SIOC.GIFADDR, name) === undefined) return true;
  const alias = label(process, name, address);
  let done = true;
  if (!alias.known) {
    done = setAddress(process, alias.name, address);
    done = setMask(process, alias.name, addressOf(process, SIOC.GIFNETMASK, name) ?? 0) && done;
    done = setBroadcast(process, alias.name, addressOf(process, SIOC.GIFBRDADDR, name) ?? 0) && done;
  }
  const flags = interfaceRequest(process, SIOC.GIFFLAGS, alias.name);
  if (typeof flags === "number") return false;
  const up = !alias.known || what === "add";
  const wanted = up ? readU16Host(flags, UNION) | IFF.UP : readU16Host(flags, UNION) & ~IFF.UP;
  const set = interfaceRequest(process, SIOC.SIFFLAGS, alias.name, (ifreq) =>
    writeU16Host(ifreq, UNION, wanted),
  );
  return done && typeof set !== "number";
}

/** `add` and `del` with an IPv6 address. */
export function changeIpv6(
  process: Process,
  name: string,
  text: string,
  what: "add" | "del",
): boolean | "misused" {
  const [host = "", length = ""] = text.split("/");
  const prefixlen = length === "" ? IPV6_BITS : Number(length);
  if (!(prefixlen >= 0 && prefixlen <= IPV6_BITS)) return "misused";
  const address = parseIpv6(host);
  if (address === undefined) {
    process.warn(`getaddrinfo: ${host}: -2\n${host}: Unknown host\n`);
    return false;
  }
  const index = interfaceIndex(process, name);
  if (index === undefined) {
    process.warn(`SIOGIFINDEX: ${strerror(ERRNO.ENODEV)}\n`);
    return false;
  }
  const bytes = new Uint8Array(16);
  writeIpv6Address(bytes, 0, address);
  const message = encodeAddress({ family: AF.INET6, prefixlen, index, local: bytes, address: bytes });
  const socket = process.netlink();
  try {
    const client = new NetlinkClient(socket);
    const answer =
      what === "add"
        ? client.request(RTM.NEWADDR, NLM_F.CREATE | NLM_F.EXCL, message)
        : client.request(RTM.DELADDR, 0, message);
    if (answer.ok) return true;
    process.warn(`${what === "add" ? "SIOCSIFADDR" : "SIOCDIFADDR"}: ${strerror(answer.errno)}\n`);
    return false;
  } finally {
    socket.close();
  }
}
