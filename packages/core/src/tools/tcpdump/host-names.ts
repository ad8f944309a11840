// Names that tcpdump finds on the host without -n: /etc/hosts and /etc/services.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { hostName } from "../resolver/hosts.ts";
import type { HostNames } from "./print/addresses.ts";

/** The lines of a file with comments removed, as fields; none if there is no such file. */
export function hostFileFields(process: Process, path: string): string[][] {
  let text: string;
  try {
    text = new TextDecoder().decode(process.files.readFile(path));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return [];
  }
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "")
    .map((line) => line.split(/\s+/));
}

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
