// The settings of IPv4 on one interface, and those of "all" and "default" (struct ipv4_devconf). What a setting does is
// with the code that reads it; what writing it does is in configuration-sysctls.ts.
// Rules: Documentation/networking/ip-sysctl.rst.

/** Numbers as /proc/sys/net/ipv4/conf shows them. Intervals are milliseconds. */
export class InterfaceConfiguration {
  forwarding = 0;
  mcForwarding = 0;
  proxyArp = 0;
  acceptRedirects = 1;
  secureRedirects = 1;
  sendRedirects = 1;
  sharedMedia = 1;
  rpFilter = 0;
  acceptSourceRoute = 0;
  bootpRelay = 0;
  logMartians = 0;
  tag = 0;
  arpFilter = 0;
  mediumId = 0;
  disableXfrm = 0;
  disablePolicy = 0;
  forceIgmpVersion = 0;
  arpAnnounce = 0;
  arpIgnore = 0;
  promoteSecondaries = 0;
  arpAccept = 0;
  arpNotify = 0;
  acceptLocal = 0;
  srcValidMark = 0;
  proxyArpPvlan = 0;
  routeLocalnet = 0;
  igmpv2ReportInterval = 10_000;
  igmpv3ReportInterval = 1_000;
  ignoreRoutesWithLinkdown = 0;
  dropUnicastInL2Multicast = 0;
  dropGratuitousArp = 0;
  bcForwarding = 0;
  arpEvictNocarrier = 1;
}

export type ConfigurationKey = keyof InterfaceConfiguration;

/** Names under net/ipv4/conf/NAME, in the order of IPV4_DEVCONF_* (linux/ip.h), which IFLA_INET_CONF has too. */
export const CONFIGURATION: readonly (readonly [name: string, key: ConfigurationKey])[] = [
  ["forwarding", "forwarding"],
  ["mc_forwarding", "mcForwarding"],
  ["proxy_arp", "proxyArp"],
  ["accept_redirects", "acceptRedirects"],
  ["secure_redirects", "secureRedirects"],
  ["send_redirects", "sendRedirects"],
  ["shared_media", "sharedMedia"],
  ["rp_filter", "rpFilter"],
  ["accept_source_route", "acceptSourceRoute"],
  ["bootp_relay", "bootpRelay"],
  ["log_martians", "logMartians"],
  ["tag", "tag"],
  ["arp_filter", "arpFilter"],
  ["medium_id", "mediumId"],
  ["disable_xfrm", "disableXfrm"],
  ["disable_policy", "disablePolicy"],
  ["force_igmp_version", "forceIgmpVersion"],
  ["arp_announce", "arpAnnounce"],
  ["arp_ignore", "arpIgnore"],
  ["promote_secondaries", "promoteSecondaries"],
  ["arp_accept", "arpAccept"],
  ["arp_notify", "arpNotify"],
  ["accept_local", "acceptLocal"],
  ["src_valid_mark", "srcValidMark"],
  ["proxy_arp_pvlan", "proxyArpPvlan"],
  ["route_localnet", "routeLocalnet"],
  ["igmpv2_unsolicited_report_interval", "igmpv2ReportInterval"],
  ["igmpv3_unsolicited_report_interval", "igmpv3ReportInterval"],
  ["ignore_routes_with_linkdown", "ignoreRoutesWithLinkdown"],
  ["drop_unicast_in_l2_multicast", "dropUnicastInL2Multicast"],
  ["drop_gratuitous_arp", "dropGratuitousArp"],
  ["bc_forwarding", "bcForwarding"],
  ["arp_evict_nocarrier", "arpEvictNocarrier"],
];

/** The compiled-in defaults of new interfaces (ipv4_devconf_dflt). */
export function defaultConfiguration(): InterfaceConfiguration {
  const configuration = new InterfaceConfiguration();
  configuration.acceptSourceRoute = 1;
  return configuration;
}

export function copyConfiguration(from: InterfaceConfiguration): InterfaceConfiguration {
  return Object.assign(new InterfaceConfiguration(), from);
}
