// Every script of the recordings that the kernel of this machine can run, and where: those that were recorded for it, those of
// another kernel that need nothing that this one may lack, and those with Open vSwitch on its userspace datapath.

import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { goldenNames, readGolden } from "../golden.ts";
import type { GoldenScript } from "../golden.ts";
import { thisMachine } from "./three-ways.ts";
import type { Place } from "./three-ways.ts";
import {
  RECORDED_FOR,
  RECORDED_WITH_OVS,
  userspacePlaceOf,
  userspaceScript,
  withoutIpv6,
} from "./userspace-datapath.ts";

export interface PlacedScript extends GoldenScript {
  readonly place: Place;
  /** The recording, as scores.json names it. */
  readonly recording: string;
}

/** Routers, VXLAN and a broadcast storm: no VLANs, dummies, bonds; up to a line that needs a kind that this kernel may lack. */
const RECORDED_ELSEWHERE: readonly { readonly name: string; readonly upTo?: string }[] = [
  { name: "25_vxlan", upTo: "type geneve" },
  { name: "45_router" },
  { name: "51_storm" },
];

function recordedElsewhere(name: string, upTo: string | undefined, profile: ProfileName): GoldenScript {
  const script = readGolden(RECORDED_FOR, name);
  const end = script.steps.findIndex(
    (step) => upTo !== undefined && step.type === "command" && step.recorded.cmd.includes(upTo),
  );
  return { ...script, profile, steps: withoutIpv6(end < 0 ? script.steps : script.steps.slice(0, end)) };
}

export function scriptsFor(profile: ProfileName): PlacedScript[] {
  const recorded = goldenNames(profile);
  return [
    ...recorded.map((name) => ({
      ...readGolden(profile, name),
      place: thisMachine,
      recording: `${profile}/${name}`,
    })),
    ...RECORDED_ELSEWHERE.filter(({ name }) => !recorded.includes(name)).map(({ name, upTo }) => ({
      ...recordedElsewhere(name, upTo, profile),
      place: thisMachine,
      recording: `${RECORDED_FOR}/${name}`,
    })),
    ...RECORDED_WITH_OVS.map((name) => ({
      ...userspaceScript(name, profile),
      place: userspacePlaceOf(name),
      recording: `${RECORDED_FOR}/${name}`,
    })),
  ];
}
