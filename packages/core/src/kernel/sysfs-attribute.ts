// What a device adds to /sys/class/net/NAME, without knowing how the file tree is made.

import type { NetDevice } from "./device.ts";

/** One file. Text ends with its newline, as the kernel's show functions write it. */
export interface SysfsAttribute {
  readonly name: string;
  /** Permission bits: 0o444, 0o644 or 0o200. */
  readonly mode: number;
  /** Errors: Refusal (EINVAL for carrier of a device that is down, EOPNOTSUPP, ...). */
  read?(device: NetDevice): string | Uint8Array;
  write?(device: NetDevice, text: string): void;
}

/** A directory of attributes ("bridge", "brport"), or attributes of the device's own directory if `name` is "". */
export interface SysfsGroup {
  readonly name: string;
  readonly attributes: readonly SysfsAttribute[];
}
