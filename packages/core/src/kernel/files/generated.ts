// Nodes that are made while a path is walked: directories with a list of entries, and files whose text is made on reading.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { DirectoryNode, EntryRefusals, FileNode, Node, SymlinkNode } from "./node.ts";
import { DEVICE, inodeOf } from "./node.ts";
import type { TextSource } from "./open-text.ts";
import { openText } from "./open-text.ts";

/** Which file system a generated node belongs to: sysfs and procfs refuse in different ways. */
export type GeneratedIn = "proc" | "sysfs";

/** procfs answers the look-up of a missing name itself, before anything could be made. */
export const PROC_REFUSALS: EntryRefusals = { create: ERRNO.ENOENT, make: ERRNO.ENOENT, remove: ERRNO.EPERM };
/** kernfs knows the name as missing and then has no operation to make it. */
const SYSFS_REFUSALS: EntryRefusals = { create: ERRNO.EACCES, make: ERRNO.EPERM, remove: ERRNO.EPERM };

/** Entries in the order of the file system; made when they are looked up. */
export type Entries = ReadonlyMap<string, () => Node>;

/** A directory that programs cannot change. `path` makes its inode number. */
export function generatedDirectory(fs: GeneratedIn, path: string, entries: () => Entries): DirectoryNode {
  return {
    type: "directory",
    mode: fs === "proc" ? 0o555 : 0o755,
    inode: inodeOf(path),
    device: DEVICE[fs],
    refusals: fs === "proc" ? PROC_REFUSALS : SYSFS_REFUSALS,
    lookup: (name) => entries().get(name)?.(),
    names: () => (fs === "proc" ? [...entries().keys()] : [...entries().keys()].sort(byNameHash)),
  };
}

const MASK_64 = (1n << 64n) - 1n;
const GOLDEN_RATIO_64 = 0x61c8864680b583ebn;

/** kernfs_name_hash(): directories of sysfs are trees ordered by this, on a 64-bit machine. */
function nameHash(name: string): bigint {
  let hash = 0n;
  for (const byte of new TextEncoder().encode(name)) {
    const letter = BigInt(byte);
    hash = ((hash + (letter << 4n) + (letter >> 4n)) * 11n) & MASK_64;
  }
  return (((hash * GOLDEN_RATIO_64) & MASK_64) >> 32n) & 0x7fff_ffffn;
}

function byNameHash(a: string, b: string): number {
  const difference = nameHash(a) - nameHash(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A file of procfs. Root may open it in any way; what it cannot do is then EIO. */
export function procFile(path: string, source: TextSource, mode = 0o444): FileNode {
  return {
    type: "file",
    mode,
    size: 0,
    inode: inodeOf(path),
    device: DEVICE.proc,
    open: (flags) => openText(source, flags),
  };
}

const ATTRIBUTE_SIZE = 4096; // one page, whatever the text

/** An attribute of sysfs. Its permission bits bind root too (KERNFS_ROOT_EXTRA_OPEN_PERM_CHECK). */
export function sysfsFile(path: string, mode: number, source: TextSource, size = ATTRIBUTE_SIZE): FileNode {
  return {
    type: "file",
    mode,
    size,
    inode: inodeOf(path),
    device: DEVICE.sysfs,
    open(flags) {
      if (flags.write === true && ((mode & 0o222) === 0 || !source.write)) throw new Refusal(ERRNO.EACCES);
      if (flags.read === true && ((mode & 0o444) === 0 || !source.read)) throw new Refusal(ERRNO.EACCES);
      return openText(source, flags);
    },
  };
}

export function generatedLink(
  fs: GeneratedIn,
  path: string,
  target: string,
  leadsTo?: FileNode,
): SymlinkNode {
  return {
    type: "symlink",
    mode: 0o777,
    inode: inodeOf(path),
    device: DEVICE[fs],
    target,
    ...(leadsTo === undefined ? {} : { leadsTo }),
  };
}
