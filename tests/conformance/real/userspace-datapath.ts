// Scripts that were recorded with the kernel datapath of Open vSwitch, for a kernel without that module: their bridges get the
// userspace datapath. What they print then is only compared with each other, not with the recordings.

import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { readGolden } from "../golden.ts";
import type { GoldenScript, Step } from "../golden.ts";

const ADD_BRIDGE = /\badd-br ([\w-]+)/g;

function onUserspaceDatapath(line: string): string {
  return line.replace(ADD_BRIDGE, "add-br $1 -- set bridge $1 datapath_type=netdev");
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
const RECORDED_FOR: ProfileName = "linux-6.1";
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
  return { ...script, profile, steps: script.steps.map(changed) };
}
