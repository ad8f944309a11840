// net/ipv4/conf/{all,default,DEV} (devinet_sysctl): writing settings of interfaces, and what that sets off. Also IFLA_AF_SPEC,
// which shows and sets the same numbers.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { NETCONFA_IFINDEX } from "../../netlink/rtnl/netconf.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { LinkFamily } from "../netlink/link-fill.ts";
import type { Netns } from "../netns.ts";
import type { Sysctl } from "../sysctl.ts";
import { parseInteger } from "../sysctl.ts";
import type { ConfigurationKey, InterfaceConfiguration } from "./configuration.ts";
import { CONFIGURATION } from "./configuration.ts";
import type { InetDevice } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import { notifyNetconf } from "./netconf-family.ts";

const KEYS: ReadonlyMap<string, ConfigurationKey> = new Map(CONFIGURATION);
const READ_ONLY: ReadonlySet<string> = new Set(["mc_forwarding"]);

/** Whose settings are written. */
interface Owner {
  readonly inet: Ipv4Netns;
  readonly configuration: InterfaceConfiguration;
  /** As in NETCONFA_IFINDEX. */
  readonly ifindex: number;
  readonly inDevice: InetDevice | undefined;
}

function inetDevices(netns: Netns): InetDevice[] {
  return [...netns.devices.values()].flatMap((device) => inetDevice.of(device) ?? []);
}

function ownerOf(netns: Netns, instance: string): Owner | undefined {
  const inet = ipv4Of(netns);
  if (instance === "all") {
    return { inet, configuration: inet.all, ifindex: NETCONFA_IFINDEX.ALL, inDevice: undefined };
  }
  if (instance === "default") {
    return { inet, configuration: inet.default, ifindex: NETCONFA_IFINDEX.DEFAULT, inDevice: undefined };
  }
  const device = netns.device(instance);
  const inDevice = device?.name === instance ? inetDevice.of(device) : undefined;
  return (
    inDevice && { inet, configuration: inDevice.configuration, ifindex: inDevice.device.ifindex, inDevice }
  );
}

/** Settings whose "default" is only for devices to come: they have handlers of their own (ipv4_doint_and_flush). */
const NEVER_FOLLOWED: ReadonlySet<ConfigurationKey> = new Set<ConfigurationKey>([
  "forwarding",
  "disableXfrm",
  "disablePolicy",
  "promoteSecondaries",
  "routeLocalnet",
  "dropUnicastInL2Multicast",
]);

/** devinet_conf_proc(), devinet_sysctl_forward() */
function write(owner: Owner, key: ConfigurationKey, value: number): void {
  const { inet, configuration, inDevice } = owner;
  const old = configuration[key];
  configuration[key] = value;
  if (!NEVER_FOLLOWED.has(key)) {
    inDevice?.keepSetting(key);
    if (configuration === inet.default) {
      for (const other of inetDevices(inet.netns))
        if (other.followsDefault(key)) other.configuration[key] = value;
    }
  }
  inet.routesChanged();
  if (old === value) return;
  if (key === "forwarding" && configuration === inet.all) changeForwarding(inet);
  else notifyNetconf(inet, owner.ifindex, configuration, key);
}

/** inet_forward_change(): all devices become those of a router, or of a host (RFC 1812; RFC 1122). */
function changeForwarding(inet: Ipv4Netns): void {
  const on = inet.all.forwarding;
  inet.all.acceptRedirects = on === 0 ? 1 : 0;
  inet.default.forwarding = on;
  notifyNetconf(inet, NETCONFA_IFINDEX.ALL, inet.all, "forwarding");
  notifyNetconf(inet, NETCONFA_IFINDEX.DEFAULT, inet.default, "forwarding");
  for (const inDevice of inetDevices(inet.netns)) {
    inDevice.keepSetting("forwarding");
    inDevice.configuration.forwarding = on;
    notifyNetconf(inet, inDevice.device.ifindex, inDevice.configuration, "forwarding");
  }
  inet.routesChanged();
}

/** net/ipv4/ip_forward is another name of net/ipv4/conf/all/forwarding. */
export function forwardingSysctl(netns: Netns, path: string): Sysctl {
  const inet = ipv4Of(netns);
  const owner: Owner = { inet, configuration: inet.all, ifindex: NETCONFA_IFINDEX.ALL, inDevice: undefined };
  return {
    path,
    read: () => String(inet.all.forwarding),
    write: (text) => write(owner, "forwarding", parseInteger(text)),
  };
}

const PATH = "net/ipv4/conf";

/** The numbers of IFLA_INET_CONF, and setting them by their place. */
const linkFamily: LinkFamily = {
  fill(device) {
    const inDevice = inetDevice.of(device);
    if (inDevice === undefined) return {};
    return { inet: { conf: CONFIGURATION.map(([, key]) => inDevice.configuration[key]) } };
  },
  validate(device, { inet }) {
    if (inet === undefined) return;
    if (device !== undefined && inetDevice.of(device) === undefined) throw new Refusal(ERRNO.EAFNOSUPPORT);
    for (const [number] of requested(inet.conf ?? [])) {
      if (number < 1 || number > CONFIGURATION.length) throw new Refusal(ERRNO.EINVAL);
    }
  },
  set(device: NetDevice, { inet }) {
    const inDevice = inetDevice.of(device);
    if (inDevice === undefined || inet === undefined) return;
    for (const [number, value] of requested(inet.conf ?? [])) {
      const key = CONFIGURATION[number - 1]?.[1];
      if (key === undefined) continue;
      inDevice.keepSetting(key);
      inDevice.configuration[key] = value;
    }
    inDevice.inet.routesChanged();
  },
};

/**
 * A request nests attributes where an answer has a plain array: pairs of a header (length and number of a setting) and a value.
 */
function* requested(words: readonly number[]): Generator<readonly [number: number, value: number]> {
  for (let at = 0; at + 1 < words.length; at += 2) yield [(words[at] ?? 0) >>> 16, words[at + 1] ?? 0];
}

export function installConfiguration(kernel: Kernel): void {
  kernel.linkFamilies.push(linkFamily);
  kernel.sysctlFamilies.push({
    path: PATH,
    *instances(netns) {
      yield "all";
      yield "default";
      for (const { device } of inetDevices(netns)) yield device.name;
    },
    names: () => KEYS.keys(),
    value(netns, instance, name) {
      const key = KEYS.get(name);
      const owner = key === undefined ? undefined : ownerOf(netns, instance);
      if (key === undefined || owner === undefined) return undefined;
      const path = `${PATH}/${instance}/${name}`;
      const read = (): string => String(owner.configuration[key]);
      if (READ_ONLY.has(name)) return { path, mode: 0o444, read };
      return { path, read, write: (text) => write(owner, key, parseInteger(text)) };
    },
  });
}
