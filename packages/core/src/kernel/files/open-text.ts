// Open files whose content is made when they are read: attributes of sysfs, values and tables of procfs.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFile, OpenFlags } from "../../system/files.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a generated file does when it is read and written. */
export interface TextSource {
  /** Text or bytes of the whole file. Errors: Refusal, from the read(2) that asks. */
  read?: (() => string | Uint8Array) | undefined;
  /** Takes what one write(2) carried. Errors: Refusal. */
  write?: ((text: string) => void) | undefined;
}

/** Opens a generated file. The content is taken at the first read and again after the position was set back to 0. */
export function openText(source: TextSource, flags: OpenFlags): OpenFile {
  let content: Uint8Array | undefined;
  let position = 0;
  return {
    read(length) {
      if (flags.read !== true) throw new Refusal(ERRNO.EBADF);
      if (content === undefined) {
        if (!source.read) throw new Refusal(ERRNO.EIO);
        const made = source.read();
        content = typeof made === "string" ? encoder.encode(made) : made;
      }
      const end = Math.min(content.length, position + length);
      const bytes = content.subarray(position, end);
      position = end;
      return bytes;
    },
    write(bytes) {
      if (flags.write !== true) throw new Refusal(ERRNO.EBADF);
      if (!source.write) throw new Refusal(ERRNO.EIO);
      source.write(decoder.decode(bytes));
    },
    close() {},
  };
}
