// /proc/sys/net/core: settings of the network's core (net/core/sysctl_net_core.c, net/xfrm/xfrm_sysctl.c). Most belong to
// the host and are seen in its first namespace only; a few exist in each. What has no counterpart here (busy polling,
// BPF's compiler, ...) is kept and shown.

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import type { Kernel } from "./kernel.ts";
import type { Netns } from "./netns.ts";
import type { ProfileName } from "./profile.ts";
import { Slot } from "./slot.ts";
import type { Sysctl } from "./sysctl.ts";
import { parseInteger } from "./sysctl.ts";

/** Where a setting exists: once for the host, in each namespace, or shown in each but set in the first. */
type Scope = "host" | "netns" | "shown";

interface Setting {
  readonly name: string;
  readonly value: number | string;
  readonly scope?: Scope;
  readonly mode?: number;
  readonly min?: number;
  readonly max?: number;
  /** Words that a text may be; others are ENOENT. */
  readonly words?: readonly string[];
}

const S32_MAX = 0x7fff_ffff;
const MIN_SEND_BUFFER = 4608; // SOCK_MIN_SNDBUF
const MIN_RECEIVE_BUFFER = 2304; // SOCK_MIN_RCVBUF
/** struct netdev_rss_key before anybody has needed it. */
const NO_KEY = Array<string>(52).fill("00").join(":");
/** Disciplines of the distribution's kernel that a device can have without a module being found for them. */
const DISCIPLINES = [
  "fq_codel",
  "pfifo_fast",
  "pfifo",
  "bfifo",
  "fq",
  "sfq",
  "codel",
  "cake",
  "tbf",
  "noqueue",
];

const COMMON: readonly Setting[] = [
  { name: "bpf_jit_enable", value: 1, min: 0, max: 2 },
  { name: "bpf_jit_harden", value: 0, mode: 0o600, min: 0, max: 2 },
  { name: "bpf_jit_kallsyms", value: 1, mode: 0o600, min: 0, max: 1 },
  { name: "bpf_jit_limit", value: 528482304, mode: 0o600 },
  { name: "busy_poll", value: 0, min: 0 },
  { name: "busy_read", value: 0, min: 0 },
  { name: "default_qdisc", value: "fq_codel", words: DISCIPLINES },
  { name: "dev_weight", value: 64, min: 1 },
  { name: "dev_weight_rx_bias", value: 1, min: 1 },
  { name: "dev_weight_tx_bias", value: 1, min: 1 },
  { name: "devconf_inherit_init_net", value: 0, min: 0, max: 3 },
  { name: "fb_tunnels_only_for_init_net", value: 0, min: 0, max: 2 },
  { name: "flow_limit_cpu_bitmap", value: 0 },
  { name: "flow_limit_table_len", value: 4096 },
  { name: "gro_normal_batch", value: 8, min: 1 },
  { name: "high_order_alloc_disable", value: 0, min: 0, max: 1 },
  { name: "max_skb_frags", value: 17, min: 1, max: 17 },
  { name: "mem_pcpu_rsv", value: 256, min: 256 },
  { name: "message_burst", value: 10 },
  { name: "message_cost", value: 5 },
  { name: "netdev_budget", value: 300 },
  { name: "netdev_budget_usecs", value: 8000, min: 0 },
  { name: "netdev_max_backlog", value: 1000 },
  { name: "netdev_rss_key", value: NO_KEY, mode: 0o444 },
  { name: "netdev_tstamp_prequeue", value: 1 },
  { name: "netdev_unregister_timeout_secs", value: 10, min: 1, max: 3600 },
  { name: "rps_sock_flow_entries", value: 0, min: 0 },
  { name: "skb_defer_max", value: 64, min: 0 },
  { name: "somaxconn", value: 4096, scope: "netns", min: 0 },
  { name: "txrehash", value: 1, scope: "netns", min: 0, max: 255 },
  { name: "warnings", value: 0 },
  { name: "xfrm_acq_expires", value: 30, scope: "netns" },
  { name: "xfrm_aevent_etime", value: 10, scope: "netns" },
  { name: "xfrm_aevent_rseqth", value: 2, scope: "netns" },
  { name: "xfrm_larval_drop", value: 1, scope: "netns" },
];

