// /sys/class/net/BRIDGE/{bridge,brif,brforward} (net/bridge/br_sysfs_br.c): what brctl reads and writes.

import { notifyLinkChange } from "../../kernel/device-notify.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { SysfsAttribute, SysfsGroup } from "../../kernel/sysfs-attribute.ts";
import { writeU32Host } from "../../netlink/host-bytes.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { formatMac, parseMac, writeMac } from "../../wire/mac.ts";
import type { BridgeId } from "../../wire/stp.ts";
import type { Bridge } from "./bridge.ts";
import type { BridgeDevice } from "./device.ts";
import { hasExpired } from "./fdb-message.ts";
import { flushLearned } from "./fdb.ts";
import { clockToJiffies, jiffiesToClock, nanosecondsToClock } from "./jiffies.ts";
import { queryInterval } from "./multicast-options.ts";
import {
  setGroupAddress,
  setGroupFwdMask,
  setIgmpVersion,
  setMldVersion,
  setMulticastRouter,
  setSnooping,
} from "./options.ts";
import {
  setAgeingTime,
  setBridgePriority,
  setForwardDelay,
  setHelloTime,
  setMaxAge,
  setStp,
} from "./stp-ports.ts";
import {
  setDefaultPvid,
  setVlanFiltering,
  setVlanProtocol,
  setVlanStats,
  setVlanStatsPerPort,
} from "./vlan.ts";

const HASH_ELASTICITY = 16;
const VID_LIMIT = 0xfff;
/** struct __fdb_entry */
const FDB_RECORD = 16;

export function bridgeOf(device: NetDevice): Bridge {
  return (device as BridgeDevice).bridge; // these groups are offered by bridges only
}

/** br_show_bridge_id(): `8000.0200000000aa`. */
export function formatBridgeId(id: BridgeId): string {
  return `${id.priority.toString(16).padStart(4, "0")}.${formatMac(id.mac).replaceAll(":", "")}`;
}

/** simple_strtoul(text, base 0): the number at the start of the text. Errors: EINVAL if there is none. */
export function leadingNumber(text: string): number {
  const found = /^(0[xX][0-9a-fA-F]+|\d+)/.exec(text)?.[1];
  if (found === undefined) throw new Refusal(ERRNO.EINVAL);
  return /^0[0-7]+/.test(found) ? Number.parseInt(/^[0-7]+/.exec(found)?.[0] ?? "0", 8) : Number(found);
}

type Show = (bridge: Bridge) => string | number;
type Store = (bridge: Bridge, value: number) => void;

function attribute(name: string, show: Show, store?: Store): SysfsAttribute {
  return {
    name,
    mode: store ? 0o644 : 0o444,
    read: (device) => `${show(bridgeOf(device))}\n`,
    ...(store ? { write: (device: NetDevice, text: string) => apply(device, store, text) } : {}),
  };
}

/** store_bridge_parm(), with the netdev_state_change() that follows. */
function apply(device: NetDevice, store: Store, text: string): void {
  store(bridgeOf(device), leadingNumber(text));
  stateChanged(device);
}

function stateChanged(device: NetDevice): void {
  if (!device.up) return;
  device.kernel.tell(device, { type: "change" });
  notifyLinkChange(device, 0);
}

const ticks = (bridge: Bridge, jiffies: number): number => jiffiesToClock(jiffies, bridge.kernel.profile.hz);
const jiffies = (bridge: Bridge, value: number): number => clockToJiffies(value, bridge.kernel.profile.hz);
const bit = (on: boolean): number => (on ? 1 : 0);

/** br_vlan_set_default_pvid(): unlike by netlink, not while VLANs are filtered. */
function storeDefaultPvid(bridge: Bridge, value: number): void {
  if (value >= VID_LIMIT) throw new Refusal(ERRNO.EINVAL);
  if (value === bridge.defaultPvid) return;
  if (bridge.vlanFiltering) throw new Refusal(ERRNO.EPERM);
  setDefaultPvid(bridge, value);
}

