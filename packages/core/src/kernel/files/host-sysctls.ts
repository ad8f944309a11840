// Values of /proc/sys that belong to the whole host and not to a namespace: its name and release.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Kernel } from "../kernel.ts";
import type { Sysctl } from "../sysctl.ts";

const NAME_LIMIT = 64; // __NEW_UTS_LEN, bytes

/** Host with a name that can be changed. */
export interface NamedHost {
  readonly kernel: Kernel;
  hostName: string;
}

export function hostSysctls(host: NamedHost): ReadonlyMap<string, Sysctl> {
  const { profile } = host.kernel;
  const fixed = (path: string, text: string): Sysctl => ({ path, mode: 0o444, read: () => text });
  const values: Sysctl[] = [
    {
      path: "kernel/hostname",
      read: () => host.hostName,
      write(text) {
        const name = text.split("\n")[0] ?? "";
        if (name.length > NAME_LIMIT) throw new Refusal(ERRNO.EINVAL);
        host.hostName = name;
      },
    },
    fixed("kernel/osrelease", profile.release),
    fixed("kernel/ostype", "Linux"),
    fixed("kernel/version", profile.build),
  ];
  return new Map(values.map((value) => [value.path, value]));
}
