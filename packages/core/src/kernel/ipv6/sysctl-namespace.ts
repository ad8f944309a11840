// net/ipv6/*, net/ipv6/icmp/* and net/ipv6/route/* of a namespace (net/ipv6/sysctl_net_ipv6.c, ipv6_icmp_table_template,
// ipv6_route_table_template, ip6_frags_ns_ctl_table).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { IntegerRules, Sysctl } from "../sysctl.ts";
import { integerSysctl } from "../sysctl.ts";
import { collectExpired } from "./fib-change.ts";
import { globalSettingsOf } from "./global-settings.ts";
import type { GlobalSettingName } from "./global-settings.ts";
import { inet6Netns } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";

const FLAG: IntegerRules = { min: 0, max: 1 };

const RULES: Readonly<Partial<Record<GlobalSettingName, IntegerRules>>> = {
  anycast_src_echo_reply: FLAG,
  auto_flowlabels: { min: 0, max: 3 },
  bindv6only: FLAG,
  fib_multipath_hash_fields: { min: 1, max: 0xfff },
  fib_multipath_hash_policy: { min: 0, max: 3 },
  fib_notify_on_flag_change: { min: 0, max: 2 },
  flowlabel_reflect: { min: 0, max: 7 },
  seg6_flowlabel: { min: -1, max: 1 },
  "icmp/echo_ignore_all": FLAG,
  "icmp/echo_ignore_anycast": FLAG,
  "icmp/echo_ignore_multicast": FLAG,
  "icmp/error_anycast_as_unicast": FLAG,
  "route/skip_notify_on_dev_down": FLAG,
};

/** Values that nothing here depends on, as text. */
const CONSTANTS: Readonly<Record<string, string>> = {
  ioam6_id_wide: "72057594037927935", // 2^56 - 1
  xfrm6_gc_thresh: "32768",
};

function settingSysctl(namespace: Inet6Netns, name: GlobalSettingName): Sysctl {
  const { settings } = namespace;
  const rules = RULES[name] ?? {};
  const path = `net/ipv6/${name}`;
  if (name === "ip6frag_high_thresh")
    return integerSysctl(path, settings, name, { min: settings.ip6frag_low_thresh });
  if (name === "ip6frag_low_thresh")
    return integerSysctl(path, settings, name, { min: 0, max: settings.ip6frag_high_thresh });
  return integerSysctl(path, settings, name, rules);
}

/** Ranges of numbers as proc_do_large_bitmap shows them: "0-1,3-127". */
function rangesText(numbers: ReadonlySet<number>): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let index = 0; index < sorted.length;) {
    const first = sorted[index] as number;
    let last = first;
    while (sorted[index + 1] === last + 1) {
      last++;
      index++;
    }
    index++;
    parts.push(first === last ? String(first) : `${first}-${last}`);
  }
  return parts.join(",");
}

/** Errors: EINVAL. */
function rangesOf(text: string, limit: number): Set<number> {
  const numbers = new Set<number>();
  for (const part of text.trim().split(/[,\s]+/)) {
    if (part === "") continue;
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || last < first || last >= limit) throw new Refusal(ERRNO.EINVAL);
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers;
}

function rateMaskSysctl(namespace: Inet6Netns): Sysctl {
  return {
    path: "net/ipv6/icmp/ratemask",
    read: () => rangesText(namespace.rateMask),
    write(text) {
      namespace.rateMask = rangesOf(text, 256);
    },
  };
}

/** Writing flushes what was learned about destinations. */
function flushSysctl(namespace: Inet6Netns): Sysctl {
  return {
    path: "net/ipv6/route/flush",
    mode: 0o200,
    read: () => "",
    write() {
      collectExpired(namespace);
      namespace.tables.generation++;
    },
  };
}

/** Names below one directory: "", "icmp" or "route". */
function namesIn(kernel: Kernel, directory: string): string[] {
  const prefix = directory === "" ? "" : `${directory}/`;
  const names = globalSettingsOf(kernel.profile.name)
    .filter((name) => (directory === "" ? !name.includes("/") : name.startsWith(prefix)))
    .map((name) => name.slice(prefix.length));
  if (directory === "icmp") names.push("ratemask");
  else if (directory === "route") names.push("flush");
  else names.push(...Object.keys(CONSTANTS));
  return names;
}

function valueOf(
  netns: Netns,
  names: ReadonlySet<string>,
  directory: string,
  name: string,
): Sysctl | undefined {
  const namespace = inet6Netns.of(netns);
  if (!namespace || !names.has(name)) return undefined;
  if (directory === "icmp" && name === "ratemask") return rateMaskSysctl(namespace);
  if (directory === "route" && name === "flush") return flushSysctl(namespace);
  const constant = directory === "" ? CONSTANTS[name] : undefined;
  if (constant !== undefined) return { path: `net/ipv6/${name}`, read: () => constant };
  return settingSysctl(namespace, (directory === "" ? name : `${directory}/${name}`) as GlobalSettingName);
}

export function installNamespaceSysctls(kernel: Kernel): void {
  for (const directory of ["", "icmp", "route"]) {
    const names = namesIn(kernel, directory);
    const known = new Set(names);
    kernel.sysctlFamilies.push({
      path: directory === "" ? "net/ipv6" : `net/ipv6/${directory}`,
      instances: () => [""],
      names: () => names,
      value: (netns, instance, name) =>
        instance === "" ? valueOf(netns, known, directory, name) : undefined,
    });
  }
}
