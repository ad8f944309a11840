// Names of hosts and networks as net-tools prints and reads them: /etc/hosts for hosts, /etc/networks for networks. Nobody is
// asked over the network.

import type { Process } from "../../system/process.ts";
import { formatIpv4, readIpv4Address, writeIpv4Address } from "../../wire/ipv4-address.ts";
import { hostFileFields, readText } from "../resolver/databases.ts";
import { hostName, NameFault, resolveHost } from "../resolver/hosts.ts";
import { inetAton } from "../resolver/inet-aton.ts";

/** The lines of a table under /proc/net behind its header, cut at blanks; undefined if there is no such file. */
export function procRows(process: Process, name: string, headers = 1): string[][] | undefined {
  const text = readText(process, `/proc/net/${name}`);
  if (text === undefined) return undefined;
  const lines = text.split("\n").slice(headers);
  return lines.filter((line) => line.trim() !== "").map((line) => line.trim().split(/\s+/));
}

/** Name and address of each line of /etc/networks. */
function networks(process: Process): { readonly name: string; readonly address: number }[] {
  const found: { name: string; address: number }[] = [];
  for (const [name = "", text = ""] of hostFileFields(process, "/etc/networks")) {
    const address = /^\d+(\.\d+){3}$/.test(text) ? inetAton(text) : undefined;
    if (address !== undefined) found.push({ name, address });
  }
  return found;
}

/** The name of a host, or its address. */
export function hostText(process: Process, address: number): string {
  const bytes = new Uint8Array(4);
  writeIpv4Address(bytes, 0, address);
  return hostName(process, bytes) ?? formatIpv4(address);
}

/** The name of a route's destination: "default", that of a host, or that of a network. */
export function destinationText(process: Process, address: number, mask: number): string {
  if (address === 0) return "default";
  const isHost = mask === 0xffffffff || (address & ~mask) !== 0;
  if (isHost) return hostText(process, address);
  return networks(process).find((each) => each.address === address)?.name ?? formatIpv4(address);
}

/** The IPv4 address of a host or network; undefined if nobody knows the name. */
export function findAddress(process: Process, name: string): number | undefined {
  if (name === "default") return 0;
  const numeric = inetAton(name);
  if (numeric !== undefined) return numeric;
  const network = networks(process).find((each) => each.name === name);
  if (network !== undefined) return network.address;
  try {
    const [host] = resolveHost(process, name, "inet");
    return host === undefined ? undefined : readIpv4Address(host.address, 0);
  } catch (fault) {
    if (fault instanceof NameFault) return undefined;
    throw fault;
  }
}
