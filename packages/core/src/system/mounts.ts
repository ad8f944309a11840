// Mounting as programs ask for it: mount(2), umount2(2) and unshare(CLONE_NEWNS), where the system itself keeps the mount table. On
// the real kernel the machine's own programs do that.

import type { Credentials } from "./system.ts";

/** A mount namespace. Two references to one have the same `inode`. */
export interface MountsReference {
  /** Inode of /proc/PID/ns/mnt. */
  readonly inode: number;
}

/** A file system to be mounted, or with type "none" and `bind` a place that is shown a second time. */
export interface MountRequest {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly bind: boolean;
  /** Those of mount -o that are for the kernel. */
  readonly options: readonly string[];
}

export interface Mounts {
  /** Errors: ENOENT, ENOTDIR, ENODEV for a type that does not exist, EINVAL for an option. */
  mount(caller: Credentials, request: MountRequest): void;
  /** Adds options to those of the topmost mount (MS_REMOUNT). Errors: ENOENT, EINVAL if nothing is mounted there. */
  remount(caller: Credentials, path: string, options: readonly string[]): void;
  /** The topmost mount, at once (MNT_DETACH). Errors: ENOENT, EINVAL if nothing is mounted there. */
  unmount(caller: Credentials, path: string): void;
  /** A copy of the caller's mounts. */
  unshare(caller: Credentials): MountsReference;
  /** Everything that is mounted, as in /proc/mounts. */
  list(caller: Credentials): readonly string[];
}