/** What differs between the kernels: defaults, and which settings namespaces see. */
const OWN: Readonly<Record<ProfileName, readonly Setting[]>> = {
  "linux-6.1": [
    { name: "optmem_max", value: 20480 },
    { name: "rmem_default", value: 212992, min: MIN_RECEIVE_BUFFER },
    { name: "rmem_max", value: 212992, min: MIN_RECEIVE_BUFFER },
    { name: "tstamp_allow_data", value: 1, min: 0, max: 1 },
    { name: "wmem_default", value: 212992, min: MIN_SEND_BUFFER },
    { name: "wmem_max", value: 212992, min: MIN_SEND_BUFFER },
  ],
  "linux-6.18": [
    { name: "optmem_max", value: 131072, scope: "netns", min: 0 },
    { name: "rmem_default", value: 212992, scope: "shown", min: MIN_RECEIVE_BUFFER },
    { name: "rmem_max", value: 4194304, scope: "shown", min: MIN_RECEIVE_BUFFER },
    { name: "rps_default_mask", value: 0, scope: "netns" },
    { name: "tstamp_allow_data", value: 1, scope: "netns", min: 0, max: 1 },
    { name: "wmem_default", value: 212992, scope: "shown", min: MIN_SEND_BUFFER },
    { name: "wmem_max", value: 4194304, scope: "shown", min: MIN_SEND_BUFFER },
  ],
};

const tables = new Map<ProfileName, ReadonlyMap<string, Setting>>();

function tableOf(profile: ProfileName): ReadonlyMap<string, Setting> {
  const known = tables.get(profile);
  if (known) return known;
  const table = new Map([...COMMON, ...OWN[profile]].map((setting) => [setting.name, setting]));
  tables.set(profile, table);
  return table;
}

/** Values that were changed, by namespace; those of the host are with its first one. */
const changed = new Slot<Map<string, number | string>>();

function valueOf(netns: Netns, setting: Setting): number | string {
  const owner = setting.scope === "netns" ? netns : netns.kernel.init;
  return changed.of(owner)?.get(setting.name) ?? setting.value;
}

/** The value of a host-wide setting, such as "devconf_inherit_init_net". */
export function coreSetting(kernel: Kernel, name: string): number {
  const setting = tableOf(kernel.profile.name).get(name);
  if (!setting) throw new Error(`net.core has no ${name}`);
  return Number(valueOf(kernel.init, setting));
}

/** Settings that something else keeps: it is told of the new value. */
function takeEffect(kernel: Kernel, name: string, value: number | string): void {
  if (name === "default_qdisc") kernel.defaultQdisc = String(value);
  else if (name === "netdev_max_backlog") kernel.softirq.limit = Number(value);
  else if (name === "netdev_budget") kernel.softirq.budget = Number(value);
}

function parse(setting: Setting, text: string): number | string {
  if (typeof setting.value === "string") {
    const word = text.trim();
    if (setting.words && !setting.words.includes(word)) throw new Refusal(ERRNO.ENOENT);
    return word;
  }
  const value = parseInteger(text);
  if (value < (setting.min ?? -S32_MAX - 1) || value > (setting.max ?? S32_MAX))
    throw new Refusal(ERRNO.EINVAL);
  return value;
}

function entry(netns: Netns, setting: Setting): Sysctl {
  const mode = setting.scope === "shown" && netns !== netns.kernel.init ? 0o444 : (setting.mode ?? 0o644);
  return {
    path: `net/core/${setting.name}`,
    mode,
    read: () => String(valueOf(netns, setting)),
    write(text) {
      const value = parse(setting, text);
      const values = changed.of(netns) ?? new Map<string, number | string>();
      changed.set(netns, values.set(setting.name, value));
      takeEffect(netns.kernel, setting.name, value);
    },
  };
}

/** Makes the directory. */
export function installCoreSysctls(kernel: Kernel): void {
  const table = tableOf(kernel.profile.name);
  const visible = (netns: Netns, setting: Setting): boolean =>
    netns === kernel.init || setting.scope === "netns" || setting.scope === "shown";
  kernel.sysctlFamilies.push({
    path: "net/core",
    instances: () => [""],
    names: (netns) =>
      [...table.values()].filter((setting) => visible(netns, setting)).map(({ name }) => name),
    value(netns, _instance, name) {
      const setting = table.get(name);
      return setting && visible(netns, setting) ? entry(netns, setting) : undefined;
    },
  });
}
