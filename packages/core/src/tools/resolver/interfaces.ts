// Names and numbers of interfaces, and the addresses they have, as libc tells them: if_nametoindex(3), if_indextoname(3),
// getifaddrs(3).

import { NetlinkClient } from "../../netlink/client.ts";
import { readS32Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeAddress, encodeAddress } from "../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { isMalformed } from "../../wire/malformed.ts";

const SIOCGIFNAME = 0x8910;
const SIOCGIFINDEX = 0x8933;
const IFREQ_LENGTH = 40;
const NAME_LENGTH = 16;

/** 0 if there is no such interface. */
export function interfaceIndex(process: Process, name: string): number {
  const data = new Uint8Array(IFREQ_LENGTH);
  data.set(new TextEncoder().encode(name).subarray(0, NAME_LENGTH - 1));
  try {
    process.ioctl({ shape: "ifreq", number: SIOCGIFINDEX, data });
  } catch (refusal) {
    if (refusal instanceof Refusal) return 0;
    throw refusal;
  }
  return readS32Host(data, NAME_LENGTH);
}

/** Undefined if there is no such interface. */
export function interfaceName(process: Process, ifindex: number): string | undefined {
  const data = new Uint8Array(IFREQ_LENGTH);
  writeU32Host(data, NAME_LENGTH, ifindex);
  try {
    process.ioctl({ shape: "ifreq", number: SIOCGIFNAME, data });
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
  return new TextDecoder().decode(data.subarray(0, data.indexOf(0)));
}

/** Own addresses of an interface, in wire order, as the kernel lists them. */
export function interfaceAddresses(
  process: Process,
  ifindex: number,
  family: "inet" | "inet6",
): Uint8Array[] {
  return addresses(process, family, ifindex);
}

/** Those of all interfaces. */
export function allAddresses(process: Process, family: "inet" | "inet6"): Uint8Array[] {
  return addresses(process, family, undefined);
}

function addresses(process: Process, family: "inet" | "inet6", ifindex: number | undefined): Uint8Array[] {
  const socket = process.netlink();
  try {
    const number = family === "inet" ? AF.INET : AF.INET6;
    const result = new NetlinkClient(socket).dump(RTM.GETADDR, encodeAddress({ family: number }));
    if (!result.ok) return [];
    const found: Uint8Array[] = [];
    for (const { body } of result.messages) {
      const message = decodeAddress(body);
      if (isMalformed(message) || message.family !== number) continue;
      if (ifindex !== undefined && message.index !== ifindex) continue;
      const address = message.local ?? message.address;
      if (address !== undefined) found.push(address);
    }
    return found;
  } finally {
    socket.close();
  }
}
