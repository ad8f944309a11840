// A port of Open vSwitch was told over OpenFlow to take no packets in, to send none, or none that are flooded (ovs-ofctl(8), mod-port).

import { CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { PortRefusal } from "../openflow-ports.ts";
import { ovsCrossings } from "../ovs-crossing.ts";
import { bridgeWorksAlone } from "../ovs-normal.ts";
import type { OvsInterfaceState, OvsPortState } from "../switch-state.ts";

interface Refusing {
  readonly port: OvsPortState;
  readonly interface: OvsInterfaceState;
  readonly refusal: PortRefusal;
}

const PROBLEMS: Readonly<Record<PortRefusal, string>> = {
  receive: "takes no packets in",
  forward: "sends no packets",
  flood: "sends nothing whose receiver is not known yet, and no broadcasts",
};

/** Ports on the ways that stop what goes there or what comes back. */
export function refusingPorts(view: View): Refusing[] {
  const found = new Map<OvsInterfaceState, Refusing>();
  const look = (port: OvsPortState, matters: (refusal: PortRefusal) => boolean): void => {
    for (const each of port.interfaces) {
      const refusal = each.refuses.find(matters);
      if (refusal !== undefined) found.set(each, { port, interface: each, refusal });
    }
  };
  for (const { hops } of view.ways)
    for (const { path } of hops)
      for (const { steps = [] } of ovsCrossings(view.state.switches, path))
        for (const step of steps) {
          const floods = bridgeWorksAlone(view, step.out.bridge);
          look(step.in, (refusal) => refusal !== "flood");
          look(step.out, (refusal) => refusal !== "flood" || floods);
        }
  return [...found.values()];
}

function diagnosis({ port: { bridge }, interface: { name }, refusal }: Refusing): Diagnosis {
  return {
    id: "ovs-port-config",
    place: { namespace: "host", device: name },
    problem: `${name} of ${bridge.name} ${PROBLEMS[refusal]}: it was told so over OpenFlow`,
    evidence: [`ovs-ofctl show ${bridge.name}: ${name}, config: ${CONFIG[refusal]}`],
    fix: [`ovs-ofctl mod-port ${bridge.name} ${name} ${refusal}`],
    certainty: CERTAINTY.ON_THE_WAY,
  };
}

/** As `ovs-ofctl show` prints it. */
const CONFIG: Readonly<Record<PortRefusal, string>> = {
  receive: "NO_RECV",
  forward: "NO_FWD",
  flood: "NO_FLOOD",
};

export const ovsPortConfig: Entry = {
  id: "ovs-port-config",
  title: "a port of Open vSwitch was told over OpenFlow not to receive, forward or flood",
  examine: (view) => refusingPorts(view).map(diagnosis),
};
