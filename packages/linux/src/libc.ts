// The C library, called in-process through koffi: just the calls that the real system needs, each throwing Refusal with
// the errno of a failed call. Structures are laid out by hand in a scratch area outside the JavaScript heap, whose
// address is fixed, so that nested pointers (msghdr, ifreq) need no marshalling. Everything here is synchronous and
// nothing blocks: descriptors are non-blocking or read with MSG_DONTWAIT.

import koffi from "koffi";
import {
  readU32Host,
  readU64Host,
  writeU32Host,
  writeU64HostBig,
} from "@patchcord/core/netlink/host-bytes.ts";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";

/** An address in this process. */
export type Address = bigint;

type Call = (...words: (number | bigint | string | Uint8Array | null)[]) => number;

const library = koffi.load(null);
const declare = (prototype: string): Call => library.func(prototype) as Call;

const calls = {
  socket: declare("int socket(int domain, int type, int protocol)"),
  bind: declare("int bind(int fd, void *address, uint32 length)"),
  connect: declare("int connect(int fd, void *address, uint32 length)"),
  listen: declare("int listen(int fd, int backlog)"),
  accept4: declare("int accept4(int fd, void *address, void *length, int flags)"),
  shutdown: declare("int shutdown(int fd, int how)"),
  getsockname: declare("int getsockname(int fd, void *address, void *length)"),
  getpeername: declare("int getpeername(int fd, void *address, void *length)"),
  setsockopt: declare("int setsockopt(int fd, int level, int name, void *value, uint32 length)"),
  getsockopt: declare("int getsockopt(int fd, int level, int name, void *value, void *length)"),
  sendmsg: declare("int64 sendmsg(int fd, void *message, int flags)"),
  recvmsg: declare("int64 recvmsg(int fd, void *message, int flags)"),
  read: declare("int64 read(int fd, void *bytes, uint64 length)"),
  write: declare("int64 write(int fd, void *bytes, uint64 length)"),
  ioctl: declare("int ioctl(int fd, uint64 request, uint64 argument)"),
  poll: declare("int poll(void *fds, uint64 count, int timeout)"),
  open: declare("int open(str path, int flags, uint32 mode)"),
  close: declare("int close(int fd)"),
  clock_gettime: declare("int clock_gettime(int clock, void *time)"),
  fcntl: declare("int fcntl(int fd, int command, uint64 argument)"),
  pipe2: declare("int pipe2(void *fds, int flags)"),
  setns: declare("int setns(int fd, int type)"),
  unshare: declare("int unshare(int flags)"),
  mount: declare("int mount(str source, str target, str type, uint64 flags, void *data)"),
  umount2: declare("int umount2(str target, int flags)"),
  munmap: declare("int munmap(void *address, uint64 length)"),
  syscall: declare("int64 syscall(int64 number, uint64 a, uint64 b, uint64 c, uint64 d, uint64 e)"),
};
const mmap = library.func(
  "void *mmap(void *address, uint64 length, int protection, int flags, int fd, int64 offset)",
) as (...words: (number | null)[]) => bigint;
const fsopen = library.func("int64 syscall(int64 number, str name, uint64 flags)") as (
  number: number,
  name: string,
  flags: number,
) => number;

/** Interrupted calls are made again; every other failure is a Refusal. */
function checked(call: Call): Call {
  return (...words) => {
    for (;;) {
      const result = call(...words);
      if (result !== -1) return result;
      const errno = koffi.errno();
      if (errno !== ERRNO.EINTR) throw new Refusal(errno);
    }
  };
}

export const libc = Object.fromEntries(
  Object.entries(calls).map(([name, call]) => [name, checked(call)]),
) as Readonly<Record<keyof typeof calls, Call>>;

/** Like `checked`, for the calls that say EAGAIN all the time: undefined then. */
function orAgain(call: Call): (...words: Parameters<Call>) => number | undefined {
  return (...words) => {
    for (;;) {
      const result = call(...words);
      if (result !== -1) return result;
      const errno = koffi.errno();
      if (errno === ERRNO.EAGAIN) return undefined;
      if (errno !== ERRNO.EINTR) throw new Refusal(errno);
    }
  };
}

export const recvmsgOrAgain = orAgain(calls.recvmsg);
export const readOrAgain = orAgain(calls.read);
export const writeOrAgain = orAgain(calls.write);
export const acceptOrAgain = orAgain(calls.accept4);

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/** Memory outside the heap: its address for the kernel and a view of it for us. */
export interface Mapping {
  readonly address: Address;
  readonly bytes: Uint8Array;
}

