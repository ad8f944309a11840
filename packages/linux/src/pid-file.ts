// A pid file as Open vSwitch's daemons keep it: its process holds a record lock (fcntl(2)) on it, and clients take a file
// that nobody has locked for one that a dead daemon has left.

import { writeFileSync } from "node:fs";
import { writeU16Host } from "@patchcord/core/netlink/host-bytes.ts";
import { libc, payloadAddress, payloadBytes } from "./libc.ts";

const O_RDWR_CLOEXEC = 0o2000002;
const F_SETLK = 6;
const F_WRLCK = 1;
/** struct flock of 64-bit Linux: type, whence, then from where, how many bytes (0: all) and whose. */
const FLOCK_LENGTH = 32;

/**
 * Writes this process's id into `path` and locks it until the returned function is called. Any other opening and closing of
 * the file by this process would give up the lock. Errors: those of the file; Refusal EAGAIN if another process holds it.
 */
export function holdPidFile(path: string): () => void {
  writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
  const fd = libc.open(path, O_RDWR_CLOEXEC, 0);
  payloadBytes.fill(0, 0, FLOCK_LENGTH);
  writeU16Host(payloadBytes, 0, F_WRLCK);
  try {
    libc.fcntl(fd, F_SETLK, payloadAddress);
  } catch (refusal) {
    libc.close(fd);
    throw refusal;
  }
  return () => void libc.close(fd);
}
