// net/ipv4/* and net/ipv4/route/* (net/ipv4/sysctl_net_ipv4.c, route.c, ip_fragment.c). Settings that IPv4 reads are in
// settings.ts; those that have no counterpart here (TCP's, until it comes) are kept and shown, see kept-sysctls.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { ProfileName } from "../profile.ts";
import type { Sysctl, SysctlFamily } from "../sysctl.ts";
import { integerSysctl, parseInteger } from "../sysctl.ts";
import { forwardingSysctl } from "./configuration-sysctls.ts";
import { keptSysctls } from "./kept-sysctls.ts";
import type { Ipv4Netns, Ipv4Stack } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import type { Ipv4Settings } from "./settings.ts";

const S32_MAX = 0x7fff_ffff;
const U8_MAX = 255;

/** Limits of a setting; absent ones are those of an int. */
interface Rules {
  readonly key: keyof Ipv4Settings;
  readonly min?: number;
  readonly max?: number;
  /** Decisions depend on it. */
  readonly flush?: boolean;
  readonly only?: ProfileName;
}

function switchOf(key: keyof Ipv4Settings, flush = false): Rules {
  return { key, min: 0, max: 1, flush };
}

function byteOf(key: keyof Ipv4Settings, min = 0, max = U8_MAX): Rules {
  return { key, min, max };
}

const SETTINGS: ReadonlyMap<string, Rules> = new Map<string, Rules>([
  ["ip_default_ttl", byteOf("defaultTtl", 1)],
  ["ip_no_pmtu_disc", byteOf("noPmtuDisc", 0, 3)],
  ["ip_forward_use_pmtu", byteOf("forwardUsePmtu")],
  ["ip_forward_update_priority", switchOf("forwardUpdatePriority")],
  ["ip_nonlocal_bind", byteOf("nonlocalBind")],
  ["ip_dynaddr", byteOf("dynaddr")],
  ["ip_early_demux", byteOf("earlyDemux")],
  ["ip_autobind_reuse", switchOf("autobindReuse")],
  ["ip_unprivileged_port_start", { key: "unprivilegedPortStart", min: 0, max: 65_535 }],
  ["fwmark_reflect", byteOf("fwmarkReflect")],
  ["icmp_echo_ignore_all", switchOf("icmpEchoIgnoreAll")],
  ["icmp_echo_ignore_broadcasts", switchOf("icmpEchoIgnoreBroadcasts")],
  ["icmp_echo_enable_probe", switchOf("icmpEchoEnableProbe")],
  ["icmp_ignore_bogus_error_responses", switchOf("icmpIgnoreBogusErrors")],
  ["icmp_errors_use_inbound_ifaddr", switchOf("icmpErrorsUseInboundAddress")],
  ["icmp_ratelimit", { key: "icmpRateLimit" }],
  ["icmp_ratemask", { key: "icmpRateMask" }],
  ["igmp_link_local_mcast_reports", byteOf("igmpLinkLocalReports")],
  ["igmp_max_memberships", { key: "igmpMaxMemberships" }],
  ["igmp_max_msf", { key: "igmpMaxSources" }],
  ["igmp_qrv", { key: "igmpRobustness", min: 1 }],
  ["ipfrag_time", { key: "fragmentTime" }],
  ["ipfrag_max_dist", { key: "fragmentMaxDistance", min: 0 }],
  ["fib_multipath_hash_policy", { key: "multipathHashPolicy", min: 0, max: 3, flush: true }],
  ["fib_multipath_hash_fields", { key: "multipathHashFields", min: 1, max: 0xfff, flush: true }],
  ["fib_multipath_use_neigh", switchOf("multipathUseNeighbour", true)],
  ["fib_notify_on_flag_change", { key: "notifyOnFlagChange", min: 0, max: 2 }],
  ["nexthop_compat_mode", switchOf("nexthopCompatible")],
  ["raw_l3mdev_accept", switchOf("rawL3mdevAccept")],
  ["udp_l3mdev_accept", switchOf("udpL3mdevAccept")],
  ["udp_early_demux", byteOf("udpEarlyDemux")],
  ["udp_rmem_min", { key: "udpReadMinimum", min: 1 }],
  ["udp_wmem_min", { key: "udpWriteMinimum", min: 1 }],
]);

const ROUTE_SETTINGS: ReadonlyMap<string, Rules> = new Map<string, Rules>([
  ["min_pmtu", { key: "minPmtu", min: 68, flush: true }],
  ["mtu_expires", { key: "mtuExpires" }],
  ["min_adv_mss", { key: "minAdvertisedMss" }],
]);

function settingSysctl(inet: Ipv4Netns, path: string, rules: Rules): Sysctl {
  return integerSysctl(path, inet.settings, rules.key, {
    min: rules.min ?? -S32_MAX - 1,
    max: rules.max ?? S32_MAX,
    changed: () => {
      if (rules.flush === true) inet.routesChanged();
    },
  });
}

/** Numbers of a text, as proc_dointvec and its kin take several. Errors: EINVAL. */
function parseNumbers(text: string, count: number): number[] {
  const numbers = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => parseInteger(word));
  if (numbers.length === 0 || numbers.length > count) throw new Refusal(ERRNO.EINVAL);
  return numbers;
}

/** What is more than one number with limits. */
const SPECIAL: ReadonlyMap<string, (netns: Netns, inet: Ipv4Netns, path: string) => Sysctl> = new Map([
  ["ip_forward", (netns: Netns, _inet: Ipv4Netns, path: string): Sysctl => forwardingSysctl(netns, path)],
  ["ip_local_port_range", (_netns: Netns, inet: Ipv4Netns, path: string): Sysctl => portRange(inet, path)],
  ["ping_group_range", (_netns: Netns, inet: Ipv4Netns, path: string): Sysctl => groupRange(inet, path)],
  [
    "ipfrag_high_thresh",
    (_netns: Netns, inet: Ipv4Netns, path: string): Sysctl => fragmentLimit(inet, path, true),
  ],
  [
    "ipfrag_low_thresh",
    (_netns: Netns, inet: Ipv4Netns, path: string): Sysctl => fragmentLimit(inet, path, false),
  ],
]);

