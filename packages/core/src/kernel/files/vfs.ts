// The embedded host's file tree: one tmpfs with /proc, /sys and namespace files mounted on it. Here are mounts and the
// calls that programs make; how a path is found is in walk.ts, what a file system holds in its own module.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { FileSystem } from "../../system/files.ts";
import type { Credentials, NetnsReference, ProcessEntry } from "../../system/system.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { Sysctl } from "../sysctl.ts";
import { CallerFiles } from "./caller-files.ts";
import { deviceFile } from "./dev.ts";
import { HOST_DIRECTORIES, HOST_FILES, HOST_LINKS } from "./host-files.ts";
import { hostSysctls } from "./host-sysctls.ts";
import { modulesDirectory } from "./modules-directory.ts";
import type { DirectoryNode, Node, RootOf, View } from "./node.ts";
import { HOST_MOUNTS_INODE, MountNamespace } from "./mount-namespace.ts";
import { NETWORK_DATABASES } from "./network-databases.ts";
import { netnsFile } from "./nsfs.ts";
import { procRoot } from "./procfs.ts";
import { sysRoot } from "./sysfs.ts";
import { Tmpfs } from "./tmpfs.ts";
import type { TmpfsDirectory } from "./tmpfs.ts";
import type { Place } from "./walk.ts";
import { pathOf, walk } from "./walk.ts";

/** What the files show of the system around the kernel. */
export interface VfsOptions {
  readonly hostName: string;
  /** Everything that runs, for /proc/PID. */
  readonly processes: () => Iterable<ProcessEntry>;
  /** Descriptor and inode number of a process's open sockets, for /proc/PID/fd. */
  readonly sockets?: (pid: number) => Iterable<readonly [descriptor: number, inode: number]>;
  /** Runs what a write to an attribute has set off. */
  readonly settle?: () => void;
}

/** 0777 less the usual umask. */
const SOCKET_MODE = 0o755;

const encoder = new TextEncoder();

export class Vfs {
  readonly kernel: Kernel;
  hostName: string;
  readonly root: TmpfsDirectory;
  readonly processes: () => Iterable<ProcessEntry>;
  readonly sockets: NonNullable<VfsOptions["sockets"]>;
  readonly settle: () => void;
  readonly hostSysctls: ReadonlyMap<string, Sysctl>;
  /** Mounts of processes that have none of their own. */
  readonly hostMounts = new MountNamespace(HOST_MOUNTS_INODE);
  /** Namespaces bound over files, the topmost last. */
  readonly #netnsMounts = new Map<Node, Netns[]>();

