// The interfaces that packets can be captured on, in libpcap's order and words: -D, -i with a number, -L, and the device that
// is taken when none is given.

import { NetlinkClient } from "../../netlink/client.ts";
import { readU32Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import { IFF } from "../../netlink/rtnl/link-constants.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { DLT, linkTypeName } from "../../wire/link-types.ts";
import { isMalformed } from "../../wire/malformed.ts";

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GLINK = 0x0a;

/** The pseudo-device whose packets are those of all interfaces. */
export const ANY = "any";

/** ARPHRD_ types of linux/if_arp.h. */
export const HardwareType = {
  ETHER: 1,
  PPP: 512,
  TUNNEL: 768,
  TUNNEL6: 769,
  LOOPBACK: 772,
  SIT: 776,
  NONE: 0xfffe,
} as const;

export interface CaptureInterface {
  readonly name: string;
  /** 0 for pseudo-devices. */
  readonly ifindex: number;
  readonly hardwareType: number;
  readonly description: string | undefined;
  readonly flags: number;
  readonly connection: "Connected" | "Disconnected" | undefined;
  readonly wireless?: boolean;
}

/** What libpcap can capture from beside network interfaces; nothing here does. */
const PSEUDO_DEVICES: readonly (readonly [name: string, description: string, wireless?: boolean])[] = [
  ["bluetooth-monitor", "Bluetooth Linux Monitor", true],
  ["nflog", "Linux netfilter log (NFLOG) interface"],
  ["nfqueue", "Linux netfilter queue (NFQUEUE) interface"],
  ["dbus-system", "D-Bus system bus"],
  ["dbus-session", "D-Bus session bus"],
];
const UP = IFF.UP | IFF.RUNNING;

/** The network interfaces of the process's namespace, by index. */
export function networkInterfaces(process: Process): CaptureInterface[] {
  const socket = process.netlink();
  try {
    const result = new NetlinkClient(socket).dump(RTM.GETLINK, encodeLink({}));
    if (!result.ok) return [];
    return result.messages.flatMap(({ body }) => {
      const link = decodeLink(body);
      if (isMalformed(link) || link.ifname === undefined) return [];
      const { ifname: name, index: ifindex, type: hardwareType, flags } = link;
      const connection = connectionOf(process, name, flags);
      return [{ name, ifindex, hardwareType, description: undefined, flags, connection }];
    });
  } finally {
    socket.close();
  }
}

/** Whether a cable is plugged in, as the driver tells ethtool. */
function connectionOf(process: Process, name: string, flags: number): CaptureInterface["connection"] {
  if ((flags & IFF.LOOPBACK) !== 0) return undefined;
  const data = new Uint8Array(8); // struct ethtool_value
  writeU32Host(data, 0, ETHTOOL_GLINK);
  try {
    process.ioctl({ shape: "ifreqPointer", number: SIOCETHTOOL, device: name, data });
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
  return readU32Host(data, 4) === 0 ? "Disconnected" : "Connected";
}

/** pcap_findalldevs(): network interfaces and pseudo-devices, the likeliest first. */
export function captureInterfaces(process: Process): CaptureInterface[] {
  const pseudo = (name: string, description: string, flags: number, wireless = false): CaptureInterface => ({
    name,
    ifindex: 0,
    hardwareType: 0,
    description,
    flags,
    connection: undefined,
    wireless,
  });
  const all = [
    ...networkInterfaces(process),
    pseudo(ANY, "Pseudo-device that captures on all interfaces", UP),
    ...PSEUDO_DEVICES.map(([name, description, wireless]) => pseudo(name, description, 0, wireless)),
  ];
  return all.sort((a, b) => unlikeliness(a) - unlikeliness(b));
}

/** get_figure_of_merit(): what speaks against the interface. Equal ones stay in the kernel's order. */
function unlikeliness({ name, flags, connection, wireless }: CaptureInterface): number {
  let value = 0;
  const against = (bit: number, applies: boolean): void => {
    if (applies) value += bit * (Math.floor(value / bit) % 2 === 0 ? 1 : 0);
  };
  against(0x8000_0000, (flags & IFF.RUNNING) === 0);
  against(0x4000_0000, (flags & IFF.UP) === 0);
  against(0x2000_0000, wireless !== true && connection === "Disconnected");
  against(0x1000_0000, (flags & IFF.LOOPBACK) !== 0);
  against(0x0800_0000, name === ANY);
  return value;
}

/** A line of -D, without its end. */
export function interfaceLine(one: CaptureInterface, number: number): string {
  const states = [
    (one.flags & IFF.UP) !== 0 ? "Up" : "",
    (one.flags & IFF.RUNNING) !== 0 ? "Running" : "",
    (one.flags & IFF.LOOPBACK) !== 0 ? "Loopback" : "",
    one.wireless === true ? "Wireless" : "",
  ].filter((state) => state !== "");
  const known = states.length > 0 ? states : ["none"];
  const all = one.connection === undefined ? known : [...known, one.connection];
  const description = one.description === undefined ? "" : ` (${one.description})`;
  return `${number}.${one.name}${description} [${all.join(", ")}]`;
}

/** Link types that a capture on this interface can have, the one that is taken by itself first. */
export function linkTypesOf({ name, hardwareType }: CaptureInterface): readonly number[] {
  if (name === ANY) return [DLT.LINUX_SLL, DLT.LINUX_SLL2];
  switch (hardwareType) {
    case HardwareType.ETHER:
      // Cable modems deliver DOCSIS frames as Ethernet, so libpcap lets that be said of any such interface.
      return [DLT.EN10MB, DOCSIS];
    case HardwareType.LOOPBACK:
      return [DLT.EN10MB];
    case HardwareType.TUNNEL:
    case HardwareType.TUNNEL6:
    case HardwareType.SIT:
    case HardwareType.NONE:
      return [DLT.RAW];
    default:
      return [DLT.LINUX_SLL];
  }
}

const DOCSIS = 143;

/** The lines of -L. */
export function linkTypeLines(
  device: string,
  types: readonly number[],
  printable: (type: number) => boolean,
): string {
  const lines = types.map((type) => {
    const known = linkTypeName(type);
    const name = known === undefined ? `DLT ${type}` : `${known.name} (${known.description})`;
    return `  ${name}${printable(type) ? "" : " (printing not supported)"}\n`;
  });
  return `Data link types for ${device} (use option -y to set):\n${lines.join("")}`;
}
