// The end of a host's cable was never added to a bridge of Open vSwitch, or taken out of it; or the switch has a port that it
// could not open.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { ovsPortOf } from "../switch-state.ts";
import type { OvsPortState } from "../switch-state.ts";
import { ownersOf } from "../way.ts";

/** The first port of Open vSwitch among devices. */
function portAmong(view: View, links: readonly LinkState[]): OvsPortState | undefined {
  for (const link of links) {
    const port = ovsPortOf(view.state.switches, link);
    if (port !== undefined) return port;
  }
  return undefined;
}

/** A cable's end beside Open vSwitch that belongs to nobody. */
function looseAmong(view: View, links: readonly LinkState[]): LinkState | undefined {
  return links.find(
    (link) =>
      link.place.isHost &&
      link.master === 0 &&
      link.kind === "veth" &&
      link.other !== undefined &&
      ovsPortOf(view.state.switches, link) === undefined &&
      !view.state.addresses.some((address) => address.link === link && address.family === "inet"),
  );
}

function forgotten(loose: LinkState, { bridge, tag, name }: OvsPortState): Diagnosis {
  const vlan = tag === undefined ? "" : ` tag=${tag}`;
  return {
    id: "ovs-port-missing",
    place: at(loose),
    problem: `${loose.name} leads to ${loose.other?.place.name ?? "a host"}, but is not a port of ${bridge.name}`,
    evidence: [
      `ovs-vsctl port-to-br ${loose.name}: no port named ${loose.name}; ${name} is on ${bridge.name}`,
    ],
    fix: [
      `ovs-vsctl add-port ${bridge.name} ${loose.name}${vlan}`,
      ...(loose.up ? [] : [`ip link set ${loose.name} up`]),
    ],
    certainty: CERTAINTY.ON_THE_WAY,
  };
}

/** Ports that the database has and the datapath has not. */
function unopened(view: View): Diagnosis[] {
  return view.state.switches.flatMap(({ name: bridge, ports }) =>
    ports.flatMap(({ name, interfaces }) =>
      interfaces.flatMap(({ name: device, error }): Diagnosis[] => {
        if (error === undefined) return [];
        return [
          {
            id: "ovs-port-error",
            place: { namespace: "host", device },
            problem: `${bridge} has port ${name}, but could not open ${device}`,
            evidence: [`ovs-vsctl get interface ${device} error: ${error}`],
            fix: [`ovs-vsctl del-port ${bridge} ${name}`],
            certainty: CERTAINTY.NOTICED,
          },
        ];
      }),
    ),
  );
}

export const ovsPortMissing: Entry = {
  id: "ovs-port-*",
  title: "a device is no port of Open vSwitch's bridge, or could not be opened as one",
  examine: (view) => [
    ...view.ways.flatMap(({ end, hops }): Diagnosis[] => {
      const hop = hops.at(-1);
      if (end !== "nobody" || hop === undefined) return [];
      const near = segmentOf(hop.device);
      for (const owner of ownersOf(view.state, hop.nextHop)) {
        const far = segmentOf(owner.link);
        for (const [side, other] of [
          [far, near],
          [near, far],
        ] as const) {
          const loose = looseAmong(view, side);
          const port = portAmong(view, other);
          if (loose !== undefined && port !== undefined) return [forgotten(loose, port)];
        }
      }
      return [];
    }),
    ...unopened(view),
  ],
};
