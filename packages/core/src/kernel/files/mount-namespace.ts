// A mount namespace (fs/namespace.c): which file systems and places cover which directories and files. Names of network namespaces
// are apart (vfs.ts): their mounts are shared by all, as iproute2 makes /run/netns.

import type { MountsReference } from "../../system/mounts.ts";
import type { Node, RootOf } from "./node.ts";
import { DEVICE } from "./node.ts";

/** Inode number of the first mount namespace, below those that nsfs gives away. */
export const HOST_MOUNTS_INODE = 4_026_531_832;

export interface Mount {
  /** What covers the mount point: a file system's root for a view, or a node for a bind mount. */
  readonly root: RootOf | Node;
  readonly source: string;
  /** Absolute path of the mount point. */
  readonly target: string;
  readonly type: string;
  /** As they were given, and as /proc/mounts shows them: "ro" or "rw" first. */
  readonly wanted: readonly string[];
  readonly options: readonly string[];
}

/** Nodes of tmpfs are themselves; those that are made when looked at are known by their inode numbers. */
type Point = Node | string;

function pointOf(node: Node): Point {
  return node.device === DEVICE.tmpfs ? node : `${node.device}:${node.inode}`;
}

export class MountNamespace implements MountsReference {
  readonly inode: number;
  /** The topmost last. */
  readonly #mounts: Map<Point, Mount[]>;
  /** In order of mounting. */
  #order: Mount[];
  /** Something is mounted in a file system that makes its nodes when they are looked at. */
  #onGenerated = false;

  constructor(inode: number, from?: MountNamespace) {
    this.inode = inode;
    this.#mounts = new Map();
    this.#order = [];
    if (!from) return;
    for (const [point, mounts] of from.#mounts) this.#mounts.set(point, [...mounts]);
    this.#order.push(...from.#order);
    this.#onGenerated = from.#onGenerated;
  }

  mount(point: Node, mount: Mount): void {
    const key = pointOf(point);
    const mounts = this.#mounts.get(key);
    if (mounts) mounts.push(mount);
    else this.#mounts.set(key, [mount]);
    this.#order.push(mount);
    if (typeof key === "string") this.#onGenerated = true;
  }

  /** False if nothing is mounted there. */
  unmount(point: Node): boolean {
    const key = pointOf(point);
    const mounts = this.#mounts.get(key);
    const mount = mounts?.pop();
    if (mount === undefined) return false;
    if (mounts?.length === 0) this.#mounts.delete(key);
    this.#order = this.#order.filter((one) => one !== mount);
    return true;
  }

  /** In place of one that is there: with other options. */
  replace(mount: Mount, by: Mount): void {
    for (const mounts of this.#mounts.values()) {
      const at = mounts.indexOf(mount);
      if (at >= 0) mounts[at] = by;
    }
    this.#order = this.#order.map((one) => (one === mount ? by : one));
  }

  /** The mount that a path is in; undefined for the host's own tree. */
  holding(path: string): Mount | undefined {
    let found: Mount | undefined;
    for (const mount of this.#order) {
      const inside = path === mount.target || path.startsWith(`${mount.target}/`);
      if (inside && mount.target.length >= (found?.target.length ?? 0)) found = mount;
    }
    return found;
  }

  isReadOnly(path: string): boolean {
    return this.#order.some(({ options }) => options[0] === "ro") && this.holding(path)?.options[0] === "ro";
  }

  topmost(node: Node): Mount | undefined {
    if (node.device !== DEVICE.tmpfs && !this.#onGenerated) return undefined;
    return this.#mounts.get(pointOf(node))?.at(-1);
  }

  covers(node: Node): boolean {
    return this.#mounts.has(pointOf(node));
  }

  get lines(): readonly string[] {
    return this.#order.map(
      ({ source, target, type, options }) =>
        `${escaped(source)} ${escaped(target)} ${type} ${options.join(",")} 0 0`,
    );
  }
}

/** mangle(): what would end a field is written in octal. */
function escaped(text: string): string {
  return text.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
