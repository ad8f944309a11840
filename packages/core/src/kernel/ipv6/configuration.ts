// The settings of IPv6 on one interface, and those of "all" and "default" (struct ipv6_devconf): names, places in the
// DEVCONF array of IFLA_INET6_CONF, defaults. Numbers have the unit that /proc/sys shows. What a setting does is with the code
// that reads it; what writing it does is in sysctl-interface.ts. Rules: Documentation/networking/ip-sysctl.rst.

import type { ProfileName } from "../profile.ts";

/** Adds what a DEVCONF element has in another unit than the sysctl. */
type DevconfUnit = "plain" | "seconds as milliseconds";

interface Setting {
  /** Place in the array of IFLA_INET6_CONF (DEVCONF_* of linux/ipv6.h). */
  readonly place: number;
  /** Value in a new namespace of a machine's init namespace. */
  readonly standard: number;
  readonly unit: DevconfUnit;
  /** Only in kernels of this profile. */
  readonly since: ProfileName | undefined;
}

function setting(place: number, standard: number, unit: DevconfUnit = "plain", since?: ProfileName): Setting {
  return { place, standard, unit, since };
}

/** A setting that no DEVCONF element shows. */
const NOWHERE = -1;

/** By sysctl name under net/ipv6/conf/NAME. */
export const SETTINGS = {
  forwarding: setting(0, 0),
  hop_limit: setting(1, 64),
  mtu: setting(2, 1280),
  accept_ra: setting(3, 1),
  accept_redirects: setting(4, 1),
  autoconf: setting(5, 1),
  dad_transmits: setting(6, 1),
  router_solicitations: setting(7, -1),
  /** Seconds. */
  router_solicitation_interval: setting(8, 4, "seconds as milliseconds"),
  /** Seconds. */
  router_solicitation_delay: setting(9, 1, "seconds as milliseconds"),
  use_tempaddr: setting(10, 0),
  /** Seconds, as the next one. */
  temp_valid_lft: setting(11, 604800),
  temp_prefered_lft: setting(12, 86400),
  regen_max_retry: setting(13, 3),
  max_desync_factor: setting(14, 600),
  max_addresses: setting(15, 16),
  force_mld_version: setting(16, 0),
  accept_ra_defrtr: setting(17, 1),
  accept_ra_pinfo: setting(18, 1),
  accept_ra_rtr_pref: setting(19, 1),
  /** Seconds. */
  router_probe_interval: setting(20, 60, "seconds as milliseconds"),
  accept_ra_rt_info_max_plen: setting(21, 0),
  proxy_ndp: setting(22, 0),
  optimistic_dad: setting(23, 0),
  accept_source_route: setting(24, 0),
  mc_forwarding: setting(25, 0),
  disable_ipv6: setting(26, 0),
  accept_dad: setting(27, 0),
  force_tllao: setting(28, 0),
  ndisc_notify: setting(29, 0),
  /** Milliseconds, as the next one. */
  mldv1_unsolicited_report_interval: setting(30, 10000),
  mldv2_unsolicited_report_interval: setting(31, 1000),
  suppress_frag_ndisc: setting(32, 1),
  accept_ra_from_local: setting(33, 0),
  use_optimistic: setting(34, 0),
  accept_ra_mtu: setting(35, 1),
  use_oif_addrs_only: setting(37, 0),
  accept_ra_min_hop_limit: setting(38, 1),
  ignore_routes_with_linkdown: setting(39, 0),
  drop_unicast_in_l2_multicast: setting(40, 0),
  drop_unsolicited_na: setting(41, 0),
  keep_addr_on_down: setting(42, 0),
  /** Seconds. */
  router_solicitation_max_interval: setting(43, 3600, "seconds as milliseconds"),
  seg6_enabled: setting(44, 0),
  seg6_require_hmac: setting(45, 0),
  enhanced_dad: setting(46, 1),
  addr_gen_mode: setting(47, 0),
  disable_policy: setting(48, 0),
  accept_ra_rt_info_min_plen: setting(49, 0),
  ndisc_tclass: setting(50, 0),
  rpl_seg_enabled: setting(51, 0),
  ra_defrtr_metric: setting(52, 1024),
  ioam6_enabled: setting(53, 0),
  ioam6_id: setting(54, 0xffff),
  ioam6_id_wide: setting(55, 0xffff_ffff),
  ndisc_evict_nocarrier: setting(56, 1),
  accept_untracked_na: setting(57, 0),
  accept_ra_min_lft: setting(58, 0),
  force_forwarding: setting(59, 0, "plain", "linux-6.18"),
  ra_honor_pio_life: setting(NOWHERE, 0, "plain", "linux-6.18"),
  ra_honor_pio_pflag: setting(NOWHERE, 0, "plain", "linux-6.18"),
  regen_min_advance: setting(NOWHERE, 2, "plain", "linux-6.18"),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Values by sysctl name. */
export type Configuration = Record<SettingName, number>;

/** IN6_ADDR_GEN_MODE_* */
export const ADDRESS_GENERATION = { EUI64: 0, NONE: 1, STABLE_PRIVACY: 2, RANDOM: 3 } as const;

const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The settings that kernels of a profile have, in the order of their sysctl files. */
export function settingsOf(profile: ProfileName): SettingName[] {
  return SETTING_NAMES.filter(
    (name) => SETTINGS[name].since === undefined || SETTINGS[name].since === profile,
  );
}

/** The values of "all". */
export function configurationOfAll(): Configuration {
  const values: Partial<Configuration> = {};
  for (const name of SETTING_NAMES) {
    const { standard } = SETTINGS[name];
    // Small integers as such: read from SETTINGS they are boxed doubles, since one of them needs that.
    values[name] = (standard | 0) === standard ? standard | 0 : standard;
  }
  return values as Configuration;
}

/** The values of "default": a new device does duplicate address detection. */
export function configurationOfDefault(): Configuration {
  return { ...configurationOfAll(), accept_dad: 1 };
}

interface DevconfLayout {
  readonly names: readonly SettingName[];
  readonly length: number;
}

const layouts = new Map<ProfileName, DevconfLayout>();

function layoutOf(profile: ProfileName): DevconfLayout {
  let layout = layouts.get(profile);
  if (!layout) {
    const names = settingsOf(profile).filter((name) => SETTINGS[name].place !== NOWHERE);
    layout = { names, length: Math.max(...names.map((name) => SETTINGS[name].place)) + 1 };
    layouts.set(profile, layout);
  }
  return layout;
}

/** IFLA_INET6_CONF: the values in the order of their DEVCONF numbers; places without a setting are 0. */
export function devconfArray(values: Configuration, profile: ProfileName): number[] {
  const { names, length } = layoutOf(profile);
  const array = new Array<number>(length).fill(0);
  for (const name of names) {
    const { place, unit } = SETTINGS[name];
    array[place] = unit === "plain" ? values[name] | 0 : values[name] * 1000;
  }
  return array;
}
