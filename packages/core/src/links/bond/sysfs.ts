// /sys/class/net/BOND/bonding and /sys/class/net/PORT/bonding_slave (bond_sysfs.c, bond_sysfs_slave.c), to read.

import type { NetDevice } from "../../kernel/device.ts";
import type { SysfsAttribute, SysfsGroup } from "../../kernel/sysfs-attribute.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import { formatMac } from "../../wire/mac.ts";
import type { Bond, BondPort } from "./bond.ts";
import { LINK, portOf } from "./bond.ts";
import type { BondDevice } from "./device.ts";
import { BOND_WORDS } from "./netlink.ts";
import { MODE, usesPrimary } from "./options.ts";

function value(name: string, read: (bond: Bond) => string | number): SysfsAttribute {
  return { name, mode: 0o644, read: (device) => `${read((device as BondDevice).bond)}\n` };
}

function word(name: string, key: keyof typeof BOND_WORDS): SysfsAttribute {
  return value(name, ({ options }) => `${BOND_WORDS[key][options[key]]} ${options[key]}`);
}

const names = (ports: readonly BondPort[]): string => ports.map(({ device }) => device.name).join(" ");

const ATTRIBUTES: readonly SysfsAttribute[] = [
  {
    name: "slaves",
    mode: 0o644,
    read: (device) => {
      const { ports } = (device as BondDevice).bond;
      return ports.length === 0 ? "" : `${names(ports)}\n`;
    },
  },
  word("mode", "mode"),
  word("fail_over_mac", "failOverMac"),
  word("arp_validate", "arpValidate"),
  word("arp_all_targets", "arpAllTargets"),
  value("arp_interval", ({ options }) => options.arpInterval),
  value("arp_ip_target", ({ arpTargets }) =>
    arpTargets.map((target) => formatIpv4(readIpv4Address(target, 0))).join(" "),
  ),
  value("downdelay", ({ options }) => options.downdelay),
  value("updelay", ({ options }) => options.updelay),
  value("peer_notif_delay", ({ options }) => options.peerNotifDelay),
  word("lacp_active", "lacpActive"),
  word("lacp_rate", "lacpRate"),
  word("ad_select", "adSelect"),
  word("xmit_hash_policy", "xmitHashPolicy"),
  value("num_grat_arp", ({ options }) => options.numPeerNotif),
  value("num_unsol_na", ({ options }) => options.numPeerNotif),
  value("miimon", ({ options }) => options.miimon),
  value("primary", ({ primary }) => primary?.device.name ?? ""),
  word("primary_reselect", "primaryReselect"),
  value("use_carrier", ({ options }) => options.useCarrier),
  value("active_slave", ({ active, options }) =>
    usesPrimary(options.mode) ? (active?.device.name ?? "") : "",
  ),
  { ...value("mii_status", ({ device }) => (device.carrier ? "up" : "down")), mode: 0o444 },
  value("queue_id", ({ ports }) => ports.map(({ device, queueId }) => `${device.name}:${queueId}`).join(" ")),
  value("all_slaves_active", ({ options }) => options.allSlavesActive),
  value("resend_igmp", ({ options }) => options.resendIgmp),
  value("min_links", ({ options }) => options.minLinks),
  value("lp_interval", ({ options }) => options.lpInterval),
  value("packets_per_slave", ({ options }) => options.packetsPerSlave),
  value("tlb_dynamic_lb", ({ options }) => options.tlbDynamicLb),
  value("ad_actor_sys_prio", ({ options }) => (options.mode === MODE.LACP ? options.adActorSysPrio : "")),
  value("ad_user_port_key", ({ options }) => (options.mode === MODE.LACP ? options.adUserPortKey : "")),
  value("arp_missed_max", ({ options }) => options.missedMax),
];

export const bondGroups: readonly SysfsGroup[] = [{ name: "bonding", attributes: ATTRIBUTES }];

function portValue(name: string, read: (port: BondPort) => string | number): SysfsAttribute {
  return {
    name,
    mode: 0o444,
    read(device: NetDevice) {
      const port = portOf(device);
      return port === undefined ? "" : `${read(port)}\n`;
    },
  };
}

const LINK_WORDS = ["up", "going down", "down", "going back"];

export const bondPortGroups: readonly SysfsGroup[] = [
  {
    name: "bonding_slave",
    attributes: [
      portValue("state", ({ backup }) => (backup ? "backup" : "active")),
      portValue("mii_status", ({ link }) => LINK_WORDS[link] ?? LINK_WORDS[LINK.DOWN] ?? ""),
      portValue("link_failure_count", ({ linkFailures }) => linkFailures),
      portValue("perm_hwaddr", ({ permanentAddress }) => formatMac(permanentAddress)),
      portValue("queue_id", ({ queueId }) => queueId),
    ],
  },
];
