// A file system in memory (mm/shmem.c): the root directory of the embedded host, with /etc, /run and /tmp. Directories
// list their newest entry first, as tmpfs does; `ip netns` shows that order.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFile, OpenFlags } from "../../system/files.ts";
import { Fifo } from "./fifo.ts";
import type { DirectoryEntries, DirectoryNode, FileNode, Node, SymlinkNode } from "./node.ts";
import { DEVICE } from "./node.ts";

/** What the nodes of one tmpfs share. */
export class Tmpfs {
  readonly root: TmpfsDirectory;
  /** Wall-clock time, microseconds since the epoch. */
  readonly now: () => number;
  #lastInode = 0;

  constructor(now: () => number) {
    this.now = now;
    this.root = new TmpfsDirectory(this, 0o755);
  }

  nextInode(): number {
    return ++this.#lastInode;
  }
}

export class TmpfsDirectory implements DirectoryNode, DirectoryEntries {
  readonly type = "directory";
  readonly device = DEVICE.tmpfs;
  readonly inode: number;
  mode: number;
  modified: number;
  readonly #fs: Tmpfs;
  readonly #nodes = new Map<string, Node>();

  constructor(fs: Tmpfs, mode: number) {
    this.#fs = fs;
    this.mode = mode;
    this.inode = fs.nextInode();
    this.modified = fs.now();
  }

  get entries(): DirectoryEntries {
    return this;
  }

  changeMode(mode: number): void {
    this.mode = mode;
  }

  get empty(): boolean {
    return this.#nodes.size === 0;
  }

  lookup(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  names(): string[] {
    return [...this.#nodes.keys()].reverse();
  }

  makeFile(name: string, mode: number): TmpfsFile {
    const file = new TmpfsFile(this.#fs, mode);
    this.attach(name, file);
    return file;
  }

  makeDirectory(name: string, mode: number): TmpfsDirectory {
    const directory = new TmpfsDirectory(this.#fs, mode);
    this.attach(name, directory);
    return directory;
  }

  makeSocket(name: string, mode: number): FileNode {
    let permissions = mode;
    const socket: FileNode = {
      type: "socket",
      get mode() {
        return permissions;
      },
      changeMode: (changed) => {
        permissions = changed;
      },
      size: 0,
      inode: this.#fs.nextInode(),
      device: this.device,
      modified: this.#fs.now(),
      open() {
        throw new Refusal(ERRNO.ENXIO);
      },
    };
    this.attach(name, socket);
    return socket;
  }

  makeFifo(name: string, mode: number): void {
    const { device } = this;
    this.attach(name, new Fifo(mode, { inode: this.#fs.nextInode(), device, modified: this.#fs.now() }));
  }

  makeSymlink(name: string, target: string): void {
    const link: SymlinkNode = {
      type: "symlink",
      mode: 0o777,
      inode: this.#fs.nextInode(),
      device: this.device,
      modified: this.#fs.now(),
      target,
    };
    this.attach(name, link);
  }

  remove(name: string): void {
    this.#nodes.delete(name);
    this.modified = this.#fs.now();
  }

  attach(name: string, node: Node): void {
    this.#nodes.delete(name); // a name that is taken over becomes the newest
    this.#nodes.set(name, node);
    this.modified = this.#fs.now();
  }
}

/** Pieces of a file that are not made yet. */
const LATER_AT_MOST = 1024;

export class TmpfsFile implements FileNode {
  readonly type = "file";
  readonly device = DEVICE.tmpfs;
  readonly inode: number;
  mode: number;
  modified: number;
  readonly #fs: Tmpfs;
  #size = 0;
  #bytes = new Uint8Array(0); // may be longer than the file, so that appending is cheap
  /** What is appended as soon as somebody looks. */
  #later: (() => Uint8Array)[] = [];

  constructor(fs: Tmpfs, mode: number) {
    this.#fs = fs;
    this.mode = mode;
    this.inode = fs.nextInode();
    this.modified = fs.now();
  }

  get size(): number {
    this.#settle();
    return this.#size;
  }

  changeMode(mode: number): void {
    this.mode = mode;
  }

  #settle(): void {
    if (this.#later.length === 0) return;
    const [later, modified] = [this.#later, this.modified];
    this.#later = [];
    for (const make of later) this.#writeAt(this.#size, make());
    this.modified = modified;
  }

  open(flags: OpenFlags): OpenFile {
    if (flags.truncate === true) {
      this.#later = [];
      this.#size = 0;
      this.modified = this.#fs.now();
    }
    let position = 0;
    return {
      read: (length) => {
        if (flags.read !== true) throw new Refusal(ERRNO.EBADF);
        const end = Math.min(this.size, position + length);
        const bytes = this.#bytes.slice(Math.min(position, end), end);
        position = Math.max(position, end);
        return bytes;
      },
      write: (bytes) => {
        if (flags.write !== true) throw new Refusal(ERRNO.EBADF);
        if (flags.append === true) position = this.size;
        else this.#settle();
        this.#writeAt(position, bytes);
        position += bytes.length;
      },
      appendLater: (make) => {
        if (flags.write !== true) throw new Refusal(ERRNO.EBADF);
        this.#later.push(make);
        this.modified = this.#fs.now();
        if (this.#later.length === LATER_AT_MOST) this.#settle();
      },
      close() {},
    };
  }

  #writeAt(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      longer.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = longer;
    }
    if (position > this.#size) this.#bytes.fill(0, this.#size, position); // a hole reads as zeros
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
    this.modified = this.#fs.now();
  }
}
