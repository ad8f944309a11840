// /proc/net/bonding/BOND (drivers/net/bonding/bond_procfs.c), and /sys/class/net/bonding_masters.

import type { Kernel, ProcNetDirectory } from "../../kernel/kernel.ts";
import type { Netns } from "../../kernel/netns.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatMac } from "../../wire/mac.ts";
import type { Bond, BondPort } from "./bond.ts";
import { LINK } from "./bond.ts";
import { BondDevice } from "./device.ts";
import { BOND_WORDS } from "./netlink.ts";
import { MODE, usesPrimary } from "./options.ts";

const MODE_TITLES = [
  "load balancing (round-robin)",
  "fault-tolerance (active-backup)",
  "load balancing (xor)",
  "fault-tolerance (broadcast)",
  "IEEE 802.3ad Dynamic link aggregation",
  "transmit load balancing",
  "adaptive load balancing",
];
const LINK_WORDS = ["up", "going down", "down", "going back"];
const DUPLEX_FULL = 1;

function bondsOf(netns: Netns): BondDevice[] {
  return [...netns.devices.values()].filter((device) => device instanceof BondDevice);
}

/** bond_info_show_master() */
function masterText({ options, device, active, primary, arpTargets }: Bond): string {
  const { mode } = options;
  const lines: string[] = [`Bonding Mode: ${MODE_TITLES[mode]}`];
  if (mode === MODE.ACTIVE_BACKUP && options.failOverMac !== 0) {
    lines[0] += ` (fail_over_mac ${BOND_WORDS.failOverMac[options.failOverMac]})`;
  }
  if (mode === MODE.BALANCE_XOR || mode === MODE.LACP || mode === MODE.BALANCE_TLB) {
    lines.push(
      `Transmit Hash Policy: ${BOND_WORDS.xmitHashPolicy[options.xmitHashPolicy]} (${options.xmitHashPolicy})`,
    );
  }
  if (usesPrimary(mode)) {
    const reselect = BOND_WORDS.primaryReselect[options.primaryReselect];
    lines.push(
      `Primary Slave: ${primary?.device.name ?? "None"}${primary ? ` (primary_reselect ${reselect})` : ""}`,
    );
    lines.push(`Currently Active Slave: ${active?.device.name ?? "None"}`);
  }
  lines.push(
    `MII Status: ${device.carrier ? "up" : "down"}`,
    `MII Polling Interval (ms): ${options.miimon}`,
    `Up Delay (ms): ${options.updelay}`,
    `Down Delay (ms): ${options.downdelay}`,
    `Peer Notification Delay (ms): ${options.peerNotifDelay}`,
  );
  if (options.arpInterval > 0) {
    const targets = arpTargets.map((target) => formatIpv4(readIpv4Address(target, 0)));
    lines.push(
      `ARP Polling Interval (ms): ${options.arpInterval}`,
      `ARP Missed Max: ${options.missedMax}`,
      `ARP IP target/s (n.n.n.n form): ${targets.join(", ")}`,
      `NS IPv6 target/s (xx::xx form):`,
    );
  }
  if (mode === MODE.LACP) {
    lines.push(
      "",
      "802.3ad info",
      `LACP active: ${BOND_WORDS.lacpActive[options.lacpActive]}`,
      `LACP rate: ${BOND_WORDS.lacpRate[options.lacpRate]}`,
      `Min links: ${options.minLinks}`,
      `Aggregator selection policy (ad_select): ${BOND_WORDS.adSelect[options.adSelect]}`,
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** bond_info_show_slave() */
function portText({ device, link, linkFailures, permanentAddress, queueId }: BondPort): string {
  const settings = device.ethtool?.linkSettings?.(device);
  const speed = settings === undefined || settings.speed < 0 ? "Unknown" : `${settings.speed} Mbps`;
  const duplex =
    settings === undefined || settings.duplex > 1
      ? "Unknown"
      : settings.duplex === DUPLEX_FULL
        ? "full"
        : "half";
  return [
    "",
    `Slave Interface: ${device.name}`,
    `MII Status: ${LINK_WORDS[link] ?? LINK_WORDS[LINK.DOWN]}`,
    `Speed: ${speed}`,
    `Duplex: ${duplex}`,
    `Link Failure Count: ${linkFailures}`,
    `Permanent HW addr: ${formatMac(permanentAddress)}`,
    `Slave queue ID: ${queueId}`,
    "",
  ].join("\n");
}

const directory: ProcNetDirectory = {
  names: (netns) => bondsOf(netns).map(({ name }) => name),
  read(netns, name) {
    const device = netns.device(name);
    if (!(device instanceof BondDevice)) return "";
    const { bond } = device;
    const head = `Ethernet Channel Bonding Driver: v${device.kernel.profile.release}\n\n`;
    return head + masterText(bond) + bond.ports.map(portText).join("");
  },
};

export function installBondProc(kernel: Kernel): void {
  kernel.procNetDirectories.set("bonding", directory);
  kernel.sysClassNet.set("bonding_masters", (netns) => {
    const names = bondsOf(netns).map(({ name }) => name);
    return names.length === 0 ? "" : `${names.join(" ")}\n`;
  });
}