const COMMON: readonly SysfsAttribute[] = [
  attribute("forward_delay", (bridge) => ticks(bridge, bridge.forwardDelay), setForwardDelay),
  attribute("hello_time", (bridge) => ticks(bridge, bridge.helloTime), setHelloTime),
  attribute("max_age", (bridge) => ticks(bridge, bridge.maxAge), setMaxAge),
  attribute("ageing_time", (bridge) => ticks(bridge, bridge.ageingTime), setAgeingTime),
  attribute(
    "stp_state",
    (bridge) => bit(bridge.stp),
    (bridge, value) => setStp(bridge, value !== 0),
  ),
  attribute("group_fwd_mask", (bridge) => `0x${bridge.groupFwdMask.toString(16)}`, setGroupFwdMask),
  attribute(
    "priority",
    (bridge) => bridge.id.priority,
    (bridge, value) => setBridgePriority(bridge, value & 0xffff),
  ),
  attribute("bridge_id", (bridge) => formatBridgeId(bridge.id)),
  attribute("root_id", (bridge) => formatBridgeId(bridge.designatedRoot)),
  attribute("root_path_cost", (bridge) => bridge.rootPathCost),
  attribute("root_port", (bridge) => bridge.rootPort),
  attribute("topology_change", (bridge) => bit(bridge.topologyChange)),
  attribute("topology_change_detected", (bridge) => bit(bridge.topologyChangeDetected)),
  attribute("hello_timer", (bridge) => bridge.timers.hello.left),
  attribute("tcn_timer", (bridge) => bridge.timers.tcn.left),
  attribute("topology_change_timer", (bridge) => bridge.timers.topologyChange.left),
  attribute("gc_timer", (bridge) => bridge.timers.gc.left),
  {
    name: "group_addr",
    mode: 0o644,
    read: (device) => `${formatMac(bridgeOf(device).groupAddress)}\n`,
    write(device, text) {
      const mac = parseMac(text.trim());
      if (mac === undefined) throw new Refusal(ERRNO.EINVAL);
      setGroupAddress(bridgeOf(device), mac);
      stateChanged(device);
    },
  },
  { name: "flush", mode: 0o200, write: (device, text) => apply(device, flushLearned, text) },
  attribute(
    "no_linklocal_learn",
    (bridge) => bit(bridge.noLinklocalLearn),
    (bridge, value) => {
      bridge.noLinklocalLearn = value !== 0;
    },
  ),
  attribute(
    "nf_call_iptables",
    (bridge) => bit(bridge.nfCallIptables),
    (bridge, value) => {
      bridge.nfCallIptables = value !== 0;
    },
  ),
  attribute(
    "nf_call_ip6tables",
    (bridge) => bit(bridge.nfCallIp6tables),
    (bridge, value) => {
      bridge.nfCallIp6tables = value !== 0;
    },
  ),
  attribute(
    "nf_call_arptables",
    (bridge) => bit(bridge.nfCallArptables),
    (bridge, value) => {
      bridge.nfCallArptables = value !== 0;
    },
  ),
];

/** Options of snooping that are plain numbers or switches. */
type NumberOption = "hashMax" | "lastMemberCount" | "startupQueryCount";
type SwitchOption = "queryUseIfaddr" | "querier" | "statsEnabled";
type IntervalOption =
  "lastMemberInterval" | "membershipInterval" | "querierInterval" | "queryResponseInterval";
type QueryOption = "queryInterval" | "startupQueryInterval";

const number = (name: string, key: NumberOption): SysfsAttribute =>
  attribute(
    name,
    ({ multicast }) => multicast[key],
    ({ multicast }, value) => {
      multicast[key] = value;
    },
  );
const toggle = (name: string, key: SwitchOption): SysfsAttribute =>
  attribute(
    name,
    ({ multicast }) => bit(multicast[key]),
    ({ multicast }, value) => {
      multicast[key] = value !== 0;
    },
  );
const interval = (name: string, key: IntervalOption): SysfsAttribute =>
  attribute(
    name,
    (bridge) => ticks(bridge, bridge.multicast[key]),
    (bridge, value) => {
      bridge.multicast[key] = jiffies(bridge, value);
    },
  );
