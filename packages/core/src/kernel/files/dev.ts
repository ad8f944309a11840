// The device files of /dev that scripts use: null(4), zero(4), full(4), random(4).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFile } from "../../system/files.ts";
import type { Random } from "../random.ts";
import type { FileNode } from "./node.ts";
import { DEVICE } from "./node.ts";

export type DeviceFileName = "null" | "zero" | "full" | "random" | "urandom";

/** A character device. Random bytes come from the kernel's seeded generator. */
export function deviceFile(name: DeviceFileName, inode: number, random: Random): FileNode {
  const open = (): OpenFile => ({
    read(length) {
      if (name === "null") return new Uint8Array(0);
      const bytes = new Uint8Array(length);
      if (name === "random" || name === "urandom") {
        for (let at = 0; at < length; at++) bytes[at] = random.uint32() & 0xff;
      }
      return bytes;
    },
    write() {
      if (name === "full") throw new Refusal(ERRNO.ENOSPC);
    },
    close() {},
  });
  return { type: "device", mode: 0o666, size: 0, inode, device: DEVICE.tmpfs, open };
}
