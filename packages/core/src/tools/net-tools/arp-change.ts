// `arp -s` and `arp -d`: struct arpreq by SIOCSARP and SIOCDARP (arp(7)).

import { strerror, ERRNO } from "../../netlink/errno.ts";
import { readU16Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { writeU32BE } from "../../wire/bytes.ts";
import { parseMac, writeMac } from "../../wire/mac.ts";
import { ATF } from "./arp-table.ts";
import { findAddress } from "./names.ts";

const SIOCGIFHWADDR = 0x8927;
const SIOCDARP = 0x8953;
const SIOCSARP = 0x8955;
const AF_INET = 2;
const ARPHRD_ETHER = 1;
/** struct arpreq: protocol address, hardware address, flags, netmask, device. */
const ARPREQ = { LENGTH: 68, HARDWARE: 16, FLAGS: 32, NETMASK: 36, DEVICE: 52 } as const;
const IFREQ_LENGTH = 40;
const NAME_LENGTH = 16;
const FAILED = 255;

function refuse(process: Process, text: string): number {
  process.warn(`${text}\n`);
  return FAILED;
}

function ask(process: Process, number: number, shape: "ifreq" | "pointer", data: Uint8Array): number {
  try {
    process.ioctl({ shape, number, data });
    return 0;
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  }
}

function writeDevice(data: Uint8Array, offset: number, device: string): void {
  data.set(new TextEncoder().encode(device).subarray(0, NAME_LENGTH - 1), offset);
}

/** A request about the host that the first operand names; undefined after a complaint. */
function request(process: Process, host: string | undefined, device: string): Uint8Array | undefined {
  if (host === undefined) {
    refuse(process, "arp: need host name");
    return undefined;
  }
  const address = findAddress(process, host);
  if (address === undefined) {
    refuse(process, `${host}: Host name lookup failure`);
    return undefined;
  }
  const data = new Uint8Array(ARPREQ.LENGTH);
  writeU16Host(data, 0, AF_INET);
  writeU32BE(data, 4, address);
  writeDevice(data, ARPREQ.DEVICE, device);
  return data;
}

/** Words behind the address. The last netmask stays all ones: nothing else is accepted by the kernel. */
interface Words {
  flags: number;
  netmask: number;
  device: string;
  permanent: boolean;
}

/** Reads pub, priv, temp, trail, dontpub, dev IF, netmask MASK; false if there is another word. */
function readWords(process: Process, words: readonly string[], into: Words): boolean {
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === "pub") into.flags |= ATF.PUBL;
    else if (word === "priv") into.flags &= ~ATF.PUBL;
    else if (word === "temp") into.permanent = false;
    else if (word === "trail") into.flags |= ATF.USETRAILERS;
    else if (word === "dontpub") into.flags |= ATF.DONTPUB;
    else if (word === "dev" && words[at + 1] !== undefined) into.device = words[++at] ?? "";
    else if (word === "netmask" && words[at + 1] !== undefined) {
      const mask = findAddress(process, words[++at] ?? "");
      if (mask === undefined) return false;
      into.netmask = mask;
      if (mask !== 0xffffffff) into.flags |= ATF.NETMASK;
    } else return false;
  }
  return true;
}

function finish(data: Uint8Array, words: Words): void {
  writeU32Host(data, ARPREQ.FLAGS, words.flags);
  writeU16Host(data, ARPREQ.NETMASK, AF_INET);
  writeU32BE(data, ARPREQ.NETMASK + 4, words.netmask);
  writeDevice(data, ARPREQ.DEVICE, words.device);
}

/** `arp -d HOST [pub]` */
export function deleteEntry(
  process: Process,
  [host, ...rest]: readonly string[],
  device: string,
  usage: () => number,
): number {
  const data = request(process, host, device);
  if (data === undefined) return FAILED;
  const words: Words = { flags: 0, netmask: 0xffffffff, device, permanent: true };
  if (!readWords(process, rest, words)) return usage();
  finish(data, { ...words, flags: words.flags | ATF.PERM });
  const errno = ask(process, SIOCDARP, "pointer", data);
  if (errno === 0) return 0;
  if (errno === ERRNO.ENXIO || errno === ERRNO.ENOENT) {
    process.print(`No ARP entry for ${host}\n`);
    return FAILED;
  }
  const kind = (words.flags & ATF.PUBL) !== 0 ? "pub" : "dontpub";
  return refuse(process, `SIOCDARP(${kind}): ${strerror(errno)}`);
}

/** `arp -s HOST MAC` or `arp -Ds HOST IF` */
export function setEntry(
  process: Process,
  [host, hardware, ...rest]: readonly string[],
  { device, useDevice }: { readonly device: string; readonly useDevice: boolean },
  usage: () => number,
): number {
  const data = request(process, host, device);
  if (data === undefined) return FAILED;
  if (hardware === undefined) return refuse(process, "arp: need hardware address");
  if (useDevice) {
    const ifreq = new Uint8Array(IFREQ_LENGTH);
    writeDevice(ifreq, 0, hardware);
    const errno = ask(process, SIOCGIFHWADDR, "ifreq", ifreq);
    if (errno !== 0)
      return refuse(process, `arp: can't get HW-Address for \`${hardware}': ${strerror(errno)}.`);
    if (readU16Host(ifreq, NAME_LENGTH) !== ARPHRD_ETHER) {
      return refuse(process, "arp: protocol type mismatch.");
    }
    data.set(ifreq.subarray(NAME_LENGTH, NAME_LENGTH + 16), ARPREQ.HARDWARE);
  } else {
    const mac = parseMac(hardware);
    if (mac === undefined) return refuse(process, "arp: invalid hardware address");
    writeU16Host(data, ARPREQ.HARDWARE, ARPHRD_ETHER);
    writeMac(data, ARPREQ.HARDWARE + 2, mac);
  }
  const words: Words = {
    flags: 0,
    netmask: 0xffffffff,
    device: device || (useDevice ? hardware : ""),
    permanent: true,
  };
  if (!readWords(process, rest, words)) return usage();
  finish(data, { ...words, flags: words.flags | ATF.COM | (words.permanent ? ATF.PERM : 0) });
  const errno = ask(process, SIOCSARP, "pointer", data);
  return errno === 0 ? 0 : refuse(process, `SIOCSARP: ${strerror(errno)}`);
}
