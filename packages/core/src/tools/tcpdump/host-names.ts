// Names that tcpdump finds on the host without -n: /etc/hosts, /etc/services and /etc/ethers.

import type { Process } from "../../system/process.ts";
import { hostFileFields } from "../resolver/databases.ts";
import { hostName } from "../resolver/hosts.ts";
import type { HostNames } from "./print/addresses.ts";

/** The names of MACs as numbers; the first line about one counts. */
function etherNames(process: Process): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [digits = "", name] of hostFileFields(process, "/etc/ethers")) {
    const bytes = digits.split(":").map((group) => Number.parseInt(group, 16));
    const address = bytes.reduce((number, byte) => number * 256 + byte, 0);
    if (bytes.length === 6 && name !== undefined && !names.has(address)) names.set(address, name);
  }
  return names;
}

export function hostNames(process: Process): HostNames {
  let services: Map<string, string> | undefined;
  let ethers: ReadonlyMap<number, string> | undefined;
  return {
    host: (address) => hostName(process, address),
    service(port, protocol) {
      if (services === undefined) {
        services = new Map();
        for (const [name, key] of hostFileFields(process, "/etc/services")) {
          if (name !== undefined && key !== undefined && !services.has(key)) services.set(key, name);
        }
      }
      return services.get(`${port}/${protocol}`);
    },
    ether: (address) => (ethers ??= etherNames(process)).get(address),
  };
}
