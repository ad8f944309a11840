// TUN and TAP devices of the real kernel: /dev/net/tun, attached with TUNSETIFF inside the namespace.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { writeU16Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { TunFile, TunRequest } from "@patchcord/core/system/tun.ts";
import { libc, payloadAddress, payloadBytes, readOrAgain, writeOrAgain } from "./libc.ts";
import { Readiness } from "./readiness.ts";

const O_RDWR_NONBLOCK_CLOEXEC = 0o2004002;
const TUN = {
  SETIFF: 0x400454ca,
  SETPERSIST: 0x400454cb,
  SETOWNER: 0x400454cc,
  SETGROUP: 0x400454ce,
  SETIFINDEX: 0x400454da,
} as const;
const IFNAMSIZ = 16;
const IFREQ = 40; // bytes
/** Frames with all headers fit. */
const LARGEST = 65536 + 64;

/** Opens a file with a device attached; a new one gets the number, if one is given. The device's name is in the payload then. */
function attach({ name, flags }: TunRequest, index?: number): number {
  const fd = libc.open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC, 0);
  try {
    if (index !== undefined) {
      writeU32Host(payloadBytes, 0, index);
      libc.ioctl(fd, TUN.SETIFINDEX, payloadAddress);
    }
    payloadBytes.fill(0, 0, IFREQ);
    payloadBytes.set(new TextEncoder().encode(name).subarray(0, IFNAMSIZ - 1), 0);
    writeU16Host(payloadBytes, IFNAMSIZ, flags);
    libc.ioctl(fd, TUN.SETIFF, payloadAddress);
  } catch (refusal) {
    libc.close(fd);
    throw refusal;
  }
  return fd;
}

/** What a device that stays without a file is made of. */
export interface PersistentTun extends TunRequest {
  readonly index: number;
  readonly owner: number | undefined;
  readonly group: number | undefined;
}

/** Makes a device that stays. To be called inside the namespace. Errors: Refusal. */
export function makePersistentTun({ index, owner, group, ...request }: PersistentTun): void {
  const fd = attach(request, index);
  try {
    libc.ioctl(fd, TUN.SETPERSIST, 1);
    if (owner !== undefined) libc.ioctl(fd, TUN.SETOWNER, owner);
    if (group !== undefined) libc.ioctl(fd, TUN.SETGROUP, group);
  } finally {
    libc.close(fd);
  }
}

/** Told before a device may go with its last file; what it returns is called once the file is closed. */
export type TunLosing = (name: string) => () => void;

export class LinuxTunFile implements TunFile {
  readonly name: string;
  readonly #fd: number;
  readonly #readiness: Readiness;
  readonly #losing: TunLosing | undefined;
  #lost: () => void = () => {};
  #closed = false;

  /** To be called inside the namespace. */
  constructor(request: TunRequest, losing?: TunLosing) {
    this.#losing = losing;
    this.#fd = attach(request);
    this.name = new TextDecoder().decode(payloadBytes.slice(0, payloadBytes.indexOf(0)));
    this.#readiness = new Readiness(this.#fd);
  }

  get ready(): boolean {
    return this.#readiness.ready;
  }

  subscribe(wake: () => void): () => void {
    return this.#readiness.subscribe(wake);
  }

  read(): Uint8Array | undefined {
    const length = readOrAgain(this.#fd, payloadAddress, LARGEST);
    return length === undefined ? undefined : payloadBytes.slice(0, length);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > LARGEST) throw new Refusal(ERRNO.EINVAL);
    payloadBytes.set(bytes);
    if (writeOrAgain(this.#fd, payloadAddress, bytes.length) === undefined) throw new Refusal(ERRNO.EAGAIN);
  }

  setPersistent(on: boolean): void {
    if (!on && this.#losing !== undefined) this.#lost = this.#losing(this.name);
    libc.ioctl(this.#fd, TUN.SETPERSIST, on ? 1 : 0);
  }

  setOwner(uid: number): void {
    libc.ioctl(this.#fd, TUN.SETOWNER, uid);
  }

  setGroup(gid: number): void {
    libc.ioctl(this.#fd, TUN.SETGROUP, gid);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    libc.close(this.#fd);
    this.#lost();
  }
}
