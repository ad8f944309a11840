// Names in filters, from the host's files: /etc/hosts, /etc/services, /etc/protocols, /etc/networks, /etc/ethers.

import type { FilterNames } from "../../pcap-filter/filter-names.ts";
import type { Process } from "../../system/process.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { hostFileFields, protocolNumber, servicePort } from "../resolver/databases.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";

export function filterNames(process: Process): FilterNames {
  return {
    hostAddresses(name) {
      try {
        return resolveHost(process, name).map(({ address }) => address);
      } catch (fault) {
        if (fault instanceof NameFault) return [];
        throw fault;
      }
    },
    network(name) {
      const line = hostFileFields(process, "/etc/networks").find(
        ([first, , ...more]) => first === name || more.includes(name),
      );
      const parts = line?.[1]?.split(".") ?? [];
      while (parts.length > 0 && parts.length < 4) parts.push("0");
      return parseIpv4(parts.join("."));
    },
    etherHost(name) {
      const line = hostFileFields(process, "/etc/ethers").find(([, host]) => host === name);
      const bytes = (line?.[0] ?? "").split(":").map((group) => Number.parseInt(group, 16));
      return bytes.length === 6 && bytes.every((byte) => byte >= 0 && byte <= 0xff)
        ? Uint8Array.from(bytes)
        : undefined;
    },
    port: (name, protocol) => servicePort(process, name, protocol),
    ipProtocol: (name) => protocolNumber(process, name),
  };
}
