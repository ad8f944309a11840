// The files that a process sees: /proc, /sys, /run/netns, /tmp, /etc. All calls are synchronous, as system calls are
// for these file systems, and throw Refusal with the errno of the real call.

import type { Input, Output, Waitable } from "./streams.ts";

/** Type of a directory entry, as `ls -l` shows it. */
export type FileType = "file" | "directory" | "symlink" | "device" | "socket" | "fifo";

/** What stat(2) tells of a file. */
export interface FileStatus {
  readonly type: FileType;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
  /** Bytes; 4096 for sysfs attributes and 0 for procfs, as on Linux. */
  readonly size: number;
  /** Allocated blocks of 512 bytes (st_blocks); absent: as many pages as the size needs. None in procfs and sysfs. */
  readonly blocks?: number;
  readonly inode: number;
  /** Device number (st_dev); /proc's namespace files have one of their own (nsfs). */
  readonly device: number;
  /** Modification time, microseconds since the epoch. */
  readonly modified: number;
}

/** How open(2) is meant. */
export interface OpenFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly create?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  readonly append?: boolean;
}

/** An end of a named pipe, where reading and writing may have to wait (fifo(7)). */
export interface PipeEnd {
  /** Ready once the other end is open, too: open(2) waits for that. */
  readonly joined: Waitable;
  readonly input?: Input;
  readonly output?: Output;
}

/** An open file. Positions advance as with read(2) and write(2). Errors are thrown by the call that meets them. */
export interface OpenFile {
  /** At most `length` bytes from the position; empty at the end. */
  read(length: number): Uint8Array;
  /** Errors: those of the file, e.g. EINVAL or ENODEV of a sysctl. */
  write(bytes: Uint8Array): void;
  /** Writes at the end what is made when somebody looks; absent where it has to be there at once. */
  appendLater?(make: () => Uint8Array): void;
  close(): void;
  readonly pipe?: PipeEnd;
}

/** A process's view of the file tree: relative paths start at its cwd, /proc/self and /proc/net follow it. */
export interface FileSystem {
  open(path: string, flags: OpenFlags): OpenFile;
  readFile(path: string): Uint8Array;
  /** Writes a whole file: created and truncated if regular, one write(2) for an attribute of /proc or /sys. */
  writeFile(path: string, bytes: Uint8Array, flags?: { readonly append?: boolean }): void;
  /** Names in the file system's own order (newest first on tmpfs), without "." and "..". */
  readDirectory(path: string): string[];
  /** Follows a final symbolic link. */
  status(path: string): FileStatus;
  /** Does not follow a final symbolic link. */
  linkStatus(path: string): FileStatus;
  readLink(path: string): string;
  /** Canonical absolute path, as realpath(3). */
  realPath(path: string): string;
  makeDirectory(path: string, mode?: number): void;
  /** mkfifo(3). */
  makeFifo(path: string, mode: number): void;
  removeDirectory(path: string): void;
  unlink(path: string): void;
  symlink(target: string, path: string): void;
  rename(from: string, to: string): void;
  /** chmod(2). Errors: EPERM where the file system keeps its own modes. */
  changeMode(path: string, mode: number): void;
}
