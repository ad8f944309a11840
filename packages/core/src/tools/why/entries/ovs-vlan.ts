// VLANs of Open vSwitch's ports do not meet: the packet is put into one by the port that it comes in by, and the port that it is
// to leave by is not in it.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { bridgeWorksAlone } from "../ovs-normal.ts";
import { ovsCrossings } from "../ovs-crossing.ts";
import type { OvsStep } from "../ovs-crossing.ts";
import type { OvsBridgeState, OvsPortState } from "../switch-state.ts";

/** 0: none. */
type Vlan = number;

/** No port but those that nobody has wired yet is in it: Neutron's agent puts them there (DEAD_VLAN_TAG). */
const DEAD_VLAN = 4095;

interface Fault {
  readonly port: OvsPortState;
  readonly problem: string;
  readonly fix: string;
}

/** A native VLAN is carried even if the port's trunks leave it out. */
function carries({ trunks, mode, tag }: OvsPortState, vlan: Vlan): boolean {
  return trunks.length === 0 || trunks.includes(vlan) || (mode !== "trunk" && vlan === tag);
}

/** A port that is in the dead VLAN, and the other one, which tells the VLAN that it should be in. */
function dead({ in: from, out: to }: OvsStep): Fault | undefined {
  const [port, other] = from.tag === DEAD_VLAN ? [from, to] : [to, from];
  if (port.tag !== DEAD_VLAN || other.tag === DEAD_VLAN) return undefined;
  return {
    port,
    problem: `${port.name} is in the dead VLAN ${DEAD_VLAN}, where ports are that nobody has wired yet`,
    fix:
      other.tag === undefined
        ? `ovs-vsctl clear port ${port.name} tag`
        : `ovs-vsctl set port ${port.name} tag=${other.tag}`,
  };
}

/** The VLAN that a frame is in after it came in, or what keeps it out. */
function enter(port: OvsPortState, tag: Vlan): Vlan | Fault {
  const { name, mode, tag: own = 0 } = port;
  if (mode === "access") {
    if (tag === 0) return own;
    return {
      port,
      problem: `access port ${name} lets no frame in that has a tag, and this one is in VLAN ${tag}`,
      fix: `ovs-vsctl clear port ${name} tag -- set port ${name} vlan_mode=trunk trunks=${tag}`,
    };
  }
  const vlan = tag === 0 && mode !== "trunk" ? own : tag;
  if (carries(port, vlan)) return vlan;
  return vlan === 0
    ? { port, problem: `trunk ${name} lets no untagged frame in`, fix: `ovs-vsctl add port ${name} trunks 0` }
    : {
        port,
        problem: `trunk ${name} does not carry VLAN ${vlan}`,
        fix: `ovs-vsctl add port ${name} trunks ${vlan}`,
      };
}

/** The tag that a frame leaves with. */
function leave({ in: from, out: port }: OvsStep, vlan: Vlan): Vlan | Fault {
  const { name, mode, tag: own = 0 } = port;
  if (mode === "access") {
    if (vlan === own) return 0;
    return vlan === 0
      ? {
          port: from,
          problem: `${from.name} puts the packet into no VLAN, but access port ${name} is in VLAN ${own}`,
          fix: `ovs-vsctl set port ${from.name} tag=${own}`,
        }
      : {
          port,
          problem: `the packet is in VLAN ${vlan}, but access port ${name} is in VLAN ${own}`,
          fix: `ovs-vsctl set port ${name} tag=${vlan}`,
        };
  }
  if (carries(port, vlan)) return mode === "native-untagged" && vlan === own ? 0 : vlan;
  return {
    port,
    problem: `trunk ${name} does not carry ${vlan === 0 ? "untagged frames" : `VLAN ${vlan}`}`,
    fix: `ovs-vsctl add port ${name} trunks ${vlan}`,
  };
}

/** The device that a port leads to has nothing for a tag. */
function unexpectedTag(path: readonly LinkState[], exit: LinkState, tag: Vlan): LinkState | undefined {
  const next = path[path.indexOf(exit) + 1] ?? exit;
  if (tag === 0 || next !== path.at(-1)) return undefined;
  return next.vlanId === undefined && next.bridge === undefined ? next : undefined;
}

function faultOn(switches: readonly OvsBridgeState[], path: readonly LinkState[]): Fault | undefined {
  const crossings = ovsCrossings(switches, path);
  const [first] = crossings;
  if (first === undefined) return undefined;
  const before = path.slice(0, path.indexOf(first.entry));
  let tag: Vlan = before.find(({ vlanId }) => vlanId !== undefined)?.vlanId ?? 0;
  for (const { steps = [], exit, out } of crossings) {
    for (const step of steps) {
      if (step.in.mode === "dot1q-tunnel" || step.out.mode === "dot1q-tunnel") return undefined;
      const unwired = dead(step);
      if (unwired !== undefined) return unwired;
      const vlan = enter(step.in, tag);
      if (typeof vlan !== "number") return vlan;
      const left = leave(step, vlan);
      if (typeof left !== "number") return left;
      tag = left;
    }
    const host = unexpectedTag(path, exit, tag);
    if (host === undefined) continue;
    return {
      port: out,
      problem: `${out.name} sends VLAN ${tag} with a tag to ${host.name} in ${host.place.name}, which has no device for it`,
      fix: `ovs-vsctl set port ${out.name} tag=${tag}`,
    };
  }
  return undefined;
}

/** A port's VLANs as `ovs-vsctl list port` has them. */
function show({ name, tag, trunks, mode }: OvsPortState): string {
  return `ovs-vsctl list port ${name}: tag ${tag ?? "[]"}, trunks [${trunks.join(", ")}], so ${mode}`;
}

export const ovsVlan: Entry = {
  id: "ovs-vlan",
  title: "VLANs of Open vSwitch's ports do not meet",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ path, device }): Diagnosis[] => {
        const fault = faultOn(view.state.switches, path);
        if (fault === undefined) return [];
        // Flows that drop the dead VLAN are no fault of theirs.
        const unwired = fault.port.tag === DEAD_VLAN;
        if (!unwired && !bridgeWorksAlone(view, fault.port.bridge)) return [];
        const { port, problem, fix } = fault;
        const link = path.find(({ name }) => name === port.name) ?? device;
        return [
          {
            id: "ovs-vlan",
            place: link.name === port.name ? at(link) : { namespace: "host", device: port.name },
            problem,
            evidence: [show(port)],
            fix: [fix],
            certainty: unwired ? CERTAINTY.SEEN : CERTAINTY.ON_THE_WAY,
          },
        ];
      }),
    ),
};
