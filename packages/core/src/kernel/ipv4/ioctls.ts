// ioctl(2) requests that read IPv4 addresses (devinet_ioctl; netdevice(7)). An ifreq names a device or a label; with an address
// in it, that address of the label is meant.

import { ERRNO } from "../../netlink/errno.ts";
import { readU16Host, writeU16Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";
import { IFREQ_UNION, namedDevice, readName } from "../ioctl.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { InterfaceAddress } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";

const SIOC = { GIFADDR: 0x8915, GIFDSTADDR: 0x8917, GIFBRDADDR: 0x8919, GIFNETMASK: 0x891b } as const;
/** struct sockaddr_in inside the union: family, port, address. */
const SOCKADDR_LENGTH = 16;
const SOCKADDR_ADDRESS = IFREQ_UNION + 4;

function meant(netns: Netns, data: Uint8Array): InterfaceAddress {
  const label = readName(data);
  const labelled = (inetDevice.of(namedDevice(netns, data))?.addresses ?? []).filter(
    (each) => each.label === label,
  );
  const local = readU16Host(data, IFREQ_UNION) === AF.INET ? readU32BE(data, SOCKADDR_ADDRESS) : 0;
  const found = labelled.find((each) => each.local === local) ?? labelled[0];
  if (found === undefined) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  return found;
}

const READERS: readonly (readonly [number: number, value: (address: InterfaceAddress) => number])[] = [
  [SIOC.GIFADDR, ({ local }) => local],
  [SIOC.GIFDSTADDR, ({ address }) => address],
  [SIOC.GIFBRDADDR, ({ broadcast }) => broadcast],
  [SIOC.GIFNETMASK, ({ mask }) => mask],
];

export function installIpv4Ioctls(kernel: Kernel): void {
  for (const [number, value] of READERS) {
    kernel.ioctls.register(number, (netns, { data }) => {
      const found = value(meant(netns, data));
      data.fill(0, IFREQ_UNION, IFREQ_UNION + SOCKADDR_LENGTH);
      writeU16Host(data, IFREQ_UNION, AF.INET);
      writeU32BE(data, SOCKADDR_ADDRESS, found);
    });
  }
}
