/** What an address, a name or a number after qualifiers means: the part of the language that looks names up. */
import { ipv6ToBytes, parseIpv6 } from "../wire/ipv6-address.ts";
import { or, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { refuse } from "./filter-error.ts";
import { arcnetAddress, ipv4Address, ipv6Address, isArcnet, linkHostWord, macAddress } from "./hosts.ts";
import { ABSENT } from "./link-layer.ts";
import { IpProtocol, portCondition } from "./ports.ts";
import { chainedProtocol, payloadProtocol, protocolNumber } from "./protocols.ts";
import { NO_QUALIFIER, type FilterProtocol, type InheritedQualifier, type Qualifier } from "./qualifiers.ts";

const ALL_ONES = 0xffff_ffff;
const LARGEST_PORT = 65535;
const ALL_128 = new Uint8Array(16).fill(0xff);

function known(qualifier: InheritedQualifier): Qualifier {
  return qualifier === NO_QUALIFIER ? refuse("syntax error in filter expression") : qualifier;
}

/** A name. */
export function namedOperand(on: Compilation, name: string, inherited: InheritedQualifier): Condition {
  const { protocol, direction, kind } = known(inherited);
  const { names } = on.target;
  switch (kind) {
    case "net": {
      const network = names.network(name) ?? 0;
      if (network === 0) refuse(`unknown network '${name}'`);
      const { address, mask } = leftJustified(network);
      return ipv4Address(on, address, mask, protocol, direction, "net");
    }
    case "host":
    case undefined:
      if (protocol === "link") return linkHost(on, name, direction);
      if (protocol === "decnet") {
        return refuse(`decnet name support not included, '${name}' cannot be translated\n`);
      }
      return namedHost(on, name, protocol, direction);
    case "port": {
      portProtocol(protocol, "port");
      const found = servicePort(on, name) ?? refuse(`unknown port '${name}'`);
      const number = agreedProtocol(protocol, found.protocol, `port '${name}'`);
      checkPort(found.port);
      return portCondition(on, found.port, number, direction);
    }
    case "portrange": {
      portProtocol(protocol, "portrange");
      const [first, last] = portRange(on, name) ?? refuse(`unknown port in range '${name}'`);
      const both = first.protocol === last.protocol ? first.protocol : undefined;
      const number = agreedProtocol(protocol, both, `port in range '${name}'`);
      checkPort(first.port);
      checkPort(last.port);
      return portCondition(on, { first: first.port, last: last.port }, number, direction);
    }
    case "gateway":
      // As libpcap with IPv6 support has it.
      return refuse("'gateway' not supported in this configuration");
    case "proto":
    case "protochain": {
      const number = protocolNumber(on, name, protocol) ?? refuse(`unknown protocol: ${name}`);
      return kind === "proto"
        ? payloadProtocol(on, number, protocol, direction)
        : chainedProtocol(on, number, protocol);
    }
  }
}

function linkHost(on: Compilation, name: string, direction: Qualifier["direction"]): Condition {
  const word =
    linkHostWord(on.linkType) ??
    refuse("only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name");
  const address = on.target.names.etherHost(name) ?? refuse(`unknown ${word} host '${name}'`);
  return macAddress(on, address, direction) as Condition;
}

function namedHost(
  on: Compilation,
  name: string,
  protocol: FilterProtocol | undefined,
  direction: Qualifier["direction"],
): Condition {
  const addresses = on.target.names.hostAddresses(name);
  if (addresses.length === 0) refuse(`unknown host '${name}'`);
  // Without a type field there is no ARP that could be looked at.
  const bare = protocol === undefined && on.linkTypeField.constant === ABSENT;
  let result: Condition | undefined;
  for (const address of addresses) {
    const ipv4 = address.length === 4;
    if (ipv4 ? protocol === "ip6" : protocol === "ip") continue;
    const condition = ipv4
      ? ipv4Address(on, numberOf(address), ALL_ONES, bare ? "ip" : protocol, direction, "host")
      : ipv6Address(on, address, ALL_128, protocol, direction, "host");
    result = result === undefined ? condition : or(result, condition);
  }
  return (
    result ?? refuse(`unknown host '${name}'${protocol === undefined ? "" : " for specified address family"}`)
  );
}

function numberOf(address: Uint8Array): number {
  return address.reduce((sum, byte) => sum * 256 + byte, 0);
}

// ---- ports

function portProtocol(protocol: FilterProtocol | undefined, word: "port" | "portrange"): number | undefined {
  switch (protocol) {
    case undefined:
      return undefined;
    case "tcp":
      return IpProtocol.TCP;
    case "udp":
      return IpProtocol.UDP;
    case "sctp":
      return IpProtocol.SCTP;
    default:
      return refuse(`illegal qualifier of '${word}'`);
  }
}

interface ServicePort {
  readonly port: number;
  /** The only protocol for which the service is known; undefined for several. */
  readonly protocol: "tcp" | "udp" | undefined;
}

function servicePort(on: Compilation, name: string): ServicePort | undefined {
  // getaddrinfo(3) takes numbers too, and cuts them to 16 bits.
  if (/^[0-9]+$/.test(name)) return { port: Number(name) % 0x1_0000, protocol: undefined };
  const tcp = on.target.names.port(name, "tcp");
  const udp = on.target.names.port(name, "udp");
  if (tcp !== undefined) return { port: tcp, protocol: tcp === udp ? undefined : "tcp" };
  return udp === undefined ? undefined : { port: udp, protocol: "udp" };
}

/** `FIRST-LAST`; one name alone is no range. */
function portRange(on: Compilation, text: string): readonly [ServicePort, ServicePort] | undefined {
  const dash = text.indexOf("-");
  if (dash < 0) return undefined;
  const first = servicePort(on, text.slice(0, dash));
  const last = servicePort(on, text.slice(dash + 1));
  return first === undefined || last === undefined ? undefined : [first, last];
}

/** The IP protocol of a named port: what the filter says, unless the service is another protocol's. */
function agreedProtocol(
  said: FilterProtocol | undefined,
  service: "tcp" | "udp" | undefined,
  what: string,
): number | undefined {
  if (said === undefined) {
    return service === undefined ? undefined : service === "tcp" ? IpProtocol.TCP : IpProtocol.UDP;
  }
  if (service !== undefined && service !== said) refuse(`${what} is ${service}`);
  return portProtocol(said, "port");
}

function checkPort(port: number): void {
  if (port > LARGEST_PORT) refuse(`illegal port number ${port} > ${LARGEST_PORT}`);
}

// ---- numbers and addresses

/** A number that stands alone: an address, a port or a protocol. */
export function numericOperand(on: Compilation, value: number, inherited: InheritedQualifier): Condition {
  const qualifier = known(inherited);
  const { protocol, direction, kind } = qualifier;
  if (kind === "port" || kind === "portrange") {
    const number = portProtocol(protocol, kind);
    checkPort(value);
    return portCondition(on, kind === "port" ? value : { first: value, last: value }, number, direction);
  }
  if (kind === "gateway") return refuse("'gateway' requires a name");
  if (kind === "proto") return payloadProtocol(on, value, protocol, direction);
  if (kind === "protochain") return chainedProtocol(on, value, protocol);
  const { address, mask } = kind === "net" ? leftJustified(value) : { address: value, mask: ALL_ONES };
  return address32(on, address, mask, qualifier);
}

/** An address in dots, which may be the first bytes only. */
export function dottedOperand(on: Compilation, text: string, inherited: InheritedQualifier): Condition {
  const qualifier = known(inherited);
  const { protocol, kind } = qualifier;
  if (kind === "port" || kind === "portrange" || kind === "proto" || kind === "protochain") {
    return refuse(`'${kind}' modifier applied to ip host`);
  }
  if (protocol === "decnet") {
    const node = decnetNode(text);
    return node === undefined
      ? refuse(`malformed decnet address '${text}'`)
      : ipv4Address(on, node, 0, "decnet", qualifier.direction, kind === "net" ? "net" : "host");
  }
  const { address, mask } = dottedAddress(text);
  if (kind === "gateway") return refuse("'gateway' requires a name");
  return address32(on, address, mask, qualifier);
}

function address32(on: Compilation, address: number, mask: number, qualifier: Qualifier): Condition {
  const { protocol, direction, kind } = qualifier;
  if (protocol === "link") return refuse("illegal link layer address");
  return ipv4Address(on, address, mask, protocol, direction, kind === "net" ? "net" : "host");
}

/** A network in dots with the length of its prefix, or with a mask in dots. */
export function maskedOperand(
  on: Compilation,
  network: string,
  mask: number | string,
  inherited: InheritedQualifier,
): Condition {
  const { address } = dottedAddress(network);
  let bits: number;
  if (typeof mask === "string") {
    bits = dottedAddress(mask).address;
    if ((address & ~bits) !== 0) refuse(`non-network bits set in "${network} mask ${mask}"`);
  } else {
    if (mask > 32) refuse("mask length must be <= 32");
    bits = mask === 0 ? 0 : (ALL_ONES << (32 - mask)) >>> 0;
    if ((address & ~bits) !== 0) refuse(`non-network bits set in "${network}/${mask}"`);
  }
  if (inherited === NO_QUALIFIER || inherited.kind !== "net") return refuse("Mask syntax for networks only");
  return ipv4Address(on, address, bits, inherited.protocol, inherited.direction, "net");
}

/** @param length of the prefix; 128 where none was given */
export function ipv6Operand(
  on: Compilation,
  text: string,
  length: number,
  inherited: InheritedQualifier,
): Condition {
  const parsed = parseIpv6(text);
  if (parsed === undefined) return refuse(`invalid ip6 address ${text}`);
  const address = ipv6ToBytes(parsed);
  if (length > 128) refuse("mask length must be <= 128");
  const mask = new Uint8Array(16);
  for (let index = 0; index < 16; index++) {
    const bits = Math.min(Math.max(length - 8 * index, 0), 8);
    mask[index] = (0xff << (8 - bits)) & 0xff;
    if (((address[index] as number) & ~(mask[index] as number)) !== 0) {
      refuse(`non-network bits set in "${text}/${length}"`);
    }
  }
  if (inherited === NO_QUALIFIER) return refuse("invalid qualifier against IPv6 address");
  const { protocol, direction, kind } = inherited;
  if (kind !== undefined && kind !== "host" && kind !== "net") {
    return refuse("invalid qualifier against IPv6 address");
  }
  if (kind !== "net" && length !== 128) refuse("Mask syntax for networks only");
  return ipv6Address(on, address, mask, protocol, direction, kind === "net" ? "net" : "host");
}

/** An Ethernet address in any of its spellings. */
export function macOperand(on: Compilation, text: string, inherited: InheritedQualifier): Condition {
  if (
    inherited === NO_QUALIFIER ||
    inherited.protocol !== "link" ||
    (inherited.kind !== undefined && inherited.kind !== "host")
  ) {
    return refuse("ethernet address used in non-ether expression");
  }
  return (
    macAddress(on, macBytes(text), inherited.direction) ??
    refuse("ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel")
  );
}

/** `$xx`. */
export function arcnetOperand(on: Compilation, text: string, inherited: InheritedQualifier): Condition {
  if (!isArcnet(on.linkType)) return refuse("aid supported only on ARCnet");
  if (
    inherited === NO_QUALIFIER ||
    inherited.protocol !== "link" ||
    (inherited.kind !== undefined && inherited.kind !== "host")
  ) {
    return refuse("ARCnet address used in non-arc expression");
  }
  return arcnetAddress(on, Number.parseInt(text.slice(1), 16), inherited.direction);
}

function macBytes(text: string): number[] {
  const groups = text.split(/[-:.]/);
  const digits =
    groups.length === 6 ? groups.map((group) => group.padStart(2, "0")).join("") : groups.join("");
  return Array.from({ length: 6 }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

/** Decimal numbers in dots: as many leading bytes of an address, and the mask that covers them. */
function dottedAddress(text: string): { readonly address: number; readonly mask: number } {
  const parts = text.split(".");
  if (parts.some((part) => !/^[0-9]+$/.test(part) || Number(part) > 255)) {
    return refuse(`invalid IPv4 address '${text}'`);
  }
  const missing = 4 - parts.length;
  const address = parts.reduce((sum, part) => sum * 256 + Number(part), 0) * 256 ** missing;
  return { address, mask: missing === 0 ? ALL_ONES : (ALL_ONES << (8 * missing)) >>> 0 };
}

/** A short network number: 10 is 10.0.0.0/8. */
function leftJustified(network: number): { readonly address: number; readonly mask: number } {
  let address = network;
  let mask = ALL_ONES;
  while (address !== 0 && address < 0x0100_0000) {
    address *= 256;
    mask = (mask << 8) >>> 0;
  }
  return { address, mask };
}

/** AREA.NODE: 6 and 10 bits. */
function decnetNode(text: string): number | undefined {
  const match = /^([0-9]+)\.([0-9]+)/.exec(text);
  if (match === null) return undefined;
  return ((Number(match[1]) << 10) & 0xfc00) | (Number(match[2]) & 0x03ff);
}
