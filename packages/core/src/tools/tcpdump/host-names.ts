// Names that tcpdump finds on the host without -n: /etc/hosts and /etc/services.

import type { Process } from "../../system/process.ts";
import { hostFileFields } from "../resolver/databases.ts";
import { hostName } from "../resolver/hosts.ts";
import type { HostNames } from "./print/addresses.ts";

export function hostNames(process: Process): HostNames {
  let services: Map<string, string> | undefined;
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
  };
}
