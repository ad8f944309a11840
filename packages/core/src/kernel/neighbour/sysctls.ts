// net/ipv4/neigh and net/ipv6/neigh (net/core/neighbour.c: neigh_sysctl_table): timing of neighbours, for each device and as
// "default". The defaults belong to the host: they are seen in its first namespace only.

import { Refusal } from "../../netlink/refusal.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { Sysctl, SysctlFamily } from "../sysctl.ts";
import { parseInteger } from "../sysctl.ts";
import type { NeighbourKey } from "./entry.ts";
import type { NeighbourParameters } from "./parameters.ts";
import type { NeighbourTable } from "./table.ts";

const EINVAL = 22;
/** 1/100 s, the unit of values that are jiffies to user space. */
const USER_TICK = 10 * MILLISECOND;
/** Memory of a packet of full Ethernet length (SKB_TRUESIZE(ETH_FRAME_LEN)): unres_qlen counts in it. */
const FULL_PACKET = 2090;

/** A time as the kernel keeps it: whole jiffies, milliseconds rounded up and 1/100 s down. */
function wholeJiffies(time: number, unit: number, hz: number): number {
  const jiffy = SECOND / hz;
  if (unit === MILLISECOND) return Math.ceil(time / jiffy) * jiffy;
  return unit === USER_TICK ? Math.floor(time / jiffy) * jiffy : time;
}

/** Numbers of NeighbourParameters that can be assigned. */
type Member = {
  [K in keyof NeighbourParameters]: NeighbourParameters[K] extends number ? K : never;
}[keyof NeighbourParameters];

interface Setting {
  readonly member: Member;
  /** What one of user space's unit is in ours. */
  readonly unit: number;
  readonly min?: number;
}

const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ["mcast_solicit", { member: "mcastProbes", unit: 1, min: 0 }],
  ["ucast_solicit", { member: "ucastProbes", unit: 1, min: 0 }],
  ["app_solicit", { member: "appProbes", unit: 1, min: 0 }],
  ["mcast_resolicit", { member: "mcastReprobes", unit: 1, min: 0 }],
  ["retrans_time", { member: "retransTime", unit: USER_TICK }],
  ["retrans_time_ms", { member: "retransTime", unit: MILLISECOND }],
  ["base_reachable_time", { member: "baseReachableTime", unit: SECOND }],
  ["base_reachable_time_ms", { member: "baseReachableTime", unit: MILLISECOND }],
  ["delay_first_probe_time", { member: "delayProbeTime", unit: SECOND }],
  ["interval_probe_time_ms", { member: "intervalProbeTime", unit: MILLISECOND, min: 1 }],
  ["gc_stale_time", { member: "gcStaleTime", unit: SECOND }],
  ["unres_qlen", { member: "queueLengthBytes", unit: FULL_PACKET, min: 0 }],
  ["unres_qlen_bytes", { member: "queueLengthBytes", unit: 1, min: 0 }],
  ["proxy_qlen", { member: "proxyQueueLength", unit: 1, min: 0 }],
  ["anycast_delay", { member: "anycastDelay", unit: USER_TICK }],
  ["proxy_delay", { member: "proxyDelay", unit: USER_TICK }],
  ["locktime", { member: "locktime", unit: USER_TICK }],
]);

function set(parameters: NeighbourParameters, member: Member, value: number): void {
  if (member === "baseReachableTime") parameters.setBaseReachableTime(value);
  else parameters[member] = value;
}

function setting(
  path: string,
  parameters: NeighbourParameters,
  { member, unit, min }: Setting,
  hz: number,
  stored: (value: number) => void,
): Sysctl {
  return {
    path,
    read: () => String(Math.floor(parameters[member] / unit)),
    write(text) {
      const value = parseInteger(text);
      if (min !== undefined && value < min) throw new Refusal(EINVAL);
      const kept = wholeJiffies(value * unit, unit, hz);
      set(parameters, member, kept);
      parameters.own = new Set([...parameters.own, member]);
      stored(kept);
    },
  };
}

/** The limits of a whole table, beside its default parameters. */
const LIMITS: ReadonlyMap<
  string,
  readonly [key: "gcInterval" | "gcThreshold1" | "gcThreshold2" | "gcThreshold3", unit: number]
> = new Map([
  ["gc_interval", ["gcInterval", SECOND]],
  ["gc_thresh1", ["gcThreshold1", 1]],
  ["gc_thresh2", ["gcThreshold2", 1]],
  ["gc_thresh3", ["gcThreshold3", 1]],
]);

/** neigh_copy_dflt_parms(): devices of the first namespace follow as far as they have no value of their own. */
function followDefault<K extends NeighbourKey>(
  table: NeighbourTable<K>,
  member: Member,
  value: number,
): void {
  for (const device of table.kernel.init.devices.values()) {
    const parameters = table.parametersOf(device);
    if (parameters !== undefined && !parameters.own.has(member)) set(parameters, member, value);
  }
}

/** `path` is "net/ipv4/neigh" or "net/ipv6/neigh". */
export function installNeighbourSysctls<K extends NeighbourKey>(
  kernel: Kernel,
  table: NeighbourTable<K>,
  path: string,
): void {
  const { hz } = kernel.profile;
  const isHost = (netns: Netns): boolean => netns === kernel.init;
  const values: SysctlFamily = {
    path,
    *instances(netns) {
      if (isHost(netns)) yield "default";
      for (const device of netns.devices.values()) if (table.parametersOf(device)) yield device.name;
    },
    names: () => SETTINGS.keys(),
    value(netns, instance, name) {
      const found = SETTINGS.get(name);
      if (found === undefined) return undefined;
      const full = `${path}/${instance}/${name}`;
      if (instance === "default") {
        if (!isHost(netns)) return undefined;
        return setting(full, table.parameters, found, hz, (value) =>
          followDefault(table, found.member, value),
        );
      }
      const device = netns.device(instance);
      const parameters = device?.name === instance ? table.parametersOf(device) : undefined;
      return parameters && setting(full, parameters, found, hz, () => {});
    },
  };
  const limits: SysctlFamily = {
    path,
    instances: (netns) => (isHost(netns) ? ["default"] : []),
    names: () => LIMITS.keys(),
    value(netns, instance, name) {
      const limit = LIMITS.get(name);
      if (limit === undefined || instance !== "default" || !isHost(netns)) return undefined;
      const [key, unit] = limit;
      return {
        path: `${path}/default/${name}`,
        read: () => String(Math.floor(table[key] / unit)),
        write(text) {
          const value = parseInteger(text);
          if (value < 0) throw new Refusal(EINVAL);
          table[key] = value * unit;
        },
      };
    },
  };
  kernel.sysctlFamilies.push(values, limits);
}
