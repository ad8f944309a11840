// struct sockaddr of the families in use: netlink(7), packet(7), ip(7), ipv6(7), unix(7).

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import {
  readS32Host,
  readU16Host,
  readU32Host,
  writeU16Host,
  writeU32Host,
} from "@patchcord/core/netlink/host-bytes.ts";
import type { InetAddress } from "@patchcord/core/system/sockets.ts";
import { readU16BE, writeU16BE } from "@patchcord/core/wire/bytes.ts";

export const AF = { UNSPEC: 0, UNIX: 1, INET: 2, INET6: 10, NETLINK: 16, PACKET: 17 } as const;

export function encodeSockaddrNetlink(portid: number): Uint8Array {
  const out = new Uint8Array(12);
  writeU16Host(out, 0, AF.NETLINK);
  writeU32Host(out, 4, portid);
  return out;
}

export function netlinkPortid(name: Uint8Array): number {
  return readU32Host(name, 4);
}

/** struct sockaddr_ll. */
export interface PacketAddress {
  readonly protocol: number;
  readonly ifindex: number;
  readonly hardwareType: number;
  readonly packetType: number;
  readonly address: Uint8Array;
}

export function encodeSockaddrPacket(ifindex: number, protocol: number, address?: Uint8Array): Uint8Array {
  const out = new Uint8Array(20);
  writeU16Host(out, 0, AF.PACKET);
  writeU16BE(out, 2, protocol);
  writeU32Host(out, 4, ifindex);
  if (address) {
    out[11] = address.length;
    out.set(address.subarray(0, 8), 12);
  }
  return out;
}

export function decodeSockaddrPacket(name: Uint8Array, at = 0): PacketAddress {
  return {
    protocol: readU16BE(name, at + 2),
    ifindex: readS32Host(name, at + 4),
    hardwareType: readU16Host(name, at + 8),
    packetType: name[at + 10] ?? 0,
    address: name.slice(at + 12, at + 12 + Math.min(name[at + 11] ?? 0, 8)),
  };
}

export function encodeSockaddrInet({ address, port, scope = 0 }: InetAddress): Uint8Array {
  const inet6 = address.length === 16;
  const out = new Uint8Array(inet6 ? 28 : 16);
  writeU16Host(out, 0, inet6 ? AF.INET6 : AF.INET);
  writeU16BE(out, 2, port);
  out.set(address, inet6 ? 8 : 4);
  if (inet6) writeU32Host(out, 24, scope);
  return out;
}

/** Undefined if there is no address of these families. */
export function decodeSockaddrInet(name: Uint8Array, at = 0): InetAddress | undefined {
  if (name.length < at + 16) return undefined;
  const family = readU16Host(name, at);
  const port = readU16BE(name, at + 2);
  if (family === AF.INET) return { address: name.slice(at + 4, at + 8), port };
  if (family !== AF.INET6 || name.length < at + 28) return undefined;
  return { address: name.slice(at + 8, at + 24), port, scope: readU32Host(name, at + 24) };
}

/** struct sockaddr_un. A leading NUL is an abstract name (unix(7)). Errors: ENAMETOOLONG as EINVAL of the kernel. */
export function encodeSockaddrUnix(path: string): Uint8Array {
  const bytes = new TextEncoder().encode(path);
  if (bytes.length > 107) throw new Refusal(ERRNO.EINVAL);
  const out = new Uint8Array(2 + bytes.length + (path.startsWith("\0") ? 0 : 1));
  writeU16Host(out, 0, AF.UNIX);
  out.set(bytes, 2);
  return out;
}