function portRange({ settings }: Ipv4Netns, path: string): Sysctl {
  return {
    path,
    read: () => `${settings.localPortFirst}\t${settings.localPortLast}`,
    write(text) {
      const [first = settings.localPortFirst, last = settings.localPortLast] = parseNumbers(text, 2);
      const impossible = first < 1 || last > 65_535 || last < first || first < settings.unprivilegedPortStart;
      if (impossible) throw new Refusal(ERRNO.EINVAL);
      settings.localPortFirst = first;
      settings.localPortLast = last;
    },
  };
}

/** A range that is upside down means nobody. */
function groupRange({ settings }: Ipv4Netns, path: string): Sysctl {
  return {
    path,
    read: () => `${settings.pingGroupFirst}\t${settings.pingGroupLast}`,
    write(text) {
      const [first = settings.pingGroupFirst, last = settings.pingGroupLast] = parseNumbers(text, 2);
      if (first < 0 || last < 0) throw new Refusal(ERRNO.EINVAL);
      settings.pingGroupFirst = last < first ? 1 : first;
      settings.pingGroupLast = last < first ? 0 : last;
    },
  };
}

/** The low threshold stays below the high one. */
function fragmentLimit({ settings }: Ipv4Netns, path: string, high: boolean): Sysctl {
  const key = high ? "fragmentHighThreshold" : "fragmentLowThreshold";
  return {
    path,
    read: () => String(settings[key]),
    write(text) {
      const value = parseInteger(text);
      const allowed = high ? value >= settings.fragmentLowThreshold : value <= settings.fragmentHighThreshold;
      if (value < 0 || !allowed) throw new Refusal(ERRNO.EINVAL);
      settings[key] = value;
    },
  };
}

/** Limits for the whole host; namespaces have their own since 6.13. */
const HOST_LIMITS: ReadonlyMap<string, "icmpMessagesPerSecond" | "icmpMessagesBurst"> = new Map([
  ["icmp_msgs_per_sec", "icmpMessagesPerSecond"],
  ["icmp_msgs_burst", "icmpMessagesBurst"],
]);

function family(kernel: Kernel, stack: Ipv4Stack): SysctlFamily {
  const kept = keptSysctls(kernel);
  const hostLimits = (netns: Netns): boolean => netns === kernel.init || kernel.profile.name !== "linux-6.1";
  return {
    path: "net/ipv4",
    instances: () => [""],
    *names(netns) {
      yield* SPECIAL.keys();
      yield* SETTINGS.keys();
      if (hostLimits(netns)) yield* HOST_LIMITS.keys();
      yield* kept.names(netns);
    },
    value(netns, instance, name) {
      if (instance !== "") return undefined;
      const path = `net/ipv4/${name}`;
      const inet = ipv4Of(netns);
      const special = SPECIAL.get(name);
      if (special !== undefined) return special(netns, inet, path);
      const rules = SETTINGS.get(name);
      if (rules !== undefined) return settingSysctl(inet, path, rules);
      const limit = HOST_LIMITS.get(name);
      if (limit !== undefined)
        return hostLimits(netns) ? integerSysctl(path, stack, limit, { min: 0 }) : undefined;
      return kept.value(netns, name, path);
    },
  };
}

/** Jiffies of the parameters of route errors and redirects, which the host keeps (ipv4_route_table). */
function routeConstants(kernel: Kernel): ReadonlyMap<string, string> {
  const { hz } = kernel.profile;
  const load = Math.floor(hz / 50);
  return new Map([
    ["error_burst", String(5 * hz)],
    ["error_cost", String(hz)],
    ["gc_elasticity", "8"],
    ["gc_interval", "60"],
    ["gc_min_interval", "0"],
    ["gc_min_interval_ms", "500"],
    ["gc_thresh", "-1"],
    ["gc_timeout", "300"],
    ["max_size", String(S32_MAX)],
    ["redirect_load", String(load)],
    ["redirect_number", "9"],
    ["redirect_silence", String(load << 10)],
  ]);
}

function routeFamily(kernel: Kernel): SysctlFamily {
  const constants = routeConstants(kernel);
  return {
    path: "net/ipv4/route",
    instances: () => [""],
    *names(netns) {
      yield "flush";
      yield* ROUTE_SETTINGS.keys();
      if (netns === kernel.init) yield* constants.keys();
    },
    value(netns, instance, name) {
      if (instance !== "") return undefined;
      const path = `net/ipv4/route/${name}`;
      const inet = ipv4Of(netns);
      if (name === "flush") return flush(inet, path);
      const rules = ROUTE_SETTINGS.get(name);
      if (rules !== undefined) return settingSysctl(inet, path, rules);
      const text = netns === kernel.init ? constants.get(name) : undefined;
      return text === undefined ? undefined : { path, mode: 0o444, read: () => text };
    },
  };
}

/** `ip route flush cache`: what was learned about destinations is forgotten. */
function flush(inet: Ipv4Netns, path: string): Sysctl {
  return {
    path,
    mode: 0o200,
    read: () => "",
    write() {
      inet.exceptionGeneration++;
      inet.routesChanged();
    },
  };
}

export function installIpv4Sysctls(kernel: Kernel, stack: Ipv4Stack): void {
  kernel.sysctlFamilies.push(family(kernel, stack), routeFamily(kernel));
}
