// The files of /sys/class/net/DEV/power (drivers/base/power/sysfs.c): network devices of software have no run-time power
// management, and the files say so.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NetDevice } from "../device.ts";
import type { Profile } from "../profile.ts";
import type { SysfsAttribute } from "../sysfs-attribute.ts";

function fixed(name: string, text: string): SysfsAttribute {
  return { name, mode: 0o444, read: () => `${text}\n` };
}

/** A word that user space chooses; without effect on a device of software. */
function choice(name: string, words: readonly [initial: string, other: string]): SysfsAttribute {
  const changed = new WeakSet<NetDevice>();
  return {
    name,
    mode: 0o644,
    read: (device) => `${words[changed.has(device) ? 1 : 0]}\n`,
    write(device, text) {
      const word = text.replace(/\n$/, "");
      if (word === words[1]) changed.add(device);
      else if (word === words[0]) changed.delete(device);
      else throw new Refusal(ERRNO.EINVAL);
    },
  };
}

const PLAIN: readonly SysfsAttribute[] = [
  {
    name: "autosuspend_delay_ms",
    mode: 0o644,
    read() {
      throw new Refusal(ERRNO.EIO);
    },
    write() {
      throw new Refusal(ERRNO.EIO);
    },
  },
  choice("control", ["auto", "on"]),
  fixed("runtime_active_time", "0"),
  fixed("runtime_status", "unsupported"),
  fixed("runtime_suspended_time", "0"),
];

/** With CONFIG_PM_ADVANCED_DEBUG. */
const DEBUGGING: readonly SysfsAttribute[] = [
  choice("async", ["disabled", "enabled"]),
  fixed("runtime_active_kids", "0"),
  fixed("runtime_enabled", "disabled"),
  fixed("runtime_usage", "0"),
];

export function powerAttributes(profile: Profile): readonly SysfsAttribute[] {
  return profile.powerDebugging ? [...PLAIN, ...DEBUGGING] : PLAIN;
}