/** mmap(2): anonymous memory, or a packet ring of `fd`. */
export function map(length: number, fd = -1): Mapping {
  const flags = fd < 0 ? MAP_PRIVATE_ANONYMOUS : MAP_SHARED;
  const address = mmap(null, length, PROT_READ_WRITE, flags, fd, 0);
  if (BigInt.asIntN(64, address) === -1n) throw new Refusal(koffi.errno());
  return { address, bytes: new Uint8Array(koffi.view(address, length)) };
}

export function unmap(mapping: Mapping): void {
  libc.munmap(mapping.address, mapping.bytes.length);
}

/** Bytes that one message can have: a netlink dump's datagrams and IP datagrams fit well. */
export const PAYLOAD_LENGTH = 512 * 1024;
const NAME = 128; // struct sockaddr_storage
const CONTROL = 512;
const CONTROL_LENGTH = 4096;
const PAYLOAD = CONTROL + CONTROL_LENGTH;

/** One call's worth of memory: msghdr and iovec first, then the parts that they point to. */
export const scratch = map(PAYLOAD + PAYLOAD_LENGTH);
const nameBytes = scratch.bytes.subarray(NAME, NAME + 128);
const controlBytes = scratch.bytes.subarray(CONTROL, CONTROL + CONTROL_LENGTH);
export const payloadBytes = scratch.bytes.subarray(PAYLOAD);
export const payloadAddress: Address = scratch.address + BigInt(PAYLOAD);
const scratchView = new DataView(scratch.bytes.buffer);

/** Offsets in struct msghdr of 64-bit Linux; the iovec stands behind it. */
const MSG = { name: 0, nameLength: 8, iov: 16, iovCount: 24, control: 32, controlLength: 40, flags: 48 };
const IOV = { base: 64, length: 72 };

writeU64HostBig(scratch.bytes, MSG.iov, scratch.address + BigInt(IOV.base));
writeU64HostBig(scratch.bytes, MSG.iovCount, 1n);
writeU64HostBig(scratch.bytes, IOV.base, payloadAddress);

function message(nameLength: number, controlLength: number, length: number): void {
  const at = (present: number, offset: number): bigint =>
    present > 0 ? scratch.address + BigInt(offset) : 0n;
  scratchView.setBigUint64(MSG.name, at(nameLength, NAME), true);
  scratchView.setUint32(MSG.nameLength, nameLength, true);
  scratchView.setBigUint64(MSG.control, at(controlLength, CONTROL), true);
  scratchView.setBigUint64(MSG.controlLength, BigInt(controlLength), true);
  scratchView.setUint32(MSG.flags, 0, true);
  scratchView.setBigUint64(IOV.length, BigInt(length), true);
}

export const MSG_FLAGS = { TRUNC: 0x20, DONTWAIT: 0x40, ERRQUEUE: 0x2000, NOSIGNAL: 0x4000 } as const;

/** sendmsg(2). Errors: those of the socket; EMSGSIZE above what one message can have. */
export function sendMessage(
  fd: number,
  bytes: Uint8Array,
  name: Uint8Array | undefined,
  control: Uint8Array | undefined,
): void {
  if (bytes.length > PAYLOAD_LENGTH) throw new Refusal(ERRNO.EMSGSIZE);
  if (name) nameBytes.set(name);
  if (control) controlBytes.set(control);
  payloadBytes.set(bytes);
  message(name?.length ?? 0, control?.length ?? 0, bytes.length);
  libc.sendmsg(fd, scratch.address, MSG_FLAGS.NOSIGNAL);
}

/** One control message (cmsg(3)). */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** What recvmsg(2) gave. `payload` and `name` are views of the scratch area: copy before the next call. */
export interface ReceivedMessage {
  readonly payload: Uint8Array;
  /** Length on the wire; more than the payload's if that was cut. */
  readonly length: number;
  readonly name: Uint8Array;
  readonly control: readonly ControlMessage[];
}

/** recvmsg(2) without waiting; undefined if nothing is there. */
export function receiveMessage(fd: number, flags = 0): ReceivedMessage | undefined {
  message(nameBytes.length, CONTROL_LENGTH, PAYLOAD_LENGTH);
  const length = recvmsgOrAgain(fd, scratch.address, flags | MSG_FLAGS.DONTWAIT | MSG_FLAGS.TRUNC);
  if (length === undefined) return undefined;
  return {
    payload: payloadBytes.subarray(0, Math.min(length, PAYLOAD_LENGTH)),
    length,
    name: nameBytes.subarray(0, scratchView.getUint32(MSG.nameLength, true)),
    control: controlMessages(Number(scratchView.getBigUint64(MSG.controlLength, true))),
  };
}

