// The files of /proc/net that the core of the network has (net/core/net-procfs.c, net/netlink/af_netlink.c).

import { formatMac } from "../../wire/mac.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";

const DEV_HEADER =
  "Inter-|   Receive                                                |  Transmit\n" +
  " face |bytes    packets errs drop fifo frame compressed multicast|" +
  "bytes    packets errs drop fifo colls carrier compressed\n";

/** Devices by index bucket, as the seq_file of /proc/net/dev walks them. */
function devices(netns: Netns): NetDevice[] {
  return netns.devicesInDumpOrder();
}

function pad(value: number | string, width: number): string {
  return String(value).padStart(width);
}

function devRow(device: NetDevice): string {
  const s = device.statistics;
  const rxDropped = s.rxDropped + s.rxMissedErrors;
  const rxFrame = s.rxLengthErrors + s.rxOverErrors + s.rxCrcErrors + s.rxFrameErrors;
  const carrier = s.txCarrierErrors + s.txAbortedErrors + s.txWindowErrors + s.txHeartbeatErrors;
  const rx = `${pad(s.rxBytes, 7)} ${pad(s.rxPackets, 7)} ${pad(s.rxErrors, 4)} ${pad(rxDropped, 4)} ${pad(s.rxFifoErrors, 4)}`;
  const rxRest = `${pad(rxFrame, 5)} ${pad(s.rxCompressed, 10)} ${pad(s.multicast, 9)}`;
  const tx = `${pad(s.txBytes, 8)} ${pad(s.txPackets, 7)} ${pad(s.txErrors, 4)} ${pad(s.txDropped, 4)} ${pad(s.txFifoErrors, 4)}`;
  const txRest = `${pad(s.collisions, 5)} ${pad(carrier, 7)} ${pad(s.txCompressed, 10)}`;
  return `${pad(device.name, 6)}: ${rx} ${rxRest} ${tx} ${txRest}\n`;
}

function dev(netns: Netns): string {
  return DEV_HEADER + devices(netns).map(devRow).join("");
}

/** One row an address: index, name, users, users by request, address. */
function devMcast(netns: Netns): string {
  const rows: string[] = [];
  for (const device of devices(netns)) {
    for (const entry of device.multicast.entries()) {
      const address = formatMac(entry.address).replaceAll(":", "");
      const name = device.name.padEnd(15);
      const users = String(entry.users + entry.passedDown).padEnd(5);
      rows.push(
        `${String(device.ifindex).padEnd(4)} ${name} ${users} ${String(entry.globalUsers).padEnd(5)} ${address}\n`,
      );
    }
  }
  return rows.join("");
}

const SOFTNET_COLUMNS: Readonly<Record<"linux-6.1" | "linux-6.18", number>> = {
  "linux-6.1": 13,
  "linux-6.18": 15,
};

/** One row a CPU of hexadecimal counters: processed, dropped, ...; the CPU's number is the 13th (net-procfs.c). */
function softnetStat(kernel: Kernel): string {
  const { cpus, name } = kernel.profile;
  const rows: string[] = [];
  for (let cpu = 0; cpu < cpus; cpu++) {
    const columns = Array<number>(SOFTNET_COLUMNS[name]).fill(0);
    if (cpu === 0) {
      columns[0] = kernel.softirq.processed;
      columns[1] = kernel.softirq.dropped;
    }
    columns[12] = cpu;
    rows.push(`${columns.map((column) => (column >>> 0).toString(16).padStart(8, "0")).join(" ")}\n`);
  }
  return rows.join("");
}

const NETLINK_HEADER =
  "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n";

/** Netlink sockets of the namespace. The address and inode of a socket are not modelled: zero and its port id. */
function netlinkSockets(netns: Netns): string {
  const rows: string[] = [];
  for (const { protocol, portid, groups } of netns.endpoints) {
    let mask = 0;
    for (const group of groups) if (group <= 32) mask |= 1 << (group - 1);
    const bits = (mask >>> 0).toString(16).padStart(8, "0");
    const head = `${"0".repeat(16)} ${String(protocol).padEnd(3)} ${String(portid).padEnd(10)} ${bits}`;
    rows.push(
      `${head} ${"0".padEnd(8)} ${"0".padEnd(8)} 0        2        0        ${String(portid).padEnd(8)}\n`,
    );
  }
  return NETLINK_HEADER + rows.join("");
}

/** Functions that take a protocol's packets, as /proc/net/ptype names them. */
const RECEIVERS: ReadonlyMap<number, string> = new Map([
  [0x0004, "llc_rcv [llc]"],
  [0x0800, "ip_rcv"],
  [0x0806, "arp_rcv"],
  [0x86dd, "ipv6_rcv"],
]);
const ETH_P_ALL = 3;

/** Who receives which EtherType: sockets first, then protocols in the order of the kernel's table of 16 lists. */
function ptype(netns: Netns): string {
  const rows = ["Type Device      Function\n"];
  const row = (type: number, device: string, receiver: string): void => {
    const name = type === ETH_P_ALL ? "ALL " : type.toString(16).padStart(4, "0");
    rows.push(`${name} ${device.padEnd(8)} ${receiver}\n`);
  };
  for (const tap of netns.taps) row(tap.protocol, tap.device?.name ?? "", "packet_rcv");
  const types = [...netns.kernel.protocols.keys()].sort((a, b) => (a & 15) - (b & 15) || a - b);
  for (const type of types) {
    const receiver = RECEIVERS.get(type);
    if (receiver !== undefined) row(type, "", receiver);
  }
  return rows.join("");
}

/** Makes the files. */
export function installCoreProcNet(kernel: Kernel): void {
  kernel.procNet.set("dev", dev);
  kernel.procNet.set("dev_mcast", devMcast);
  kernel.procNet.set("softnet_stat", () => softnetStat(kernel));
  kernel.procNet.set("ptype", ptype);
  kernel.procNet.set("netlink", netlinkSockets);
}
