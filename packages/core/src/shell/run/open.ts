// Opens what a redirection names: files of the system, and the names that bash handles itself (bash(1), REDIRECTION):
// /dev/fd/N, /dev/stdin, /dev/stdout, /dev/stderr, /dev/tcp/HOST/PORT and /dev/udp/HOST/PORT.

import type { OpenFile, OpenFlags, PipeEnd } from "../../system/files.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import { descriptor, nullDescriptor } from "../../system/streams.ts";
import type { Descriptor, Input, Output } from "../../system/streams.ts";
import { openNetwork } from "./network.ts";

const BLOCK = 65536; // bytes of one read(2)

/** An open file as a descriptor that several processes can share, with one position. */
export function fileDescriptor(file: OpenFile, flags: OpenFlags): Descriptor {
  const back: Uint8Array[] = [];
  const input: Input = {
    ready: true,
    seekable: true,
    subscribe: () => () => {},
    read: () => {
      const bytes = back.pop() ?? file.read(BLOCK);
      return bytes.length === 0 ? null : bytes;
    },
    unread: (bytes) => {
      if (bytes.length > 0) back.push(bytes);
    },
  };
  const output: Output = { ready: true, subscribe: () => () => {}, write: (bytes) => file.write(bytes) };
  return descriptor({ ...(flags.read && { input }), ...(flags.write && { output }) }, () => file.close());
}

/** Number of the descriptor that a name stands for, if it is one of those. */
export function descriptorNumber(path: string): number | undefined {
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  if (number !== undefined) return Number(number);
  const standard = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].indexOf(path);
  return standard < 0 ? undefined : standard;
}

/** Opens a path for a redirection. Throws Refusal. */
export async function openPath(process: Process, path: string, flags: OpenFlags): Promise<Descriptor> {
  const number = descriptorNumber(path);
  if (number !== undefined) {
    const fd = process.fds.get(number);
    if (!fd) throw new Refusal(ERRNO.ENOENT);
    return fd.retain();
  }
  if (path === "/dev/null") return nullDescriptor();
  const network = /^\/dev\/(tcp|udp)\/([^/]+)\/([^/]+)$/.exec(path);
  if (network)
    return openNetwork(process, network[1] === "tcp" ? "tcp" : "udp", network[2] ?? "", network[3] ?? "");
  const file = process.files.open(path, flags);
  return file.pipe ? joinedPipe(process, file, file.pipe) : fileDescriptor(file, flags);
}

/** An end of a named pipe, once the other one is open. */
async function joinedPipe(process: Process, file: OpenFile, pipe: PipeEnd): Promise<Descriptor> {
  try {
    while (!pipe.joined.ready) await process.wait([pipe.joined]);
  } catch (end) {
    file.close();
    throw end;
  }
  return descriptor(pipe, () => file.close());
}

/** All that can be read under a name. Throws Refusal. */
export async function readPath(process: Process, path: string): Promise<Uint8Array> {
  const opened = await openPath(process, path, { read: true });
  try {
    const { input } = opened;
    const parts: number[] = [];
    for (;;) {
      const bytes = input ? await process.read(input) : null;
      if (bytes === null) return Uint8Array.from(parts);
      for (const byte of bytes ?? []) parts.push(byte);
    }
  } finally {
    opened.release();
  }
}
