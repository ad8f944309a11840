// A small file system in memory for tests of programs: regular files, directories, symbolic links, and attributes whose
// reads and writes are functions.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { FileStatus, FileSystem, FileType, OpenFile, OpenFlags } from "../../system/files.ts";

interface Node {
  readonly type: FileType;
  mode: number;
  readonly inode: number;
  modified: number;
  bytes: Uint8Array;
  readonly entries: Map<string, Node>;
  readonly target: string;
  /** For attributes: throws what the kernel would. */
  readonly onRead?: () => Uint8Array;
}

const MAX_LINKS = 40;

/** The tree, shared by all processes of a test system. */
export class MemoryTree {
  #inodes = 1;
  readonly root: Node = this.#node("directory", 0o755);
  /** Microseconds since the epoch. */
  now: () => number = () => 0;

  #node(type: FileType, mode: number, more: { target?: string; onRead?: () => Uint8Array } = {}): Node {
    return {
      type,
      mode,
      inode: this.#inodes++,
      modified: this.now?.() ?? 0,
      bytes: new Uint8Array(0),
      entries: new Map(),
      target: more.target ?? "",
      ...(more.onRead && { onRead: more.onRead }),
    };
  }

  /** Finds a node; `follow` follows a final symbolic link. */
  walk(path: string, follow: boolean, hops = 0): { readonly node: Node; readonly path: string } {
    let node = this.root;
    let real = "";
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    for (const [index, part] of parts.entries()) {
      if (part === "..") {
        real = real.slice(0, Math.max(0, real.lastIndexOf("/")));
        node = this.walk(real || "/", true, hops).node;
        continue;
      }
      if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
      const next = node.entries.get(part);
      if (!next) throw new Refusal(ERRNO.ENOENT);
      if (next.type === "symlink" && (follow || index < parts.length - 1)) {
        if (hops > MAX_LINKS) throw new Refusal(ERRNO.ELOOP);
        const target = next.target.startsWith("/") ? next.target : `${real}/${next.target}`;
        const found = this.walk(target, true, hops + 1);
        node = found.node;
        real = found.path;
      } else {
        node = next;
        real = `${real}/${part}`;
      }
    }
    if (path.endsWith("/") && node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    return { node, path: real || "/" };
  }

  /** The directory that holds `path`, and the last name. */
  parent(path: string): { readonly directory: Node; readonly name: string } {
    const trimmed = path.replace(/\/+$/, "");
    const at = trimmed.lastIndexOf("/");
    const { node } = this.walk(trimmed.slice(0, at) || "/", true);
    if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    return { directory: node, name: trimmed.slice(at + 1) };
  }

  add(
    path: string,
    type: FileType,
    mode: number,
    more: { target?: string; onRead?: () => Uint8Array } = {},
  ): Node {
    const { directory, name } = this.parent(path);
    if (directory.entries.has(name)) throw new Refusal(ERRNO.EEXIST);
    const node = this.#node(type, mode, more);
    directory.entries.set(name, node);
    return node;
  }

  /** A file whose reads are answered by a function, as those of /sys are. */
  attribute(path: string, onRead: () => Uint8Array): void {
    this.add(path, "file", 0o444, { onRead });
  }
}

/** A process's view of a tree. */
export class MemoryFiles implements FileSystem {
  readonly #tree: MemoryTree;
  readonly #cwd: string;

  constructor(tree: MemoryTree, cwd: string) {
    this.#tree = tree;
    this.#cwd = cwd;
  }

