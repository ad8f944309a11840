// net/ipv6/conf/{all,default,NAME}/*: ranges, and what writing a value sets off (addrconf_sysctl_* in net/ipv6/addrconf.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { NETCONFA_IFINDEX } from "../../netlink/rtnl/netconf.ts";
import { IFA_F } from "../../netlink/rtnl/address.ts";
import { ipv6FromGroups, parseIpv6 } from "../../wire/ipv6-address.ts";
import { IPV6_MIN_MTU } from "../../wire/ipv6.ts";
import { IFF } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { IntegerRules, Sysctl } from "../sysctl.ts";
import { integerSysctl } from "../sysctl.ts";
import { interfaceDown, interfaceUp, reconfigure } from "./addrconf.ts";
import { joinSubnetRouter, leaveSubnetRouter } from "./address-life.ts";
import type { Configuration, SettingName } from "./configuration.ts";
import { ADDRESS_GENERATION, settingsOf } from "./configuration.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { checkGenerationMode } from "./link-family.ts";
import { joinGroup, leaveGroup } from "./mcast.ts";
import { notifyNetconf } from "./netconf.ts";
import type { NetconfSetting } from "./netconf.ts";
import { purgeDefaultRouters } from "./router-advertisement.ts";
import { secretOf, secretText } from "./stable-address.ts";

const PATH = "net/ipv6/conf";
const SECRET = "stable_secret";

/** One directory: "all", "default" or a device. */
interface Instance {
  readonly namespace: Inet6Netns;
  readonly name: string;
  readonly values: Configuration;
  readonly kind: "all" | "default" | "device";
  readonly owner: Inet6Device | undefined;
}

function instanceOf(netns: Netns, name: string): Instance | undefined {
  const namespace = inet6Netns.of(netns);
  if (!namespace) return undefined;
  if (name === "all") return { namespace, name, values: namespace.all, kind: "all", owner: undefined };
  if (name === "default")
    return { namespace, name, values: namespace.defaults, kind: "default", owner: undefined };
  const device = netns.names.get(name);
  const owner = device?.name === name ? inet6Device.of(device) : undefined;
  return owner && { namespace, name, values: owner.configuration, kind: "device", owner };
}

function* owners(namespace: Inet6Netns): Generator<Inet6Device> {
  for (const device of [...namespace.netns.devices.values()]) {
    const owner = inet6Device.of(device);
    if (owner) yield owner;
  }
}

const differs = (a: number, b: number): boolean => (a === 0) !== (b === 0);

const ALL_ROUTERS = [
  ipv6FromGroups(0xff02, 0, 0, 0, 0, 0, 0, 2),
  ipv6FromGroups(0xff01, 0, 0, 0, 0, 0, 0, 2),
  ipv6FromGroups(0xff05, 0, 0, 0, 0, 0, 0, 2),
] as const;

/** dev_forward_change(): routers listen to the groups and anycast addresses of routers. */
function forwardingChanged(owner: Inet6Device): void {
  const { device, configuration, namespace } = owner;
  const on = configuration.forwarding !== 0;
  if ((device.flags & IFF.MULTICAST) !== 0) {
    for (const group of ALL_ROUTERS) {
      if (on) joinGroup(owner, group);
      else leaveGroup(owner, group);
    }
  }
  for (const entry of [...owner.addresses]) {
    if (entry.has(IFA_F.TENTATIVE)) continue;
    if (on) joinSubnetRouter(entry);
    else leaveSubnetRouter(entry);
  }
  notifyNetconf(namespace, device.ifindex, configuration, "forwarding");
}

/** addrconf_fixup_forwarding() */
function setForwarding({ namespace, kind, owner }: Instance, value: number, old: number): void {
  const { all, defaults } = namespace;
  if (kind === "default") {
    if (differs(value, old)) notifyNetconf(namespace, NETCONFA_IFINDEX.DEFAULT, defaults, "forwarding");
    return;
  }
  if (kind === "all") {
    const oldDefault = defaults.forwarding;
    defaults.forwarding = value;
    if (differs(value, oldDefault))
      notifyNetconf(namespace, NETCONFA_IFINDEX.DEFAULT, defaults, "forwarding");
    for (const each of owners(namespace)) {
      const before = each.configuration.forwarding;
      each.configuration.forwarding = value;
      if (differs(before, value)) forwardingChanged(each);
    }
    if (differs(value, old)) notifyNetconf(namespace, NETCONFA_IFINDEX.ALL, all, "forwarding");
  } else if (owner && differs(value, old)) forwardingChanged(owner);
  if (value !== 0) {
    purgeDefaultRouters(namespace, ({ device }) => inet6Device.of(device)?.configuration.accept_ra === 2);
  }
}

/** dev_disable_change() */
function disableChanged(owner: Inet6Device): void {
  if (owner.configuration.disable_ipv6) interfaceDown(owner.device, false);
  else interfaceUp(owner.device, "up");
}

/** addrconf_disable_ipv6() */
function setDisabled({ namespace, kind, owner }: Instance, value: number, old: number): void {
  if (kind === "default") return;
  if (kind === "device") {
    if (owner && differs(value, old)) disableChanged(owner);
    return;
  }
  namespace.defaults.disable_ipv6 = value;
  for (const each of owners(namespace)) {
    const before = each.configuration.disable_ipv6;
    each.configuration.disable_ipv6 = value;
    if (differs(before, value)) disableChanged(each);
  }
}

