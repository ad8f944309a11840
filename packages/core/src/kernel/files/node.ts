// What a file tree is made of: directories, files and symbolic links, seen by somebody. tmpfs keeps its nodes; procfs and
// sysfs make theirs while a path is walked, because what they show depends on who looks and on what exists just then.

import type { OpenFile, OpenFlags } from "../../system/files.ts";
import type { Netns } from "../netns.ts";
import type { MountNamespace } from "./mount-namespace.ts";

/** Who looks at the tree: /proc/self, /proc/net, /proc/sys/net and /sys/class/net depend on it. */
export interface View {
  readonly pid: number;
  readonly netns: Netns;
  readonly mounts: MountNamespace;
}

interface Attributes {
  /** Permission bits. */
  readonly mode: number;
  /** chmod(2); absent where programs cannot do that. */
  changeMode?(mode: number): void;
  readonly inode: number;
  /** st_dev of the file system. */
  readonly device: number;
  /** Modification time, microseconds since the epoch; undefined: now, as for files that are made when looked at. */
  readonly modified?: number | undefined;
}

export interface FileNode extends Attributes {
  readonly type: "file" | "device" | "socket" | "fifo";
  readonly size: number;
  /** open(2). The flags are checked already as far as they do not depend on the file. Errors: Refusal. */
  open(flags: OpenFlags): OpenFile;
  /** The namespace that it stands for, if it is a file of nsfs. */
  readonly netns?: Netns;
}

export interface SymlinkNode extends Attributes {
  readonly type: "symlink";
  readonly target: string;
  /** Where a magic link of procfs leads (/proc/PID/ns/net); others are followed by their text. */
  readonly leadsTo?: FileNode;
}

export interface DirectoryNode extends Attributes {
  readonly type: "directory";
  /** Undefined if there is no such entry. */
  lookup(name: string): FileNode | SymlinkNode | DirectoryNode | undefined;
  /** In the file system's own order, without "." and "..". */
  names(): string[];
  /** How entries are changed; absent in file systems where programs cannot do that. */
  readonly entries?: DirectoryEntries;
  /** What the calls say where programs cannot change entries. */
  readonly refusals?: EntryRefusals;
}

export type Node = FileNode | SymlinkNode | DirectoryNode;

/** errno of open(2) with O_CREAT for a missing name, of mkdir(2) and symlink(2), and of removing and renaming. */
export interface EntryRefusals {
  readonly create: number;
  readonly make: number;
  readonly remove: number;
}

/** What programs can do to the entries of a directory. Names were checked by the caller. */
export interface DirectoryEntries {
  makeFile(name: string, mode: number): FileNode;
  makeDirectory(name: string, mode: number): void;
  /** The file of a unix(7) socket: it cannot be opened, only connected to. */
  makeSocket(name: string, mode: number): FileNode;
  makeFifo(name: string, mode: number): void;
  makeSymlink(name: string, target: string): void;
  remove(name: string): void;
  /** Puts an existing node of the same file system under `name`. */
  attach(name: string, node: Node): void;
}

/** The root directory of a file system for one view. */
export type RootOf = (view: View) => DirectoryNode;

/** Minor numbers of the anonymous devices behind the mounts (st_dev). */
export const DEVICE = { nsfs: 4, tmpfs: 24, proc: 22, sysfs: 21 } as const;

/** A stable inode number for a node that is made when looked at: FNV-1a of its path, above the small numbers. */
export function inodeOf(path: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < path.length; at++) hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193) >>> 0;
  return 0x1_0000_0000 + hash;
}
