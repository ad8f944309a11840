// mount(2) and umount2(2) on the embedded host (fs/namespace.c): which file systems there are, and what is checked before one is
// mounted.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { MountRequest, Mounts, MountsReference } from "../../system/mounts.ts";
import type { Credentials } from "../../system/system.ts";
import type { Netns } from "../netns.ts";
import { MountNamespace } from "./mount-namespace.ts";
import { shownOptions } from "./mount-options.ts";
import type { Node, RootOf, View } from "./node.ts";
import { procRoot } from "./procfs.ts";
import { sysRoot } from "./sysfs.ts";
import { Tmpfs } from "./tmpfs.ts";
import type { Vfs } from "./vfs.ts";
import { pathOf, walk } from "./walk.ts";

/** What is kept in memory under other names; nothing else is in them. */
const EMPTY_TYPES: readonly string[] = ["tmpfs", "ramfs", "bpf", "debugfs", "tracefs", "securityfs"];

export class VfsMounts implements Mounts {
  readonly #vfs: Vfs;
  /** A namespace that is named by a mount is used by it. */
  readonly #bound: {
    readonly bind: (path: string, netns: Netns) => void;
    readonly unbind: (path: string) => void;
  };

  constructor(
    vfs: Vfs,
    bound: { bind: (path: string, netns: Netns) => void; unbind: (path: string) => void },
  ) {
    this.#vfs = vfs;
    this.#bound = bound;
  }

  mount(caller: Credentials, request: MountRequest): void {
    const view = this.#vfs.viewOf(caller);
    const place = walk(this.#vfs, request.target, caller.cwd, view, true);
    const { node } = place;
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    const target = pathOf(place);
    if (request.bind) {
      const source = this.#vfs.nodeAt(request.source, caller);
      if ((source.type === "directory") !== (node.type === "directory")) throw new Refusal(ERRNO.ENOTDIR);
      if (source.type === "file" && source.netns) this.#bound.bind(target, source.netns);
      else {
        const from = view.mounts.holding(this.#realPath(request.source, caller, view));
        const { source: device, type } = from ?? { source: "tmpfs", type: "tmpfs" };
        const options = shownOptions(type, request.options, true);
        const own = from?.options.filter((option) => /=/.test(option)) ?? [];
        view.mounts.mount(node, {
          root: source,
          source: device,
          target,
          type,
          wanted: request.options,
          options: [...options, ...own],
        });
      }
      return;
    }
    if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    const root = this.#fileSystem(request.type, view);
    const { source, type, options: wanted } = request;
    view.mounts.mount(node, {
      root,
      source,
      target,
      type,
      wanted,
      options: shownOptions(type, wanted, false),
    });
  }

  #realPath(path: string, caller: Credentials, view: View): string {
    return pathOf(walk(this.#vfs, path, caller.cwd, view, true));
  }

  remount(caller: Credentials, path: string, options: readonly string[]): void {
    const view = this.#vfs.viewOf(caller);
    const target = this.#realPath(path, caller, view);
    const mount = view.mounts.holding(target);
    if (mount?.target !== target) throw new Refusal(ERRNO.EINVAL);
    const wanted = [...mount.wanted, ...options];
    view.mounts.replace(mount, { ...mount, wanted, options: shownOptions(mount.type, wanted, false) });
  }

  /** Errors: ENODEV. */
  #fileSystem(type: string, view: View): RootOf | Node {
    // sysfs shows the network namespace in which it was mounted, procfs that of whoever looks.
    const { netns } = view;
    if (type === "sysfs") return (viewer) => sysRoot(this.#vfs.kernel, { ...viewer, netns });
    if (type === "proc") return (viewer) => procRoot(this.#vfs, viewer);
    if (!EMPTY_TYPES.includes(type)) throw new Refusal(ERRNO.ENODEV);
    return new Tmpfs(() => this.#vfs.kernel.clock.realtime()).root;
  }

  unmount(caller: Credentials, path: string): void {
    const view = this.#vfs.viewOf(caller);
    const point = this.#vfs.pointAt(path, caller);
    if (view.mounts.unmount(point)) return;
    this.#bound.unbind(pathOf(walk(this.#vfs, path, caller.cwd, view, true)));
  }

  unshare(caller: Credentials): MountsReference {
    return new MountNamespace(this.#vfs.kernel.nextInode(), this.#vfs.viewOf(caller).mounts);
  }

  list(caller: Credentials): readonly string[] {
    return this.#vfs.mounts(this.#vfs.viewOf(caller).mounts).trimEnd().split("\n");
  }
}
