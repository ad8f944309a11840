// The file calls of one process, with the errors of the real system calls. Programs of the embedded host run as root, so
// permission bits refuse nothing on tmpfs; files of /proc and /sys check what the kernel checks for root too.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { FileStatus, FileSystem, OpenFile, OpenFlags } from "../../system/files.ts";
import { DEFAULT_UMASK } from "../../system/system.ts";
import type { Credentials } from "../../system/system.ts";
import type { DirectoryEntries, DirectoryNode, Node, View } from "./node.ts";
import { DEVICE } from "./node.ts";
import type { Place } from "./walk.ts";
import { pathOf, walk } from "./walk.ts";
import type { Vfs } from "./vfs.ts";

const READ_BLOCK = 65536; // bytes a call when a whole file is read

export class CallerFiles implements FileSystem {
  readonly #vfs: Vfs;
  readonly #caller: Credentials;

  constructor(vfs: Vfs, caller: Credentials) {
    this.#vfs = vfs;
    this.#caller = caller;
  }

  get #umask(): number {
    return this.#caller.umask ?? DEFAULT_UMASK;
  }

  #view(): View {
    return this.#vfs.viewOf(this.#caller);
  }

  #walk(path: string, follow: boolean): Place {
    return walk(this.#vfs, path, this.#caller.cwd, this.#view(), follow);
  }

  #checkWritable(place: Place): void {
    this.#vfs.checkWritable(place, this.#view());
  }

  #find(path: string, follow: boolean): Node {
    const { node } = this.#walk(path, follow);
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    return node;
  }

  open(path: string, flags: OpenFlags): OpenFile {
    const place = this.#walk(path, flags.exclusive !== true || flags.create !== true);
    const { node } = place;
    if (node === undefined) return this.#create(place, flags);
    if (flags.create === true && flags.exclusive === true) throw new Refusal(ERRNO.EEXIST);
    if (node.type === "symlink") throw new Refusal(ERRNO.ELOOP);
    if (node.type === "directory") {
      if (flags.write === true || flags.create === true) throw new Refusal(ERRNO.EISDIR);
      return openDirectory();
    }
    if (flags.write === true && node.type === "file") this.#checkWritable(place);
    return this.#settling(node, node.open(flags));
  }

  /** Writing to an attribute is a request to the kernel: what it sets off happens before the call returns. */
  #settling(node: Node, file: OpenFile): OpenFile {
    if (node.device === DEVICE.tmpfs) return file;
    return {
      read: (length) => file.read(length),
      write: (bytes) => {
        file.write(bytes);
        this.#vfs.settle();
      },
      close: () => file.close(),
    };
  }

  #create(place: Place, flags: OpenFlags): OpenFile {
    if (flags.create !== true) throw new Refusal(ERRNO.ENOENT);
    if (place.slash) throw new Refusal(ERRNO.EISDIR);
    this.#checkWritable(place);
    const parent = parentOf(place);
    if (!parent.entries) throw new Refusal(parent.refusals?.create ?? ERRNO.EPERM);
    return parent.entries.makeFile(place.name, 0o666 & ~this.#umask).open(flags);
  }

  readFile(path: string): Uint8Array {
    const file = this.open(path, { read: true });
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const part = file.read(READ_BLOCK);
      if (part.length === 0) break;
      parts.push(part);
      length += part.length;
    }
    file.close();
    if (parts.length === 1 && parts[0]) return parts[0];
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  writeFile(path: string, bytes: Uint8Array, flags: { readonly append?: boolean } = {}): void {
    const append = flags.append === true;
    const file = this.open(path, { write: true, create: true, truncate: !append, append });
    if (bytes.length > 0) file.write(bytes);
    file.close();
  }

  readDirectory(path: string): string[] {
    const node = this.#find(path, true);
    if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    return node.names();
  }

  status(path: string): FileStatus {
    return this.#statusOf(this.#find(path, true));
  }

  linkStatus(path: string): FileStatus {
    return this.#statusOf(this.#find(path, false));
  }

  #statusOf(node: Node): FileStatus {
    return {
      type: node.type,
      mode: node.mode,
      size: node.type === "directory" ? 0 : node.type === "symlink" ? linkSize(node) : node.size,
      ...(node.device === DEVICE.tmpfs ? {} : { blocks: 0 }),
      inode: node.inode,
      device: node.device,
      modified: node.modified ?? this.#vfs.kernel.clock.realtime(),
    };
  }

  readLink(path: string): string {
    const node = this.#find(path, false);
    if (node.type !== "symlink") throw new Refusal(ERRNO.EINVAL);
    return node.target;
  }

  realPath(path: string): string {
    const place = this.#walk(path, true);
    if (place.node === undefined) throw new Refusal(ERRNO.ENOENT);
    return pathOf(place);
  }

  makeDirectory(path: string, mode = 0o777): void {
    const place = this.#walk(path, false);
    if (place.node !== undefined) throw new Refusal(ERRNO.EEXIST);
    this.#checkWritable(place);
    entriesFor(place).makeDirectory(place.name, mode & ~this.#umask);
  }

  makeFifo(path: string, mode: number): void {
    const place = this.#walk(path, false);
    if (place.node !== undefined) throw new Refusal(ERRNO.EEXIST);
    if (place.slash) throw new Refusal(ERRNO.ENOENT);
    this.#checkWritable(place);
    entriesFor(place).makeFifo(place.name, mode);
  }

  symlink(target: string, path: string): void {
    if (target === "") throw new Refusal(ERRNO.ENOENT);
    const place = this.#walk(path, false);
    if (place.node !== undefined) throw new Refusal(ERRNO.EEXIST);
    if (place.slash) throw new Refusal(ERRNO.ENOENT);
    this.#checkWritable(place);
    entriesFor(place).makeSymlink(place.name, target);
  }

  removeDirectory(path: string): void {
    const last = lastComponent(path);
    if (last === ".") throw new Refusal(ERRNO.EINVAL);
    if (last === "..") throw new Refusal(ERRNO.ENOTEMPTY);
    const place = this.#walk(path, false);
    const { node } = place;
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    if (place.name === "") throw new Refusal(ERRNO.EBUSY);
    const entries = this.#removable(place);
    if (node.names().length > 0) throw new Refusal(ERRNO.ENOTEMPTY);
    entries.remove(place.name);
  }

  unlink(path: string): void {
    const place = this.#walk(path, false);
    const { node } = place;
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    if (node.type === "directory") throw new Refusal(ERRNO.EISDIR);
    this.#removable(place).remove(place.name);
  }

  /** Errors: EPERM where programs cannot change entries, EBUSY for a mount point. */
  #removable(place: Place): DirectoryEntries {
    this.#checkWritable(place);
    const parent = parentOf(place);
    if (!parent.entries) throw new Refusal(parent.refusals?.remove ?? ERRNO.EPERM);
    const bare = parent.lookup(place.name);
    if (bare !== undefined && this.#vfs.isMountPoint(bare, this.#view())) throw new Refusal(ERRNO.EBUSY);
    return parent.entries;
  }

  rename(from: string, to: string): void {
    const source = this.#walk(from, false);
    const target = this.#walk(to, false);
    const { node } = source;
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    if (source.name === "" || target.name === "") throw new Refusal(ERRNO.EBUSY);
    const sourceParent = parentOf(source);
    const targetParent = parentOf(target);
    if (sourceParent.device !== targetParent.device) throw new Refusal(ERRNO.EXDEV);
    const taken = this.#removable(source);
    if (node === target.node) return;
    if (target.node !== undefined) checkReplace(node, target.node);
    if (node.type === "directory" && `${pathOf(target)}/`.startsWith(`${pathOf(source)}/`)) {
      throw new Refusal(ERRNO.EINVAL);
    }
    const given = this.#removable(target);
    taken.remove(source.name);
    given.attach(target.name, node);
  }

  changeMode(path: string, mode: number): void {
    const place = this.#walk(path, true);
    const { node } = place;
    if (node === undefined) throw new Refusal(ERRNO.ENOENT);
    this.#checkWritable(place);
    if (!node.changeMode) throw new Refusal(ERRNO.EPERM);
    node.changeMode(mode);
  }
}

function checkReplace(node: Node, over: Node): void {
  if (node.type === "directory") {
    if (over.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    if (over.names().length > 0) throw new Refusal(ERRNO.ENOTEMPTY);
  } else if (over.type === "directory") throw new Refusal(ERRNO.EISDIR);
}

function parentOf(place: Place): DirectoryNode {
  const parent = place.parents.at(-1);
  if (parent === undefined) throw new Refusal(ERRNO.EBUSY); // the root has no parent
  return parent.node;
}

function entriesFor(place: Place): DirectoryEntries {
  const parent = parentOf(place);
  if (!parent.entries) throw new Refusal(parent.refusals?.make ?? ERRNO.EPERM);
  return parent.entries;
}

function lastComponent(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

function linkSize(node: { readonly target: string; readonly device: number }): number {
  return node.device === DEVICE.tmpfs ? new TextEncoder().encode(node.target).length : 0;
}

/** An open directory: it can be held, but not read as bytes. */
function openDirectory(): OpenFile {
  return {
    read() {
      throw new Refusal(ERRNO.EISDIR);
    },
    write() {
      throw new Refusal(ERRNO.EBADF);
    },
    close() {},
  };
}