  #absolute(path: string): string {
    if (path === "") throw new Refusal(ERRNO.ENOENT);
    return path.startsWith("/") ? path : `${this.#cwd}/${path}`;
  }

  open(path: string, flags: OpenFlags): OpenFile {
    const full = this.#absolute(path);
    let node: Node;
    try {
      node = this.#tree.walk(full, true).node;
      if (flags.exclusive) throw new Refusal(ERRNO.EEXIST);
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.ENOENT || !flags.create) throw refusal;
      node = this.#tree.add(full, "file", 0o644);
    }
    if (node.type === "directory" && flags.write) throw new Refusal(ERRNO.EISDIR);
    if (flags.truncate) node.bytes = new Uint8Array(0);
    return new MemoryFile(node, flags, this.#tree);
  }

  readFile(path: string): Uint8Array {
    const { node } = this.#tree.walk(this.#absolute(path), true);
    if (node.type === "directory") throw new Refusal(ERRNO.EISDIR);
    return node.onRead?.() ?? node.bytes;
  }

  writeFile(path: string, bytes: Uint8Array, flags?: { readonly append?: boolean }): void {
    const file = this.open(path, {
      write: true,
      create: true,
      truncate: !flags?.append,
      append: flags?.append ?? false,
    });
    file.write(bytes);
    file.close();
  }

  readDirectory(path: string): string[] {
    const { node } = this.#tree.walk(this.#absolute(path), true);
    if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    return [...node.entries.keys()].reverse();
  }

  #status(path: string, follow: boolean): FileStatus {
    const { type, mode, inode, modified, bytes } = this.#tree.walk(this.#absolute(path), follow).node;
    return { type, mode, inode, modified, size: bytes.length, device: 1 };
  }

  status(path: string): FileStatus {
    return this.#status(path, true);
  }

  linkStatus(path: string): FileStatus {
    return this.#status(path, false);
  }

  readLink(path: string): string {
    const { node } = this.#tree.walk(this.#absolute(path), false);
    if (node.type !== "symlink") throw new Refusal(ERRNO.EINVAL);
    return node.target;
  }

  realPath(path: string): string {
    return this.#tree.walk(this.#absolute(path), true).path;
  }

  makeFifo(): void {
    throw new Refusal(ERRNO.EOPNOTSUPP);
  }

  makeDirectory(path: string, mode = 0o755): void {
    this.#tree.add(this.#absolute(path), "directory", mode);
  }

  removeDirectory(path: string): void {
    const { directory, name } = this.#tree.parent(this.#absolute(path));
    const node = directory.entries.get(name);
    if (!node) throw new Refusal(ERRNO.ENOENT);
    if (node.type !== "directory") throw new Refusal(ERRNO.ENOTDIR);
    if (node.entries.size > 0) throw new Refusal(ERRNO.ENOTEMPTY);
    directory.entries.delete(name);
  }

  unlink(path: string): void {
    const { directory, name } = this.#tree.parent(this.#absolute(path));
    const node = directory.entries.get(name);
    if (!node) throw new Refusal(ERRNO.ENOENT);
    if (node.type === "directory") throw new Refusal(ERRNO.EISDIR);
    directory.entries.delete(name);
  }

  symlink(target: string, path: string): void {
    this.#tree.add(this.#absolute(path), "symlink", 0o777, { target });
  }

  changeMode(path: string, mode: number): void {
    this.#tree.walk(this.#absolute(path), true).node.mode = mode;
  }

  rename(from: string, to: string): void {
    const source = this.#tree.parent(this.#absolute(from));
    const node = source.directory.entries.get(source.name);
    if (!node) throw new Refusal(ERRNO.ENOENT);
    const target = this.#tree.parent(this.#absolute(to));
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, node);
  }
}

class MemoryFile implements OpenFile {
  readonly #node: Node;
  readonly #flags: OpenFlags;
  readonly #tree: MemoryTree;
  #position = 0;

  constructor(node: Node, flags: OpenFlags, tree: MemoryTree) {
    this.#node = node;
    this.#flags = flags;
    this.#tree = tree;
  }

  read(length: number): Uint8Array {
    if (this.#node.type === "directory") throw new Refusal(ERRNO.EISDIR);
    const bytes = this.#node.onRead?.() ?? this.#node.bytes;
    const part = bytes.slice(this.#position, this.#position + length);
    this.#position += part.length;
    return part;
  }

  write(bytes: Uint8Array): void {
    const old = this.#node.bytes;
    const at = this.#flags.append ? old.length : this.#position;
    const next = new Uint8Array(Math.max(old.length, at + bytes.length));
    next.set(old);
    next.set(bytes, at);
    this.#node.bytes = next;
    this.#node.modified = this.#tree.now();
    this.#position = at + bytes.length;
  }

  close(): void {
    // Nothing is held open.
  }
}
