// TUN and TAP devices of the real kernel: /dev/net/tun, attached with TUNSETIFF inside the namespace.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { writeU16Host } from "@patchcord/core/netlink/host-bytes.ts";
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
} as const;
const IFNAMSIZ = 16;
const IFREQ = 40; // bytes
/** Frames with all headers fit. */
const LARGEST = 65536 + 64;

export class LinuxTunFile implements TunFile {
  readonly name: string;
  readonly #fd: number;
  readonly #readiness: Readiness;
  #closed = false;

  /** To be called inside the namespace. */
  constructor({ name, flags }: TunRequest) {
    this.#fd = libc.open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC, 0);
    try {
      payloadBytes.fill(0, 0, IFREQ);
      payloadBytes.set(new TextEncoder().encode(name).subarray(0, IFNAMSIZ - 1), 0);
      writeU16Host(payloadBytes, IFNAMSIZ, flags);
      libc.ioctl(this.#fd, TUN.SETIFF, payloadAddress);
    } catch (refusal) {
      libc.close(this.#fd);
      throw refusal;
    }
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
  }
}
