// What a device adds to /sys/class/net/NAME, without knowing how the file tree is made.

import type { NetDevice } from "./device.ts";

/** One file. Text ends with its newline, as the kernel's show functions write it. */
export interface SysfsAttribute {
  readonly name: string;
  /** Permission bits: 0o444, 0o644 or 0o200. */
  readonly mode: number;
  /** What stat(2) says; 4096 unless it is a binary attribute (0). */
  readonly size?: number;
  /** False if the device has no such file; absent: it has. */
  shown?(device: NetDevice): boolean;
  /** Errors: Refusal (EINVAL for carrier of a device that is down, EOPNOTSUPP, ...). */
  read?(device: NetDevice): string | Uint8Array;
  write?(device: NetDevice, text: string): void;
}

/** A symbolic link: `target` is relative to the directory that holds it, e.g. "../../br0". */
export interface SysfsLink {
  readonly name: string;
  readonly target: string;
}

/** A directory of attributes ("bridge", "brport"), or attributes of the device's own directory if `name` is "". */
export interface SysfsGroup {
  readonly name: string;
  readonly attributes: readonly SysfsAttribute[];
  /** Links beside the attributes ("brif" has one for each port), in order of making. */
  links?(device: NetDevice): readonly SysfsLink[];
}
