// Link types whose short header ends in an EtherType or names another link type: Symantec's firewall, IP over IEEE 1394 (RFC 2734),
// IP over InfiniBand (RFC 4391), Solaris's ipnet, Classical IP over ATM (RFC 2225), Hilscher's analyzer, Bluetooth's HCI, and CACE's
// Per-Packet Information.

import { linkTypeName } from "../../../wire/link-types.ts";
import { NO_ADDRESS, TRUNCATED } from "./dissector.ts";
import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { defaultPrint, MAX_LENGTH_VALUE } from "./ethernet.ts";
import type { LinkPrinter } from "./link-types.ts";
import { hex4 } from "./numbers.ts";

function typeText(d: Dissector, type: number): string {
  if (d.quiet === 0) return `ethertype ${ETHERTYPES.get(type) ?? "Unknown"} (0x${hex4(type)})`;
  return ETHERTYPES.get(type) ?? `Unknown Ethertype (0x${hex4(type)})`;
}

/** What an EtherType names behind a header of `size` bytes, which `describe` shows with -e, or if nobody knows the type. */
function typedPayload(
  d: Dissector,
  type: number,
  start: number,
  size: number,
  total: number,
  captured: number,
  describe: () => void,
): number {
  if (d.linkHeaders) describe();
  const at = start + size;
  const known =
    type > MAX_LENGTH_VALUE &&
    d.layers.ethertype(d, type, at, total - size, captured - size, NO_ADDRESS, NO_ADDRESS);
  if (!known) {
    if (!d.linkHeaders) describe();
    defaultPrint(d, at, captured - size);
  }
  return size;
}

const SYMANTEC_LENGTH = 44;

/** DLT_SYMANTEC_FIREWALL */
export function symantec(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "symantec";
  if (captured < SYMANTEC_LENGTH) {
    d.truncated();
    return 0;
  }
  const type = d.u16(at + 6);
  return typedPayload(d, type, at, SYMANTEC_LENGTH, length, captured, () => {
    d.text += type <= MAX_LENGTH_VALUE ? `invalid ethertype ${type}` : typeText(d, type);
    d.text += `, length ${length}: `;
  });
}

const FIREWIRE_LENGTH = 18;
const EUI64_LENGTH = 8;

/** DLT_APPLE_IP_OVER_IEEE1394 */
export function firewire(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "ap1394";
  if (captured < FIREWIRE_LENGTH) {
    d.truncated();
    return 0;
  }
  const type = d.u16(start + 2 * EUI64_LENGTH);
  const describe = (): void => {
    d.text += `${d.hexBytes(start + EUI64_LENGTH, EUI64_LENGTH, ":")} > ${d.hexBytes(start, EUI64_LENGTH, ":")}, `;
    d.text += `${typeText(d, type)}, length ${total}: `;
  };
  if (d.linkHeaders) describe();
  const at = start + FIREWIRE_LENGTH;
  if (
    !d.layers.ethertype(d, type, at, total - FIREWIRE_LENGTH, captured - FIREWIRE_LENGTH, start + 8, start)
  ) {
    if (!d.linkHeaders) describe();
    defaultPrint(d, at, captured - FIREWIRE_LENGTH);
  }
  return FIREWIRE_LENGTH;
}

const INFINIBAND_LENGTH = 44;

/** DLT_IPOIB */
export function infiniband(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "ipoib";
  if (captured < INFINIBAND_LENGTH) {
    d.truncated();
    return length;
  }
  const type = d.u16(at + 40);
  if (d.linkHeaders) d.text += "IPOIB";
  return typedPayload(d, type, at, INFINIBAND_LENGTH, length, captured, () => {
    d.text += `, ethertype ${ETHERTYPES.get(type) ?? "Unknown"}`;
    if (d.quiet === 0) d.text += ` (0x${hex4(type)})`;
    d.text += `, length ${length}: `;
  });
}

const IPNET_LENGTH = 24;
const IPNET_FAMILIES: Readonly<Record<number, string>> = { 2: "IPv4", 26: "IPv6" };

