// TUN and TAP devices as the programs behind them see them (Documentation/networking/tuntap.rst): an open /dev/net/tun
// with a device attached. Each read gives one packet or frame, each write takes one.

import type { Waitable } from "./streams.ts";

/** ifr_flags of TUNSETIFF, and what tun_flags in sysfs shows. */
export const TUN_FLAGS = {
  TUN: 0x0001,
  TAP: 0x0002,
  MULTI_QUEUE: 0x0100,
  PERSIST: 0x0800,
  /** No struct tun_pi in front of a packet. */
  NO_PI: 0x1000,
  ONE_QUEUE: 0x2000,
  VNET_HDR: 0x4000,
  /** Only make a new device (in requests). */
  EXCLUSIVE: 0x8000,
} as const;

/** TUNSETIFF. */
export interface TunRequest {
  /** Empty or a pattern ("tap%d"): the kernel chooses. */
  readonly name: string;
  /** Bits of TUN_FLAGS. */
  readonly flags: number;
}

/** An attached file. It is ready while there is something to read. */
export interface TunFile extends Waitable {
  readonly name: string;
  /** Errors: EBADFD once the device is gone. */
  read(): Uint8Array | undefined;
  /** Errors: EIO if the device is down, EINVAL for what is no packet, EBADFD. */
  write(bytes: Uint8Array): void;
  /** TUNSETPERSIST: the device stays when the last file is closed. */
  setPersistent(on: boolean): void;
  /** TUNSETOWNER, TUNSETGROUP: who may attach beside root. */
  setOwner(uid: number): void;
  setGroup(gid: number): void;
  close(): void;
}
