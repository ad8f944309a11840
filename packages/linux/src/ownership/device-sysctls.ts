// Settings under /proc/sys/net that a device has of its own, which go with it and are not told by rtnetlink: those that are not what
// every new device of the namespace gets.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { LinuxNetns, NetworkNamespaces } from "../network-namespaces.ts";

const FOLDERS = ["ipv4/conf", "ipv4/neigh", "ipv6/conf", "ipv6/neigh", "mpls/conf"].map(
  (folder) => `/proc/sys/net/${folder}`,
);

/** Values by their paths. */
export type DeviceSysctls = Readonly<Record<string, string>>;

/** Undefined for what cannot be read: there is no such file, or it has no value. */
function valueOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no IPv6, no MPLS
  }
}

export function lookSysctls(namespaces: NetworkNamespaces, netns: LinuxNetns, device: string): DeviceSysctls {
  return namespaces.within(netns, () =>
    Object.fromEntries(
      FOLDERS.flatMap((folder) =>
        namesIn(`${folder}/${device}`).flatMap((name): [string, string][] => {
          const path = `${folder}/${device}/${name}`;
          const value = valueOf(path);
          return value === undefined || value === valueOf(`${folder}/default/${name}`) ? [] : [[path, value]];
        }),
      ),
    ),
  );
}

/** Gives a device that is there again its settings. What the kernel does not take is left as it is. */
export function setSysctls(namespaces: NetworkNamespaces, netns: LinuxNetns, values: DeviceSysctls): void {
  namespaces.within(netns, () => {
    for (const [path, value] of Object.entries(values)) {
      if (valueOf(path) === value) continue;
      try {
        writeFileSync(path, value, "latin1");
      } catch {
        continue;
      }
    }
  });
}
