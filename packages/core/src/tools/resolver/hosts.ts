// Names of hosts: numeric addresses and /etc/hosts, as getaddrinfo(3) and getnameinfo(3) of glibc answer on a host without a
// name server. Nothing is ever asked over the network.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress } from "../../system/sockets.ts";
import { bytesEqual } from "../../wire/bytes.ts";
import { formatIpv4, parseIpv4, readIpv4Address, writeIpv4Address } from "../../wire/ipv4-address.ts";
import {
  formatIpv6,
  ipv6MulticastScope,
  ipv6ToBytes,
  isLinkLocalIpv6,
  isMulticastIpv6,
  parseIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import { inetAton } from "./inet-aton.ts";
import { interfaceIndex, interfaceName } from "./interfaces.ts";

export type Family = "inet" | "inet6";

export interface ResolvedHost {
  readonly family: Family;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** ifindex; 0 for none. */
  readonly scope: number;
  /** AI_CANONNAME. */
  readonly canonicalName: string;
}

/** Texts of gai_strerror(3). */
export const NAME_FAULT = {
  AGAIN: "Temporary failure in name resolution",
  ADDRFAMILY: "Address family for hostname not supported",
  NONAME: "Name or service not known",
} as const;

/** A name without an address. */
export class NameFault {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function ipv4Bytes(address: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeIpv4Address(bytes, 0, address);
  return bytes;
}

/** Every address of `name`; of one family only if that is given. Throws NameFault. */
export function resolveHost(process: Process, name: string, family?: Family): ResolvedHost[] {
  const numeric = numericHost(process, name);
  if (numeric !== undefined) {
    if (family !== undefined && numeric.family !== family) throw new NameFault(NAME_FAULT.ADDRFAMILY);
    return [numeric];
  }
  if (name === "") throw new NameFault(NAME_FAULT.NONAME);
  const known = hostLines(process).filter(({ names }) => names.includes(name.toLowerCase()));
  const found = known.filter((line) => family === undefined || line.family === family);
  if (found.length > 0) {
    return found.map((line) => ({ ...line, scope: 0, canonicalName: line.names[0] ?? name }));
  }
  if (known.length > 0) throw new NameFault(NAME_FAULT.ADDRFAMILY);
  throw new NameFault(isAskable(name) ? NAME_FAULT.AGAIN : NAME_FAULT.NONAME);
}

const MAX_NAME = 253;

/** True for names that a name server would be asked for. What is not ASCII would be encoded first. */
function isAskable(name: string): boolean {
  const dotless = name.replace(/\.$/, "");
  if (dotless === "") return true;
  const hasGoodLabels = dotless.split(".").every((label) => /^[\w\u{80}-\u{10ffff}-]{1,63}$/u.test(label));
  return hasGoodLabels && !name.startsWith("-") && dotless.length <= MAX_NAME;
}

/** An address as text. Throws NameFault for one with an interface that does not exist. */
function numericHost(process: Process, name: string): ResolvedHost | undefined {
  const v4 = inetAton(name);
  if (v4 !== undefined && !/\s/.test(name)) {
    return { family: "inet", address: ipv4Bytes(v4), scope: 0, canonicalName: name };
  }
  const percent = name.indexOf("%");
  const text = percent < 0 ? name : name.slice(0, percent);
  const v6 = parseIpv6(text);
  if (v6 === undefined) {
    if (percent >= 0 && parseIpv4(text) !== undefined) throw new NameFault(NAME_FAULT.NONAME);
    return undefined;
  }
  const zone = percent < 0 ? "" : name.slice(percent + 1);
  const scope = percent < 0 ? 0 : scopeOf(process, zone, needsScope(v6));
  if (scope === undefined) throw new NameFault(NAME_FAULT.NONAME);
  return { family: "inet6", address: ipv6ToBytes(v6), scope, canonicalName: name };
}

type Ipv6 = ReturnType<typeof readIpv6Address>;

function needsScope(address: Ipv6): boolean {
  return isLinkLocalIpv6(address) || (isMulticastIpv6(address) && ipv6MulticastScope(address) === 2);
}

/** A zone is an interface's name where a scope matters, or a number anywhere. */
function scopeOf(process: Process, zone: string, named: boolean): number | undefined {
  const index = named ? interfaceIndex(process, zone) : 0;
  if (index !== 0) return index;
  return /^\d+$/.test(zone) ? Number(zone) : undefined;
}

interface HostLine {
  readonly family: Family;
  readonly address: Uint8Array;
  /** Lower case. */
  readonly names: readonly string[];
}

/** /etc/hosts; without that file there is still localhost. */
export function hostLines(process: Process): HostLine[] {
  let text: string;
  try {
    text = new TextDecoder().decode(process.files.readFile("/etc/hosts"));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    text = "127.0.0.1 localhost";
  }
  const lines: HostLine[] = [];
  for (const line of text.split("\n")) {
    const [first = "", ...names] = line.replace(/#.*/, "").trim().toLowerCase().split(/\s+/);
    const v4 = parseIpv4(first);
    const v6 = parseIpv6(first);
    if (v4 !== undefined) lines.push({ family: "inet", address: ipv4Bytes(v4), names });
    else if (v6 !== undefined) lines.push({ family: "inet6", address: ipv6ToBytes(v6), names });
  }
  return lines;
}

/** getnameinfo(3) with NI_NUMERICHOST: the address, with the interface where that matters. */
export function numericName(process: Process, { address, scope = 0 }: Omit<InetAddress, "port">): string {
  if (address.length === 4) return formatIpv4(readIpv4Address(address, 0));
  const v6 = readIpv6Address(address, 0);
  const text = formatIpv6(v6);
  if (scope === 0) return text;
  return `${text}%${(needsScope(v6) ? interfaceName(process, scope) : undefined) ?? scope}`;
}

/** The name that /etc/hosts has for an address; undefined if it has none. */
export function hostName(process: Process, address: Uint8Array): string | undefined {
  return hostLines(process).find((line) => bytesEqual(line.address, address))?.names[0];
}