/** addrconf_sysctl_addr_gen_mode() */
function setGenerationMode({ namespace, kind, owner }: Instance, value: number, old: number): void {
  if (kind === "device") {
    if (owner && value !== old) reconfigure(owner.device);
    return;
  }
  if (kind !== "all") return;
  namespace.defaults.addr_gen_mode = value;
  for (const each of owners(namespace)) {
    if (each.configuration.addr_gen_mode === value) continue;
    each.configuration.addr_gen_mode = value;
    reconfigure(each.device);
  }
}

/** Settings whose change is told to those who watch `ip monitor netconf`. */
function announce({ namespace, kind, owner, values }: Instance, setting: NetconfSetting): void {
  const ifindex =
    kind === "all"
      ? NETCONFA_IFINDEX.ALL
      : kind === "default"
        ? NETCONFA_IFINDEX.DEFAULT
        : (owner?.device.ifindex ?? NETCONFA_IFINDEX.DEFAULT);
  notifyNetconf(namespace, ifindex, values, setting);
}

/** Writing "all" writes every device and "default" too. */
function spread({ namespace, kind }: Instance, name: SettingName, value: number): void {
  if (kind !== "all") return;
  namespace.defaults[name] = value;
  for (const each of owners(namespace)) each.configuration[name] = value;
}

/** Ranges and effects by name; others take any integer. */
function rulesOf(instance: Instance, name: SettingName): IntegerRules {
  switch (name) {
    case "forwarding":
      return { changed: (value, old) => setForwarding(instance, value, old) };
    case "disable_ipv6":
      return { changed: (value, old) => setDisabled(instance, value, old) };
    case "addr_gen_mode":
      return {
        min: ADDRESS_GENERATION.EUI64,
        max: ADDRESS_GENERATION.RANDOM,
        changed: (value, old) => setGenerationMode(instance, value, old),
      };
    case "proxy_ndp":
      return { changed: (value, old) => value !== old && announce(instance, "proxy_ndp") };
    case "ignore_routes_with_linkdown":
      return {
        changed: (value, old) => {
          spread(instance, name, value);
          if (differs(value, old)) announce(instance, "ignore_routes_with_linkdown");
        },
      };
    case "force_forwarding":
      return {
        min: 0,
        max: 1,
        changed: (value) => {
          spread(instance, name, value);
          announce(instance, "force_forwarding");
        },
      };
    case "mtu": {
      const max = instance.owner?.device.mtu;
      return max === undefined ? { min: IPV6_MIN_MTU } : { min: IPV6_MIN_MTU, max };
    }
    case "hop_limit":
      return { min: 1, max: 255 };
    case "router_solicitations":
      return { min: -1 };
    case "ra_defrtr_metric":
      return { min: 1 };
    case "ndisc_tclass":
      return { min: 0, max: 255 };
    case "ndisc_evict_nocarrier":
    case "ioam6_enabled":
    case "ra_honor_pio_life":
    case "ra_honor_pio_pflag":
      return { min: 0, max: 1 };
    case "accept_untracked_na":
      return { min: 0, max: 2 };
    case "ioam6_id":
      return { min: 0, max: 0xffff };
    default:
      return {};
  }
}

function settingSysctl(instance: Instance, name: SettingName): Sysctl {
  const path = `${PATH}/${instance.name}/${name}`;
  const sysctl = integerSysctl(path, instance.values, name, rulesOf(instance, name));
  if (name === "mc_forwarding") return { path, mode: 0o444, read: () => sysctl.read() };
  if (name !== "addr_gen_mode") return sysctl;
  return {
    ...sysctl,
    write(text) {
      const mode = Number.parseInt(text, 10);
      if (Number.isInteger(mode)) checkGenerationMode(instance.owner, mode);
      sysctl.write?.(text);
    },
  };
}

/** addrconf_sysctl_stable_secret(): cannot be read before it was set, and setting it turns stable addresses on. */
function secretSysctl({ namespace, name, kind, owner, values }: Instance): Sysctl {
  const current = (): Uint8Array | undefined =>
    kind === "default" ? namespace.defaultSecret : owner?.stableSecret;
  return {
    path: `${PATH}/${name}/${SECRET}`,
    mode: 0o600,
    read() {
      const secret = current();
      if (!secret) throw new Refusal(ERRNO.EIO);
      return secretText(secret);
    },
    write(text) {
      if (kind === "all") throw new Refusal(ERRNO.EIO);
      const address = parseIpv6(text.trim());
      if (address === undefined) throw new Refusal(ERRNO.EIO);
      if (owner) owner.stableSecret = secretOf(address);
      else namespace.defaultSecret = secretOf(address);
      if (kind === "device") {
        values.addr_gen_mode = ADDRESS_GENERATION.STABLE_PRIVACY;
        return;
      }
      for (const each of owners(namespace))
        each.configuration.addr_gen_mode = ADDRESS_GENERATION.STABLE_PRIVACY;
    },
  };
}

export function installInterfaceSysctls(kernel: Kernel): void {
  const settings = settingsOf(kernel.profile.name);
  const known = new Set<string>(settings);
  const names = [...settings, SECRET];
  kernel.sysctlFamilies.push({
    path: PATH,
    *instances(netns) {
      const namespace = inet6Netns.of(netns);
      if (!namespace) return;
      yield "all";
      yield "default";
      for (const owner of owners(namespace)) yield owner.device.name;
    },
    names: () => names,
    value(netns, directory, name) {
      const instance = instanceOf(netns, directory);
      if (!instance) return undefined;
      if (name === SECRET) return secretSysctl(instance);
      return known.has(name) ? settingSysctl(instance, name as SettingName) : undefined;
    },
  });
}
