// ioctl(2) on an AF_INET socket, in the shapes of the system interface. The request's structures are laid out in memory
// with a fixed address, because struct ifreq may point to what follows it.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { writeU64HostBig } from "@patchcord/core/netlink/host-bytes.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { IoctlRequest } from "@patchcord/core/system/system.ts";
import { libc, payloadAddress, payloadBytes, PAYLOAD_LENGTH } from "./libc.ts";
import { AF } from "./socket-address.ts";
import { SOCK } from "./socket-constants.ts";

const IFNAMSIZ = 16;
const IFREQ = 40; // bytes
const POINTED = 64; // where the memory that an ifreq points to starts
const encoder = new TextEncoder();

/** To be called inside the namespace. */
export function networkIoctl(request: IoctlRequest): void {
  const { data } = request;
  const at = request.shape === "ifreqPointer" ? POINTED : 0;
  if (data.length > PAYLOAD_LENGTH - POINTED) throw new Refusal(ERRNO.EINVAL);
  if (request.shape === "ifreqPointer") {
    payloadBytes.fill(0, 0, IFREQ);
    payloadBytes.set(encoder.encode(request.device).subarray(0, IFNAMSIZ - 1), 0);
    writeU64HostBig(payloadBytes, IFNAMSIZ, payloadAddress + BigInt(POINTED));
  }
  payloadBytes.set(data, at);
  const fd = libc.socket(AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0);
  try {
    libc.ioctl(fd, request.number, payloadAddress);
  } finally {
    libc.close(fd);
  }
  data.set(payloadBytes.subarray(at, at + data.length));
}
