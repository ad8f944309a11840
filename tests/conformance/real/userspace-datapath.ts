// Scripts that were recorded with the kernel datapath of Open vSwitch, for a kernel without that module: their bridges get the
// userspace datapath. What they print then is only compared with each other, not with the recordings.

import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { readGolden } from "../golden.ts";
import type { GoldenScript, Step } from "../golden.ts";
import { thisMachine } from "./three-ways.ts";
import type { Place } from "./three-ways.ts";

const ADD_BRIDGE = /\badd-br ([\w-]+)/g;

function onUserspaceDatapath(line: string): string {
  return line.replace(ADD_BRIDGE, "add-br $1 -- set bridge $1 datapath_type=netdev");
}

const DISABLE_IPV6 = "sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'";
/**
 * Without IPv6, whose solicitations and reports come at random times and are counted. A namespace starts with its own
 * setting.
 */
const WITHOUT_IPV6: Step = {
  type: "silent",
  cmd: `for n in '' $(ls /run/netns); do \${n:+ip netns exec $n} ${DISABLE_IPV6}; done`,
};
/** Of a line that goes on with the devices of the namespace. */
const ADD_NETNS = /\bip netns add ([\w$-]+)(?=;)/g;

function withoutIpv6InLine(step: Step): Step {
  if (step.type !== "silent") return step;
  return { ...step, cmd: step.cmd.replace(ADD_NETNS, `ip netns add $1; ip netns exec $1 ${DISABLE_IPV6}`) };
}

/** The same steps without it. */
export function withoutIpv6(steps: readonly Step[]): Step[] {
  const mayAddNetns = (step: Step): boolean =>
    step.type === "silent" || (step.type === "command" && /\bnetns add\b/.test(step.recorded.cmd));
  return [
    WITHOUT_IPV6,
    ...steps.flatMap((step) => (mayAddNetns(step) ? [withoutIpv6InLine(step), WITHOUT_IPV6] : [step])),
  ];
}

function changed(step: Step): Step {
  switch (step.type) {
    case "silent":
      return { ...step, cmd: onUserspaceDatapath(step.cmd) };
    case "command":
      return { ...step, recorded: { ...step.recorded, cmd: onUserspaceDatapath(step.recorded.cmd) } };
    default:
      return step;
  }
}

/** The profile whose recordings have Open vSwitch, and their names. */
export const RECORDED_FOR: ProfileName = "linux-6.1";
export const RECORDED_WITH_OVS = [
  "12_seed1_ovs",
  "13_seed2_ovs_bridge",
  "30_seed1_ovs_literal",
  "31_seed2_literal",
  "32_ovs_kernel_dp",
  "60_neutron",
] as const;

/** A recorded script, changed so, for a kernel with another profile than that of the recording. */
export function userspaceScript(name: string, profile: ProfileName): GoldenScript {
  const script = readGolden(RECORDED_FOR, name);
  return {
    ...script,
    name: `${name} on userspace`,
    profile,
    steps: withoutIpv6(script.steps.map(changed)),
  };
}

/** This machine, with the real daemons: what a daemon's timers refresh, and the name that a system got when it was installed. */
const userspacePlace: Place = {
  ...thisMachine,
  masks: [
    [/^link_resets +: \d+$/gm, "link_resets: 1"],
    [/\b((?:rx|tx)_\w+|collisions)=\d+/g, "$1=COUNT"],
    [/\bsystem-id="?[\w-]+"?/g, "system-id=vethhost"],
    // The configuration of this kernel has another default.
    [/\bqdisc pfifo_fast\b/g, "qdisc fq_codel"],
  ],
};

/**
 * In these scripts listings come right after changes. The kernel looks after a device's carrier without urgency, up to a second later;
 * what else it has looked after then depends on the daemons.
 */
const LISTS_AT_ONCE: ReadonlySet<string> = new Set(["12_seed1_ovs", "30_seed1_ovs_literal"]);
const LATE: NonNullable<Place["masks"]> = [
  [/NO-CARRIER,|,LOWER_UP\b/g, "", "ip link"],
  [/ state [A-Z]+/g, " state LATE", "ip link"],
];

export function userspacePlaceOf(name: string): Place {
  const { masks = [] } = userspacePlace;
  return LISTS_AT_ONCE.has(name) ? { ...userspacePlace, masks: [...masks, ...LATE] } : userspacePlace;
}
