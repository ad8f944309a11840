// The options of mount(2) as /proc/mounts shows them (show_sb_opts, show_mnt_opts, shmem_show_options).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1 << 20,
  g: 1 << 30,
};

/** In the kernel's order. */
const SUPERBLOCK_FLAGS = ["sync", "dirsync", "mand", "lazytime"];
const MOUNT_FLAGS = ["nosuid", "nodev", "noexec", "noatime", "nodiratime"];
/** What takes a flag back, if it comes later. */
const OPPOSITES: Readonly<Record<string, string>> = {
  sync: "async",
  mand: "nomand",
  lazytime: "nolazytime",
  nosuid: "suid",
  nodev: "dev",
  noexec: "exec",
  noatime: "atime",
  nodiratime: "diratime",
};
const TIMES = ["relatime", "strictatime", "noatime"];
const WITHOUT_EFFECT = ["defaults", "rw", "ro", "silent", "loud", "norelatime", "nostrictatime", "dirsync"];
/** What tmpfs takes, in its order. */
const OWN = ["size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol"];

/** `bind`: options of the file system itself mean nothing. Errors: EINVAL for an option of tmpfs that it does not have. */
export function shownOptions(type: string, wanted: readonly string[], bind: boolean): readonly string[] {
  const access = wanted.findLast((option) => option === "ro" || option === "rw") ?? "rw";
  const isSet = (flag: string): boolean =>
    wanted.lastIndexOf(flag) > wanted.lastIndexOf(OPPOSITES[flag] ?? "");
  const times = wanted.findLast((option) => TIMES.includes(option)) ?? "relatime";
  return [
    access,
    ...SUPERBLOCK_FLAGS.filter((flag) => !bind && isSet(flag)),
    ...MOUNT_FLAGS.filter((flag) => (flag === "noatime" ? times === flag : isSet(flag))),
    ...(times === "relatime" ? [times] : []),
    ...(bind ? [] : ownOptions(type, wanted)),
  ];
}

const FLAGS: readonly string[] = [
  ...SUPERBLOCK_FLAGS,
  ...MOUNT_FLAGS,
  ...Object.values(OPPOSITES),
  ...TIMES,
  ...WITHOUT_EFFECT,
];

function ownOptions(type: string, wanted: readonly string[]): readonly string[] {
  const values = new Map<string, string>();
  for (const option of wanted) {
    if (option === "" || FLAGS.includes(option)) continue;
    const equals = option.indexOf("=");
    const key = equals < 0 ? option : option.slice(0, equals);
    if (type === "tmpfs" && (equals < 0 || !OWN.includes(key))) throw new Refusal(ERRNO.EINVAL);
    values.delete(key);
    values.set(key, shownValue(key, equals < 0 ? "" : option.slice(equals + 1)));
  }
  const rank = (key: string): number => OWN.indexOf(key);
  return [...values]
    .toSorted(([one], [other]) => rank(one) - rank(other))
    .map(([key, value]) => (value === "" ? key : `${key}=${value}`));
}

function shownValue(key: string, value: string): string {
  const [, number, unit = ""] = /^(\d+)([kmg]?)$/i.exec(value) ?? [];
  if (number === undefined) return value;
  const bytes = Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
  if (key === "size") return `${Math.ceil(bytes / 4096) * 4}k`;
  return key.startsWith("nr_") ? String(bytes) : value;
}