const CMSG_HEADER = 16; // size_t length, int level, int type
const align8 = (length: number): number => (length + 7) & ~7;

function controlMessages(length: number): ControlMessage[] {
  const out: ControlMessage[] = [];
  for (let at = 0; at + CMSG_HEADER <= length;) {
    const size = Number(scratchView.getBigUint64(CONTROL + at, true));
    if (size < CMSG_HEADER) break;
    out.push({
      level: scratchView.getInt32(CONTROL + at + 8, true),
      type: scratchView.getInt32(CONTROL + at + 12, true),
      bytes: controlBytes.slice(at + CMSG_HEADER, at + size),
    });
    at += align8(size);
  }
  return out;
}

/** Control messages as sendmsg(2) takes them. */
export function encodeControl(messages: readonly ControlMessage[]): Uint8Array | undefined {
  if (messages.length === 0) return undefined;
  const length = messages.reduce((sum, { bytes }) => sum + CMSG_HEADER + align8(bytes.length), 0);
  const out = new Uint8Array(length);
  let at = 0;
  for (const { level, type, bytes } of messages) {
    writeU32Host(out, at, CMSG_HEADER + bytes.length);
    writeU32Host(out, at + 8, level);
    writeU32Host(out, at + 12, type);
    out.set(bytes, at + CMSG_HEADER);
    at += CMSG_HEADER + align8(bytes.length);
  }
  return out;
}

/** setsockopt(2) with an int or with bytes. */
export function setOption(fd: number, level: number, name: number, value: number | Uint8Array): void {
  if (typeof value === "number") writeU32Host(payloadBytes, 0, value);
  else payloadBytes.set(value);
  libc.setsockopt(fd, level, name, payloadAddress, typeof value === "number" ? 4 : value.length);
}

/** getsockopt(2). */
export function getOption(fd: number, level: number, name: number, length: number): Uint8Array {
  writeU32Host(nameBytes, 0, length);
  libc.getsockopt(fd, level, name, payloadAddress, scratch.address + BigInt(NAME));
  return payloadBytes.slice(0, scratchView.getUint32(NAME, true));
}

/** getsockname(2) or getpeername(2). */
export function socketName(fd: number, which: "getsockname" | "getpeername"): Uint8Array {
  writeU32Host(payloadBytes, 0, nameBytes.length);
  libc[which](fd, scratch.address + BigInt(NAME), payloadAddress);
  return nameBytes.slice(0, scratchView.getUint32(PAYLOAD, true));
}

/** bind(2) or connect(2). */
export function nameSocket(fd: number, which: "bind" | "connect", name: Uint8Array): void {
  nameBytes.set(name);
  libc[which](fd, scratch.address + BigInt(NAME), name.length);
}

/** A pipe: the end to read from is inherited by programs, the end to write to is not; neither blocks. */
export function openPipe(): [readEnd: number, writeEnd: number] {
  libc.pipe2(payloadAddress, 0o2004000 /* O_CLOEXEC | O_NONBLOCK */);
  return [readU32Host(payloadBytes, 0), readU32Host(payloadBytes, 4)];
}

const CLOCK_REALTIME = 0;
const timespecBytes = map(4096);

/** Microseconds since the epoch, by the clock that stamps packets: Node's own differs from it by what was adjusted since. */
export function wallClock(): number {
  libc.clock_gettime(CLOCK_REALTIME, timespecBytes.address);
  return (
    readU64Host(timespecBytes.bytes, 0) * 1_000_000 + Math.floor(readU64Host(timespecBytes.bytes, 8) / 1000)
  );
}

const F_DUPFD_CLOEXEC = 1030;

/** A second descriptor of the same file. */
export function duplicate(fd: number): number {
  return libc.fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/** The new mount calls have no wrappers in older C libraries; their numbers are the same on every machine. */
const SYS = { fsopen: 430, fsconfig: 431, fsmount: 432 } as const;
const FSCONFIG_CMD_CREATE = 6;

/** A file system of this kind that is mounted nowhere, as a descriptor of its root. */
export function detachedMount(type: string): number {
  const context = fsopen(SYS.fsopen, type, 1 /* FSOPEN_CLOEXEC */);
  if (context === -1) throw new Refusal(koffi.errno());
  try {
    libc.syscall(SYS.fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
    return libc.syscall(SYS.fsmount, context, 1 /* FSMOUNT_CLOEXEC */, 0, 0, 0);
  } finally {
    libc.close(context);
  }
}
