// /lib/modules of a kernel that has modules. Its files are made when somebody first looks.

import { ERRNO } from "../../netlink/errno.ts";
import type { Kernel } from "../kernel.ts";
import { moduleTree } from "../modules/module-tree.ts";
import { DEVICE } from "./node.ts";
import type { DirectoryNode } from "./node.ts";
import { Tmpfs } from "./tmpfs.ts";
import type { TmpfsDirectory } from "./tmpfs.ts";

const READ_ONLY = { create: ERRNO.EROFS, make: ERRNO.EROFS, remove: ERRNO.EROFS };
const encoder = new TextEncoder();

export function modulesDirectory(kernel: Kernel, inode: number): DirectoryNode {
  let made: TmpfsDirectory | undefined;
  const directory = () => (made ??= filled(kernel));
  return {
    type: "directory",
    mode: 0o755,
    inode,
    device: DEVICE.tmpfs,
    lookup: (name) => directory().lookup(name),
    names: () => directory().names(),
    refusals: READ_ONLY,
  };
}

function filled(kernel: Kernel): TmpfsDirectory {
  const { root } = new Tmpfs(() => kernel.clock.realtime());
  const { release } = kernel.profile;
  for (const [path, content] of moduleTree(release, kernel.modules?.files ?? [])) {
    let directory = root;
    const names = [release, ...path.split("/")];
    for (const name of names.slice(0, -1)) {
      const found = directory.lookup(name) as TmpfsDirectory | undefined; // all but the last are directories
      directory = found ?? directory.makeDirectory(name, 0o755);
    }
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    directory
      .makeFile(names.at(-1) ?? "", 0o644)
      .open({ write: true })
      .write(bytes);
  }
  return root;
}