const query = (name: string, key: QueryOption): SysfsAttribute =>
  attribute(
    name,
    (bridge) => ticks(bridge, bridge.multicast[key]),
    (bridge, value) => {
      bridge.multicast[key] = queryInterval(value, bridge.kernel.profile.hz);
    },
  );

const MULTICAST: readonly SysfsAttribute[] = [
  attribute("multicast_router", ({ multicast }) => multicast.router, setMulticastRouter),
  attribute(
    "multicast_snooping",
    ({ multicast }) => bit(multicast.snooping),
    (bridge, value) => setSnooping(bridge, value !== 0),
  ),
  toggle("multicast_querier", "querier"),
  toggle("multicast_query_use_ifaddr", "queryUseIfaddr"),
  toggle("multicast_stats_enabled", "statsEnabled"),
  attribute(
    "hash_elasticity",
    () => HASH_ELASTICITY,
    () => {},
  ),
  number("hash_max", "hashMax"),
  number("multicast_last_member_count", "lastMemberCount"),
  number("multicast_startup_query_count", "startupQueryCount"),
  interval("multicast_last_member_interval", "lastMemberInterval"),
  interval("multicast_membership_interval", "membershipInterval"),
  interval("multicast_querier_interval", "querierInterval"),
  query("multicast_query_interval", "queryInterval"),
  interval("multicast_query_response_interval", "queryResponseInterval"),
  query("multicast_startup_query_interval", "startupQueryInterval"),
  attribute("multicast_igmp_version", ({ multicast }) => multicast.igmpVersion, setIgmpVersion),
  attribute("multicast_mld_version", ({ multicast }) => multicast.mldVersion, setMldVersion),
];

const VLAN: readonly SysfsAttribute[] = [
  attribute(
    "vlan_filtering",
    (bridge) => bit(bridge.vlanFiltering),
    (bridge, value) => setVlanFiltering(bridge, value !== 0),
  ),
  attribute(
    "vlan_protocol",
    (bridge) => `0x${bridge.vlanProtocol.toString(16).padStart(4, "0")}`,
    setVlanProtocol,
  ),
  attribute("default_pvid", (bridge) => bridge.defaultPvid, storeDefaultPvid),
  attribute("vlan_stats_enabled", (bridge) => bit(bridge.vlanStats), setVlanStats),
  attribute("vlan_stats_per_port", (bridge) => bit(bridge.vlanStatsPerPort), setVlanStatsPerPort),
].map((each) => ({ ...each, shown: (device: NetDevice) => device.kernel.profile.bridgeVlanFiltering }));

/** br_fdb_fillbuf(): entries that are behind a port, as struct __fdb_entry. */
function forwardingTable(device: NetDevice): Uint8Array {
  const bridge = bridgeOf(device);
  const { clock, profile } = bridge.kernel;
  const entries = [...bridge.fdb.entries()].filter(
    (entry) => entry.port !== undefined && !hasExpired(bridge, entry),
  );
  const bytes = new Uint8Array(entries.length * FDB_RECORD);
  entries.forEach((entry, index) => {
    const at = index * FDB_RECORD;
    const port = entry.port?.number ?? 0;
    writeMac(bytes, at, entry.mac);
    bytes[at + 6] = port & 0xff;
    bytes[at + 7] = entry.local ? 1 : 0;
    writeU32Host(bytes, at + 8, entry.fixed ? 0 : nanosecondsToClock(clock.now - entry.updated, profile.hz));
    bytes[at + 12] = port >> 8;
  });
  return bytes;
}

/** The groups of a bridge's directory. */
export const bridgeGroups: readonly SysfsGroup[] = [
  { name: "bridge", attributes: [...COMMON, ...MULTICAST, ...VLAN] },
  {
    name: "brif",
    attributes: [],
    // The kernel makes one link after the other; the newest port is first in its own list.
    links: (device) =>
      bridgeOf(device)
        .ports.toReversed()
        .map((port) => ({ name: port.device.name, target: `../../${port.device.name}/brport` })),
  },
  { name: "", attributes: [{ name: "brforward", mode: 0o444, size: 0, read: forwardingTable }] },
];
