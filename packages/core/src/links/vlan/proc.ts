// /proc/net/vlan (net/8021q/vlanproc.c).

import type { NetDevice } from "../../kernel/device.ts";
import type { Kernel, ProcNetDirectory } from "../../kernel/kernel.ts";
import type { Netns } from "../../kernel/netns.ts";
import { VlanDevice } from "./device.ts";
import { VLAN_FLAG } from "./netlink.ts";

const CONFIG = "config";
/** IFF_802_1Q_VLAN, IFF_XMIT_DST_RELEASE, IFF_UNICAST_FLT, IFF_NO_QUEUE: what the driver sets. */
const PRIVATE_FLAGS = 0x81021;
const BRIDGE_PORT = 0x200; // IFF_BRIDGE_PORT
/** Buckets of the egress map: a packet's priority modulo this. */
const EGRESS_BUCKETS = 16;

function vlans(netns: Netns): VlanDevice[] {
  return [...netns.devices.values()].filter((device: NetDevice) => device instanceof VlanDevice);
}

function config(netns: Netns): string {
  const rows = vlans(netns).map(
    (device) => `${device.name.padEnd(15)}| ${device.vid}  | ${device.lower.name}\n`,
  );
  return `VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n${rows.join("")}`;
}

function counter(what: string, value: number): string {
  return `${what.padStart(30)} ${String(value).padStart(12)}\n`;
}

/** The egress map in the order of the kernel's buckets; the newest of a bucket is first. */
export function egressMappings(device: VlanDevice): [number, number][] {
  const newestFirst = [...device.egress].reverse();
  return newestFirst.sort(([a], [b]) => (a % EGRESS_BUCKETS) - (b % EGRESS_BUCKETS));
}

function details(device: VlanDevice): string {
  const { statistics } = device;
  const flags = PRIVATE_FLAGS | (device.master?.kind?.kind === "bridge" ? BRIDGE_PORT : 0);
  const reorder = device.vlanFlags & VLAN_FLAG.REORDER_HDR;
  const [i0, i1, i2, i3, i4, i5, i6, i7] = device.ingress;
  const egress = egressMappings(device)
    .map(([priority, tag]) => `${priority}:${tag} `)
    .join("");
  return (
    `${device.name}  VID: ${device.vid}\t REORDER_HDR: ${reorder}  dev->priv_flags: ${flags.toString(16)}\n` +
    counter("total frames received", statistics.rxPackets) +
    counter("total bytes received", statistics.rxBytes) +
    counter("Broadcast/Multicast Rcvd", statistics.multicast) +
    "\n" +
    counter("total frames transmitted", statistics.txPackets) +
    counter("total bytes transmitted", statistics.txBytes) +
    `Device: ${device.lower.name}\n` +
    `INGRESS priority mappings: 0:${i0}  1:${i1}  2:${i2}  3:${i3}  4:${i4}  5:${i5}  6:${i6} 7:${i7}\n` +
    ` EGRESS priority mappings: ${egress}\n`
  );
}

const directory: ProcNetDirectory = {
  mode: 0o600,
  names: (netns) => [CONFIG, ...vlans(netns).map((device) => device.name)],
  read(netns, name) {
    const device = netns.device(name);
    return name !== CONFIG && device instanceof VlanDevice ? details(device) : config(netns);
  },
};

export function installVlanProc(kernel: Kernel): void {
  kernel.procNetDirectories.set("vlan", directory);
}
