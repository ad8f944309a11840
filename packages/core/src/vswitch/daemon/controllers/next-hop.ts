// The next hop on the way to a controller (netdev_linux_get_next_hop, netdev_linux_arp_lookup): the first route of /proc/net/route
// that leads there, and what /proc/net/arp has of its address. Other tables of routes are not looked at.

import { ERRNO } from "../../../netlink/errno.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import type { Ipv4Address } from "../../../wire/ipv4-address.ts";
import { parseMac } from "../../../wire/mac.ts";
import type { MacAddress } from "../../../wire/mac.ts";
import type { SwitchHost } from "../host.ts";

const RTF_UP = 1;
const ROUTES = "/proc/net/route";
const ARP_ENTRIES = "/proc/net/arp";

/** Its MAC address, 0 as long as nobody knows it; or an errno, if no route leads there. */
export function nextHopAddress(
  host: Pick<SwitchHost, "readFile">,
  to: Ipv4Address,
): { readonly mac: MacAddress } | { readonly errno: number } {
  for (const [device, destination, gateway, flags, , , , mask] of rowsOf(host, ROUTES)) {
    if ((parseInt(flags ?? "", 16) & RTF_UP) === 0) continue;
    const bits = readRawHex(mask);
    if (((to & bits) ^ (readRawHex(destination) & bits)) !== 0) continue;
    return { mac: arpEntry(host, device ?? "", readRawHex(gateway) || to) };
  }
  return { errno: ERRNO.ENXIO };
}

function arpEntry(host: Pick<SwitchHost, "readFile">, device: string, address: Ipv4Address): MacAddress {
  const text = formatIpv4(address);
  const row = rowsOf(host, ARP_ENTRIES).find((words) => words[0] === text && words[5] === device);
  return (row && parseMac(row[3] ?? "")) ?? 0;
}

/** Words of the rows below the heading. */
function rowsOf(host: Pick<SwitchHost, "readFile">, path: string): string[][] {
  const bytes = host.readFile(path);
  if (!bytes) return [];
  const [, ...lines] = new TextDecoder().decode(bytes).trimEnd().split("\n");
  return lines.map((line) => line.trim().split(/\s+/));
}

/** The bytes of an address as a little-endian number. */
function readRawHex(word = ""): Ipv4Address {
  const raw = parseInt(word, 16);
  return (((raw & 0xff) << 24) | ((raw & 0xff00) << 8) | ((raw >>> 8) & 0xff00) | (raw >>> 24)) >>> 0;
}
