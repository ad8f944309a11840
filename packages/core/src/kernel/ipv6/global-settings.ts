// Settings of IPv6 that hold for a whole namespace: net/ipv6/NAME, net/ipv6/icmp/NAME, net/ipv6/route/NAME
// (Documentation/networking/ip-sysctl.rst). sysctl-namespace.ts makes the files.

import type { ProfileName } from "../profile.ts";

/** Values by their path below net/ipv6. */
export type GlobalSettings = ReturnType<typeof globalSettings>;

export type GlobalSettingName = keyof GlobalSettings;

/** A new namespace's values. */
export function globalSettings(profile: ProfileName): Record<keyof typeof STANDARD, number> {
  return profile === "linux-6.18" ? { ...STANDARD, "icmp/ratelimit": 100 } : { ...STANDARD };
}

const STANDARD = {
  anycast_src_echo_reply: 0,
  auto_flowlabels: 1,
  bindv6only: 0,
  fib_multipath_hash_fields: 7,
  fib_multipath_hash_policy: 0,
  fib_notify_on_flag_change: 0,
  flowlabel_consistency: 1,
  flowlabel_reflect: 0,
  flowlabel_state_ranges: 0,
  fwmark_reflect: 0,
  /** Seconds. */
  idgen_delay: 1,
  idgen_retries: 3,
  ioam6_id: 0xff_ffff,
  ip6frag_high_thresh: 4 * 1024 * 1024,
  ip6frag_low_thresh: 3 * 1024 * 1024,
  /** Seconds. */
  ip6frag_time: 60,
  ip_nonlocal_bind: 0,
  max_dst_opts_length: 0x7fff_ffff,
  max_dst_opts_number: 8,
  max_hbh_length: 0x7fff_ffff,
  max_hbh_opts_number: 8,
  seg6_flowlabel: 0,
  "icmp/echo_ignore_all": 0,
  "icmp/echo_ignore_anycast": 0,
  "icmp/echo_ignore_multicast": 0,
  "icmp/error_anycast_as_unicast": 0,
  /** Milliseconds. */
  "icmp/ratelimit": 1000,
  "route/gc_elasticity": 9,
  /** Seconds. */
  "route/gc_interval": 30,
  "route/gc_min_interval": 0,
  "route/gc_min_interval_ms": 500,
  "route/gc_thresh": 1024,
  "route/gc_timeout": 60,
  "route/max_size": 0x7fff_ffff,
  "route/min_adv_mss": 1220,
  /** Seconds. */
  "route/mtu_expires": 600,
  "route/skip_notify_on_dev_down": 0,
} satisfies Record<string, number>;

/** Settings that came after 6.1. */
const NEWER: readonly GlobalSettingName[] = ["icmp/error_anycast_as_unicast"];

/** The settings that kernels of a profile have. */
export function globalSettingsOf(profile: ProfileName): GlobalSettingName[] {
  const names = Object.keys(STANDARD) as GlobalSettingName[];
  return profile === "linux-6.18" ? names : names.filter((name) => !NEWER.includes(name));
}
