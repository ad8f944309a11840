// The options of mount -o as /proc/mounts shows them.

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  K: 1024,
  m: 1 << 20,
  M: 1 << 20,
  g: 1 << 30,
  G: 1 << 30,
};
/** What only mount itself follows. */
const OWN = /^(?:defaults|auto|noauto|user|nouser|async|bind|rbind|remount|dev|exec|suid|rw|ro|relatime|)$/;

/** In the kernel's order: ro or rw, flags, relatime, and what the file system itself takes. */
export function mountOptions(wanted: readonly string[]): string[] {
  const access = wanted.findLast((option) => option === "ro" || option === "rw") ?? "rw";
  const flags = ["nosuid", "nodev", "noexec"].filter((flag) => wanted.includes(flag));
  const times = wanted.includes("noatime") ? ["noatime"] : ["relatime"];
  const others = wanted
    .filter((option) => !OWN.test(option) && !flags.includes(option) && option !== "noatime")
    .map((option) => {
      const [, number, unit = ""] = /^size=(\d+)([kKmMgG]?)$/.exec(option) ?? [];
      return number === undefined
        ? option
        : `size=${Math.ceil((Number(number) * (UNITS[unit] ?? 1)) / 4096) * 4}k`;
    });
  return [access, ...flags, ...times, ...others];
}
