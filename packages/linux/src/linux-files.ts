// The machine's files as a process in a namespace sees them: /proc/net, /proc/sys/net and /proc/self/ns/net follow the
// thread, so every call is made inside the namespace; /sys is the namespace's own.

import * as fs from "node:fs";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { FileStatus, FileSystem, FileType, OpenFile, OpenFlags } from "@patchcord/core/system/files.ts";

/** Where a process looks at files from. */
export interface FileView {
  readonly cwd: string;
  /** Runs a synchronous call in the process's namespace. */
  within<T>(visit: () => T): T;
  /** The path that the machine knows it by, for paths that mean something else to this process. */
  translate(path: string): string;
  /** Makes a file or directory that is not there yet, by `make`. */
  making<T>(path: string, type: "file" | "directory", make: () => T): T;
  /** Told before a file that is there is opened for writing; the path as the process knows it. */
  writing(path: string): void;
}

/** Node's file errors carry errno with the sign turned; anything else is a bug. */
function refusing<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { errno, code } = error as NodeJS.ErrnoException;
    if (typeof errno === "number") throw new Refusal(-errno);
    if (code === "ERR_INVALID_ARG_VALUE") throw new Refusal(ERRNO.EINVAL);
    throw error;
  }
}

function typeOf(stats: fs.Stats): FileType {
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isSocket()) return "socket";
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return "device";
  return "file";
}

function statusOf(stats: fs.Stats): FileStatus {
  return {
    type: typeOf(stats),
    mode: stats.mode & 0o7777,
    size: stats.size,
    blocks: stats.blocks,
    inode: stats.ino,
    device: stats.dev,
    modified: Math.floor(stats.mtimeMs * 1000),
  };
}

const { O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;
const READ_BLOCK = 65536; // bytes

export class LinuxFiles implements FileSystem {
  readonly #view: FileView;

  constructor(view: FileView) {
    this.#view = view;
  }

  #full(path: string): string {
    const { cwd } = this.#view;
    return path.startsWith("/") ? path : `${cwd === "/" ? "" : cwd}/${path}`;
  }

  #absolute(path: string): string {
    if (path === "") throw new Refusal(ERRNO.ENOENT);
    return this.#view.translate(this.#full(path));
  }

  #call<T>(path: string, call: (path: string) => T): T {
    const absolute = this.#absolute(path);
    return this.#view.within(() => refusing(() => call(absolute)));
  }

  /** Non-blocking, so that nobody waits inside open(2) for the other end of a FIFO. */
  #open(path: string, flags: OpenFlags): number {
    const { read = false, write = false, create, exclusive, truncate, append } = flags;
    const how =
      (write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY) |
      (create === true ? O_CREAT : 0) |
      (exclusive === true ? O_EXCL : 0) |
      (truncate === true ? O_TRUNC : 0) |
      (append === true ? O_APPEND : 0) |
      O_NONBLOCK;
    if (create === true && exclusive === true) {
      return this.#call(path, (absolute) =>
        this.#view.making(absolute, "file", () => fs.openSync(absolute, how, 0o666)),
      );
    }
    return this.#call(path, (absolute) => {
      if (write) this.#view.writing(this.#full(path));
      return fs.openSync(absolute, how, 0o666);
    });
  }

  open(path: string, flags: OpenFlags): OpenFile {
    const fd = this.#open(path, flags);
    const { within } = this.#view;
    let open = true;
    return {
      read: (length) => {
        const buffer = new Uint8Array(length);
        const count = within(() => refusing(() => fs.readSync(fd, buffer)));
        return buffer.subarray(0, count);
      },
      write: (bytes) => {
        // A sysctl takes its value in one call, in the namespace in which it was opened or written.
        for (let at = 0; at < bytes.length;)
          at += within(() => refusing(() => fs.writeSync(fd, bytes, at, bytes.length - at)));
      },
      close: () => {
        if (open) fs.closeSync(fd);
        open = false;
      },
    };
  }

  readFile(path: string): Uint8Array {
    const file = this.open(path, { read: true });
    try {
      const parts: Uint8Array[] = [];
      for (;;) {
        const part = file.read(READ_BLOCK);
        if (part.length === 0) break;
        parts.push(part);
      }
      return parts.length === 1 && parts[0] ? parts[0] : new Uint8Array(Buffer.concat(parts));
    } finally {
      file.close();
    }
  }

  writeFile(path: string, bytes: Uint8Array, flags: { readonly append?: boolean } = {}): void {
    const append = flags.append === true;
    const file = this.open(path, { write: true, create: true, truncate: !append, append });
    try {
      if (bytes.length > 0) file.write(bytes);
    } finally {
      file.close();
    }
  }

  /** readdirSync would sort the names. */
  readDirectory(path: string): string[] {
    return this.#call(path, (absolute) => {
      const directory = fs.opendirSync(absolute);
      try {
        const names: string[] = [];
        for (let entry = directory.readSync(); entry; entry = directory.readSync()) names.push(entry.name);
        return names;
      } finally {
        directory.closeSync();
      }
    });
  }

  status(path: string): FileStatus {
    return statusOf(this.#call(path, (absolute) => fs.statSync(absolute)));
  }

  linkStatus(path: string): FileStatus {
    return statusOf(this.#call(path, (absolute) => fs.lstatSync(absolute)));
  }

  readLink(path: string): string {
    return this.#call(path, (absolute) => fs.readlinkSync(absolute));
  }

  realPath(path: string): string {
    return this.#call(path, (absolute) => fs.realpathSync.native(absolute));
  }

  /** The machine's own mkfifo makes them, and its own programs open them: opening would stop this process. */
  makeFifo(): void {
    throw new Refusal(ERRNO.EOPNOTSUPP);
  }

  makeDirectory(path: string, mode = 0o777): void {
    this.#call(path, (absolute) =>
      this.#view.making(absolute, "directory", () => fs.mkdirSync(absolute, { mode })),
    );
  }

  removeDirectory(path: string): void {
    this.#call(path, (absolute) => fs.rmdirSync(absolute));
  }

  unlink(path: string): void {
    this.#call(path, (absolute) => fs.unlinkSync(absolute));
  }

  symlink(target: string, path: string): void {
    this.#call(path, (absolute) => fs.symlinkSync(target, absolute));
  }

  rename(from: string, to: string): void {
    const target = this.#absolute(to);
    this.#call(from, (absolute) => fs.renameSync(absolute, target));
  }

  changeMode(path: string, mode: number): void {
    this.#call(path, (absolute) => fs.chmodSync(absolute, mode));
  }
}