/** DLT_IPNET */
export function ipnet(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "ipnet";
  d.check(start, IPNET_LENGTH);
  const family = d.u8(start + 1);
  const name = IPNET_FAMILIES[family];
  const describe = (): void => {
    d.text += `${d.u32(start + 16)} > ${d.u32(start + 20)}, `;
    d.text +=
      d.quiet === 0
        ? `family ${name ?? "Unknown"} (${family})`
        : (name ?? `Unknown Ethertype (0x${hex4(family)})`);
    d.text += `, length ${total}: `;
  };
  if (d.linkHeaders) describe();
  const at = start + IPNET_LENGTH;
  if (name === "IPv4") d.layers.ipv4(d, at, total - IPNET_LENGTH);
  else if (name === "IPv6") d.layers.ipv6(d, at, total - IPNET_LENGTH);
  else {
    if (!d.linkHeaders) describe();
    defaultPrint(d, at, captured - IPNET_LENGTH);
  }
  return IPNET_LENGTH;
}

/** LLC and SNAP of IP's organization, without the protocol. */
const IP_OF_SNAP = [0xaa, 0xaa, 3, 0, 0, 0] as const;

/** DLT_ATM_CLIP: LLC and SNAP of IP's organization, or IP without any header. */
export function classicalIp(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "cip";
  if (d.linkHeaders) d.text += `${length}: `;
  d.check(at, IP_OF_SNAP.length);
  const snap = IP_OF_SNAP.every((byte, index) => d.u8(at + index) === byte);
  if (!snap) {
    d.layers.ipv4(d, at, length);
    return 0;
  }
  const header = d.layers.llc(d, at, length, captured, NO_ADDRESS, NO_ADDRESS);
  if (header >= 0) return header;
  defaultPrint(d, at, captured);
  return -header;
}

const ANALYZER_LENGTH = 4;
/** With preamble and start of frame. */
const TRANSPARENT_LENGTH = 12;

function analyzer(size: number): LinkPrinter {
  return (d, at, length, captured) => {
    d.protocol = size === ANALYZER_LENGTH ? "netanalyzer" : "netanalyzer_transparent";
    if (length < size) throw TRUNCATED;
    d.check(at, size);
    return size + d.layers.ethernet(d, at + size, length - size, captured - size);
  };
}

/** DLT_NETANALYZER and DLT_NETANALYZER_TRANSPARENT */
export const netAnalyzer = analyzer(ANALYZER_LENGTH);
export const netAnalyzerTransparent = analyzer(TRANSPARENT_LENGTH);

const HCI_DIRECTION_LENGTH = 4;

/** DLT_BLUETOOTH_HCI_H4_WITH_PHDR */
export function bluetooth(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "bluetooth";
  d.text += "bluetooth";
  d.check(at, HCI_DIRECTION_LENGTH);
  if (d.linkHeaders) {
    const direction = (d.u32(at) & 1) === 0 ? "out" : "in";
    d.text += `, hci length ${length - HCI_DIRECTION_LENGTH}, direction ${direction}`;
  }
  defaultPrint(d, at + HCI_DIRECTION_LENGTH, captured - HCI_DIRECTION_LENGTH);
  return HCI_DIRECTION_LENGTH;
}

const PPI_LENGTH = 8;
const PPI_MAXIMUM = 65_532;

/** DLT_PPI */
export function perPacketInformation(printer: (linkType: number) => LinkPrinter | undefined): LinkPrinter {
  return (d, start, total, captured) => {
    d.protocol = "ppi";
    if (captured < PPI_LENGTH) {
      d.truncated();
      return captured;
    }
    const size = d.u16le(start + 2);
    if (size < PPI_LENGTH || size > PPI_MAXIMUM) {
      d.text += ` [length ${size} < ${PPI_LENGTH} or > ${PPI_MAXIMUM}]`;
      d.invalid();
      return captured;
    }
    if (captured < size) {
      d.truncated();
      return captured;
    }
    const linkType = d.u32le(start + 4);
    const describe = (length: number): void => {
      const name = linkTypeName(linkType)?.name ?? "UNKNOWN";
      d.text += d.quiet > 0 ? name : `V.${d.u8(start)} DLT ${name} (${linkType}) len ${size}`;
      d.text += `, length ${length}: `;
    };
    if (d.linkHeaders) describe(total);
    const print = printer(linkType);
    const at = start + size;
    // tcpdump counts the header of the packet's own link layer twice.
    if (print !== undefined) return size + 2 * print(d, at, total - size, captured - size);
    if (!d.linkHeaders) describe(total);
    defaultPrint(d, at, captured - size);
    return size;
  };
}
