// Settings of Open vSwitch's ports that keep packets from crossing a bridge that switches by itself: a port that is the output of a mirror,
// two protected ports, a static entry of its forwarding database for another port (ovs-vswitchd.conf.db(5); ovs-vswitchd(8), fdb/add).

import { CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { ovsCrossings } from "../ovs-crossing.ts";
import type { OvsStep } from "../ovs-crossing.ts";
import { bridgeWorksAlone } from "../ovs-normal.ts";
import type { OvsPortState } from "../switch-state.ts";
import type { Hop } from "../way.ts";

interface Step extends OvsStep {
  readonly hop: Hop;
}

/** Every step through a bridge that works alone, on all ways. */
function steps(view: View): Step[] {
  return view.ways.flatMap(({ hops }) =>
    hops.flatMap((hop) =>
      ovsCrossings(view.state.switches, hop.path).flatMap(({ steps: taken = [] }) =>
        taken.filter((step) => bridgeWorksAlone(view, step.in.bridge)).map((step) => ({ ...step, hop })),
      ),
    ),
  );
}

function at({ name }: OvsPortState): Diagnosis["place"] {
  return { namespace: "host", device: name };
}

export const ovsMirror: Entry = {
  id: "ovs-mirror",
  title: "a port of Open vSwitch is the output of a mirror, and carries nothing else",
  examine: (view) =>
    steps(view).flatMap((step) =>
      [step.in, step.out].flatMap((port): Diagnosis[] => {
        const { bridge } = port;
        const mirror = bridge.mirrors.find(({ output }) => output === port);
        if (mirror === undefined) return [];
        return [
          {
            id: "ovs-mirror",
            place: at(port),
            problem: `${port.name} is the output of mirror ${mirror.name} of ${bridge.name}: it gets copies, and what comes in by it is dropped`,
            evidence: [`ovs-vsctl get mirror ${mirror.name} output_port`],
            fix: [
              `ovs-vsctl -- --id=@m get mirror ${mirror.name} -- remove bridge ${bridge.name} mirrors @m`,
              // which leaves the datapath's flows as they are, as long as packets keep them
              "ovs-appctl revalidator/purge",
            ],
            certainty: CERTAINTY.ON_THE_WAY,
          },
        ];
      }),
    ),
};

export const ovsProtected: Entry = {
  id: "ovs-protected",
  title: "two ports of Open vSwitch are protected from each other",
  examine: (view) =>
    steps(view).flatMap((step): Diagnosis[] => {
      if (!step.in.protected || !step.out.protected) return [];
      return [
        {
          id: "ovs-protected",
          place: at(step.out),
          problem: `${step.in.name} and ${step.out.name} of ${step.in.bridge.name} are both protected: nothing goes from one to the other`,
          evidence: [step.in, step.out].map(({ name }) => `ovs-vsctl get port ${name} protected: true`),
          fix: [`ovs-vsctl set port ${step.out.name} protected=false`],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

export const ovsWrongFdb: Entry = {
  id: "ovs-wrong-fdb",
  title: "a static entry of Open vSwitch's forwarding database points to the wrong port",
  examine: (view) =>
    steps(view).flatMap(({ hop, out }): Diagnosis[] => {
      const { bridge } = out;
      const owner = hop.owners[0]?.link;
      const entry = bridge.staticForwards.find(({ mac, port }) => mac === owner?.mac && port !== out);
      if (owner === undefined || entry === undefined) return [];
      const { port, vlan, mac } = entry;
      return [
        {
          id: "ovs-wrong-fdb",
          place: at(port),
          problem: `${bridge.name} has a static entry for ${mac} at ${port.name}, but the host is behind ${out.name}`,
          evidence: [
            `ovs-appctl fdb/show ${bridge.name}: ${mac} static`,
            `${mac} is ${owner.name} in ${owner.place.name}`,
          ],
          fix: [`ovs-appctl fdb/del ${bridge.name} ${vlan} ${mac}`],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};
