// The files that stand for namespaces (fs/nsfs.c): behind /proc/PID/ns/net, and what a bind mount puts over the files
// of /run/netns. Their inode number is the namespace's identity.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFile } from "../../system/files.ts";
import type { Netns } from "../netns.ts";
import type { FileNode } from "./node.ts";
import { DEVICE } from "./node.ts";

/** The nsfs file of a namespace. */
export function netnsFile(netns: Netns): FileNode {
  return {
    type: "file",
    mode: 0o444,
    size: 0,
    inode: netns.inode,
    device: DEVICE.nsfs,
    netns,
    open(): OpenFile {
      const refuse = (): never => {
        throw new Refusal(ERRNO.EINVAL);
      };
      return { read: refuse, write: refuse, close() {} };
    },
  };
}
