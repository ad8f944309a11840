// A process's files as the text tools' library wants them: promises, and errors with the words of Node's.

import type { FsStat, IFileSystem } from "just-bash";
import { ERRNO, errnoName, strerror } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { FileStatus } from "@patchcord/core/system/files.ts";
import type { Process } from "@patchcord/core/system/process.ts";
import { descriptorNumber, openReader, readAll } from "@patchcord/core/tools/coreutils/streams.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

type Content = Parameters<IFileSystem["writeFile"]>[1];

/** What the library shows as `ENOENT: no such file or directory, open 'x'`. */
class FileError extends Error {
  readonly code: string;
  constructor(refusal: Refusal, path: string) {
    const code = errnoName(refusal.errno) ?? `E${refusal.errno}`;
    const text = strerror(refusal.errno);
    super(`${code}: ${text[0]?.toLowerCase() ?? ""}${text.slice(1)}, '${path}'`);
    this.code = code;
  }
}

async function guarded<T>(path: string, ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (refusal) {
    throw refusal instanceof Refusal ? new FileError(refusal, path) : refusal;
  }
}

function bytesOf(content: Content, encoding: string | undefined): Uint8Array {
  if (typeof content !== "string") return content;
  if (encoding === "binary" || encoding === "latin1")
    return Uint8Array.from(content, (char) => char.charCodeAt(0));
  return encoder.encode(content);
}

function encodingOf(options: unknown): string | undefined {
  if (typeof options === "string") return options;
  if (typeof options !== "object" || options === null || !("encoding" in options)) return undefined;
  return typeof options.encoding === "string" ? options.encoding : undefined;
}

function statOf(status: FileStatus): FsStat {
  return {
    isFile: status.type === "file" || status.type === "device",
    isDirectory: status.type === "directory",
    isSymbolicLink: status.type === "symlink",
    mode: status.mode,
    size: status.size,
    mtime: new Date(status.modified / 1000),
    dev: status.device,
    ino: status.inode,
  };
}

/** Files of one process. Reads that may have to wait run inside `waiting`. `tool` is said to be in /usr/bin, where the library looks for what it is asked to run. */
export class ProcessFiles implements IFileSystem {
  readonly #process: Process;
  readonly #tool: string;

  readonly #waiting: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(process: Process, tool: string, waiting: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#process = process;
    this.#waiting = waiting;
    this.#tool = tool;
  }

  #isTool(path: string): boolean {
    return path === `/usr/bin/${this.#tool}` || path === `/bin/${this.#tool}`;
  }

  /** /dev/fd/N, which `<(...)` stands for. */
  #isDescriptor(path: string): boolean {
    const number = path === "-" ? undefined : descriptorNumber(path);
    return number !== undefined && this.#process.fds.has(number);
  }

  resolvePath(base: string, path: string): string {
    const out: string[] = [];
    for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
      if (part === "..") out.pop();
      else if (part !== "" && part !== ".") out.push(part);
    }
    return `/${out.join("/")}`;
  }

  getAllPaths(): string[] {
    return [];
  }

  readFileBuffer(path: string): Promise<Uint8Array> {
    return guarded(path, () => {
      if (this.#isDescriptor(path)) return this.#waiting(() => readAll(openReader(this.#process, path)));
      if (this.#process.files.status(path).type === "directory") throw new Refusal(ERRNO.EISDIR);
      return readAll(openReader(this.#process, path));
    });
  }

  async readFile(path: string, options?: Parameters<IFileSystem["readFile"]>[1]): Promise<string> {
    const bytes = await this.readFileBuffer(path);
    const encoding = encodingOf(options);
    if (encoding !== "binary" && encoding !== "latin1") return decoder.decode(bytes);
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }

  writeFile(
    path: string,
    content: Content,
    options?: Parameters<IFileSystem["writeFile"]>[2],
  ): Promise<void> {
    return guarded(path, () => this.#process.files.writeFile(path, bytesOf(content, encodingOf(options))));
  }

  appendFile(
    path: string,
    content: Content,
    options?: Parameters<IFileSystem["appendFile"]>[2],
  ): Promise<void> {
    return guarded(path, () =>
      this.#process.files.writeFile(path, bytesOf(content, encodingOf(options)), { append: true }),
    );
  }

  exists(path: string): Promise<boolean> {
    if (this.#isTool(path)) return Promise.resolve(true);
    return this.stat(path).then(
      () => true,
      () => false,
    );
  }

  stat(path: string): Promise<FsStat> {
    if (this.#isTool(path)) return Promise.resolve(statOf(TOOL_STATUS));
    if (this.#isDescriptor(path)) return Promise.resolve(statOf(PIPE_STATUS));
    return guarded(path, () => statOf(this.#process.files.status(path)));
  }

  lstat(path: string): Promise<FsStat> {
    return guarded(path, () => statOf(this.#process.files.linkStatus(path)));
  }

  mkdir(path: string, options?: Parameters<IFileSystem["mkdir"]>[1]): Promise<void> {
    return guarded(path, () => {
      const { files } = this.#process;
      if (!options?.recursive) return files.makeDirectory(path);
      const parts = path.split("/");
      for (let end = 2; end <= parts.length; end++) {
        try {
          files.makeDirectory(parts.slice(0, end).join("/"));
        } catch (refusal) {
          if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.EEXIST) throw refusal;
        }
      }
    });
  }

  readdir(path: string): Promise<string[]> {
    return guarded(path, () => this.#process.files.readDirectory(path).sort());
  }

  rm(path: string, options?: Parameters<IFileSystem["rm"]>[1]): Promise<void> {
    const { files } = this.#process;
    const remove = (each: string): void => {
      if (files.linkStatus(each).type !== "directory") return files.unlink(each);
      if (options?.recursive) for (const name of files.readDirectory(each)) remove(`${each}/${name}`);
      files.removeDirectory(each);
    };
    return guarded(path, () => {
      try {
        remove(path);
      } catch (refusal) {
        if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.ENOENT || !options?.force) throw refusal;
      }
    });
  }

  cp(from: string, to: string): Promise<void> {
    return guarded(from, () => this.#process.files.writeFile(to, this.#process.files.readFile(from)));
  }

  mv(from: string, to: string): Promise<void> {
    return guarded(from, () => this.#process.files.rename(from, to));
  }

  chmod(path: string, mode: number): Promise<void> {
    return guarded(path, () => this.#process.files.changeMode(path, mode));
  }

  /** The system keeps its own times; what only sets them succeeds without effect. */
  utimes(path: string): Promise<void> {
    return guarded(path, () => void this.#process.files.status(path));
  }

  symlink(target: string, path: string): Promise<void> {
    return guarded(path, () => this.#process.files.symlink(target, path));
  }

  link(from: string): Promise<void> {
    return guarded(from, () => {
      throw new Refusal(ERRNO.EPERM);
    });
  }

  readlink(path: string): Promise<string> {
    return guarded(path, () => this.#process.files.readLink(path));
  }

  realpath(path: string): Promise<string> {
    return guarded(path, () => this.#process.files.realPath(path));
  }
}

const PIPE_STATUS: FileStatus = { type: "file", mode: 0o600, size: 0, inode: 0, device: 0, modified: 0 };
const TOOL_STATUS: FileStatus = { type: "file", mode: 0o755, size: 0, inode: 0, device: 0, modified: 0 };