  constructor(kernel: Kernel, options: VfsOptions) {
    this.kernel = kernel;
    this.hostName = options.hostName;
    this.processes = options.processes;
    this.sockets = options.sockets ?? (() => []);
    this.settle = options.settle ?? (() => {});
    this.hostSysctls = hostSysctls(this);
    const fs = new Tmpfs(() => kernel.clock.realtime());
    this.root = fs.root;
    for (const [path, mode] of HOST_DIRECTORIES) this.#directory(path, mode);
    for (const name of ["null", "zero", "full", "random", "urandom"] as const) {
      this.#directory("/dev", 0o755).attach(name, deviceFile(name, fs.nextInode(), kernel.random));
    }
    for (const [path, name, target] of HOST_LINKS) this.#directory(path, 0o755).makeSymlink(name, target);
    for (const [path, text] of [...HOST_FILES, ...NETWORK_DATABASES]) this.addFile(path, text);
    this.addFile("/etc/hostname", `${options.hostName}\n`);
    const mount = (path: string, type: string, root: RootOf): void =>
      this.hostMounts.mount(this.#directory(path, 0o555), {
        root,
        source: type,
        target: path,
        type,
        wanted: [],
        options: ["rw", "relatime"],
      });
    mount("/proc", "proc", (view) => procRoot(this, view));
    mount("/sys", "sysfs", (view) => sysRoot(kernel, view));
    if (kernel.modules) {
      this.#directory("/lib", 0o755).attach("modules", modulesDirectory(kernel, fs.nextInode()));
    }
  }

  /** Puts a regular file into the tree, with the directories above it: for whoever sets up the host. */
  addFile(path: string, content: string | Uint8Array, mode = 0o644): void {
    const cut = path.lastIndexOf("/");
    const file = this.#directory(path.slice(0, cut), 0o755).makeFile(path.slice(cut + 1), mode);
    file.open({ write: true }).write(typeof content === "string" ? encoder.encode(content) : content);
  }

  #directory(path: string, mode: number): TmpfsDirectory {
    let directory = this.root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      const found = directory.lookup(name);
      directory = found === undefined ? directory.makeDirectory(name, mode) : (found as TmpfsDirectory);
    }
    return directory;
  }

  /** The tree as a process sees it. */
  filesFor(caller: Credentials): FileSystem {
    return new CallerFiles(this, caller);
  }

  viewOf(caller: Credentials): View {
    const netnsOf = (): Netns => this.netnsOf(caller.netns);
    return {
      pid: caller.pid,
      get netns() {
        return netnsOf();
      },
      mounts: caller.mounts instanceof MountNamespace ? caller.mounts : this.hostMounts,
    };
  }

  netnsOf(reference: NetnsReference): Netns {
    const netns = this.kernel.netnses.get(reference.inode);
    if (netns === undefined) throw new Refusal(ERRNO.EINVAL); // it ended while somebody still held its name
    return netns;
  }

  /** What is mounted on a node, or the node itself. */
  covered(node: Node, view: View): Node {
    const mount = view.mounts.topmost(node);
    if (mount) return typeof mount.root === "function" ? mount.root(view) : mount.root;
    const netns = this.#netnsMounts.get(node)?.at(-1);
    return netns ? netnsFile(netns) : node;
  }

  /** mnt_want_write(). Errors: EROFS. */
  checkWritable(place: Place, view: View): void {
    if (view.mounts.isReadOnly(pathOf(place))) throw new Refusal(ERRNO.EROFS);
  }

  /** True if something is mounted on it: such a node cannot be removed or renamed. */
  isMountPoint(node: Node, view: View): boolean {
    return view.mounts.covers(node) || this.#netnsMounts.has(node);
  }

  /** Bind mount of a namespace file; the caller retains `netns`. Errors: ENOENT, ENOTDIR if `path` is a directory. */
  mountNetns(path: string, netns: Netns): void {
    const point = this.#uncovered(path);
    if (point.type === "directory") throw new Refusal(ERRNO.ENOTDIR);
    const mounts = this.#netnsMounts.get(point);
    if (mounts) mounts.push(netns);
    else this.#netnsMounts.set(point, [netns]);
  }

  /** umount2(MNT_DETACH) of the topmost mount; the caller releases what it gets. Errors: ENOENT, EINVAL if nothing is mounted. */
  unmount(path: string): Netns {
    const point = this.#uncovered(path);
    const mounts = this.#netnsMounts.get(point);
    const netns = mounts?.pop();
    if (netns === undefined || mounts === undefined) throw new Refusal(ERRNO.EINVAL);
    if (mounts.length === 0) this.#netnsMounts.delete(point);
    return netns;
  }

  /** The text of /proc/mounts. */
  mounts(mounts: MountNamespace = this.hostMounts): string {
    const found = ["tmpfs / tmpfs rw,relatime 0 0", ...mounts.lines];
    const search = (directory: DirectoryNode, path: string): void => {
      for (const name of directory.names().reverse()) {
        const node = directory.lookup(name);
        if (node === undefined) continue;
        for (const _netns of this.#netnsMounts.get(node) ?? [])
          found.push(`nsfs ${path}/${name} nsfs rw 0 0`);
        if (node.type === "directory") search(node, `${path}/${name}`);
      }
    };
    if (this.#netnsMounts.size > 0) search(this.root, "");
    return `${found.join("\n")}\n`;
  }

  /** What a path leads to, links followed. Errors: ENOENT and those of walking. */
  nodeAt(path: string, caller: Credentials): Node {
    const { node } = walk(this, path, caller.cwd, this.viewOf(caller), true);
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    return node;
  }

  /** bind(2) of a unix socket. Errors: EADDRINUSE if the name is taken. */
  makeSocket(path: string, caller: Credentials, mode = SOCKET_MODE): Node {
    const place = walk(this, path, caller.cwd, this.viewOf(caller), false);
    if (place.node !== undefined) throw new Refusal(ERRNO.EADDRINUSE);
    this.checkWritable(place, this.viewOf(caller));
    const parent = place.parents.at(-1)?.node;
    if (!parent?.entries) throw new Refusal(parent?.refusals?.make ?? ERRNO.EPERM);
    return parent.entries.makeSocket(place.name, mode);
  }

  /** The node at a path, below whatever is mounted on it. */
  pointAt(path: string, caller: Credentials): Node {
    const place = walk(this, path, caller.cwd, this.viewOf(caller), true);
    if (place.node === undefined) throw new Refusal(ERRNO.ENOENT);
    return place.parents.at(-1)?.node.lookup(place.name) ?? place.node;
  }

  /** Takes the name away, unless it has become that of something else. */
  removeNode(path: string, node: Node): void {
    const place = walk(this, path, "/", this.#hostView, false);
    if (place.node === node) place.parents.at(-1)?.node.entries?.remove(place.name);
  }

  /** open(2) of a namespace file. Errors: ENOENT; EINVAL if it is a file of another sort. */
  openNetns(path: string, caller: Credentials): Netns {
    const view = this.viewOf(caller);
    const { node } = walk(this, path, caller.cwd, view, true);
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    const netns = node.type === "file" ? node.netns : undefined;
    if (netns === undefined) throw new Refusal(ERRNO.EINVAL);
    return netns;
  }

  get #hostView(): View {
    return { pid: 0, netns: this.kernel.init, mounts: this.hostMounts };
  }

  /** The node at an absolute path, below whatever is mounted on it. */
  #uncovered(path: string): Node {
    const place = walk(this, path, "/", this.#hostView, true);
    if (place.node === undefined) throw new Refusal(ERRNO.ENOENT);
    const parent = place.parents.at(-1)?.node;
    return parent?.lookup(place.name) ?? place.node;
  }
}
