// brctl's requests to the kernel: the bridge ioctls of linux/sockios.h. Each returns an errno, 0 if it worked.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { IoctlRequest } from "../../system/system.ts";
import { readAttribute } from "./bridge-files.ts";

const SIOCBRADDBR = 0x89a0;
const SIOCBRDELBR = 0x89a1;
const SIOCBRADDIF = 0x89a2;
const SIOCBRDELIF = 0x89a3;
const SIOCDEVPRIVATE = 0x89f0;

const IFNAMSIZ = 16;
const IFREQ_LENGTH = 40;
const encoder = new TextEncoder();

function ask(process: Process, request: IoctlRequest): number {
  try {
    process.ioctl(request);
    return 0;
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  }
}

/** A name as the kernel takes it: cut to 15 bytes, with its NUL. */
function nameBytes(name: string, length = IFNAMSIZ): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(encoder.encode(name).subarray(0, IFNAMSIZ - 1));
  return bytes;
}

export function addBridge(process: Process, name: string): number {
  return ask(process, { shape: "pointer", number: SIOCBRADDBR, data: nameBytes(name) });
}

export function deleteBridge(process: Process, name: string): number {
  return ask(process, { shape: "pointer", number: SIOCBRDELBR, data: nameBytes(name) });
}

/** ENODEV if there is no such interface. */
export function changePort(process: Process, bridge: string, name: string, add: boolean): number {
  const ifindex = Number(readAttribute(process, `${name}/ifindex`) ?? 0);
  if (ifindex === 0) return ERRNO.ENODEV;
  const data = nameBytes(bridge, IFREQ_LENGTH);
  new DataView(data.buffer).setInt32(IFNAMSIZ, ifindex, true);
  return ask(process, { shape: "ifreq", number: add ? SIOCBRADDIF : SIOCBRDELIF, data });
}

/** The old interface, which libbridge falls back to: four unsigned longs, the first one a command of BRCTL_*. */
export function oldRequest(
  process: Process,
  bridge: string,
  command: number,
  ...args: readonly number[]
): number {
  const data = new Uint8Array(32);
  const view = new DataView(data.buffer);
  [command, ...args].forEach((value, index) => view.setBigUint64(index * 8, BigInt(value), true));
  return ask(process, { shape: "ifreqPointer", number: SIOCDEVPRIVATE, device: bridge, data });
}
