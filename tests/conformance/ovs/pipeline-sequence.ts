// A random flow table with groups and meters, and random packets that ofproto/trace follows through it.

import { flow, group, packet } from "./flow-words.ts";
import type { SwitchSequence } from "./compare-switches.ts";
import { Words } from "./words.ts";

const VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"];
const PORTS = [1, 2, 3, 4];

function setup(type: string, bridge: string): string[] {
  const ports = PORTS.map(
    (port) => `-- add-port br0 p${port} -- set interface p${port} type=${type} ofport_request=${port}`,
  );
  return [
    `ovs-vsctl add-br br0 -- set bridge br0 ${bridge}fail-mode=secure protocols=${VERSIONS.join(",")} other-config:hwaddr=aa:55:aa:55:00:00`,
    ...ports.map((each) => `ovs-vsctl ${each}`),
  ];
}

const REAL_SETUP = setup("dummy", "datapath-type=dummy ");
const OUR_SETUP = [...setup("internal", ""), "for p in p1 p2 p3 p4; do ip link set $p up; done"];

export function pipelineSequence(seed: number, flows = 14, packets = 14): SwitchSequence {
  const words = new Words(seed);
  const lines: string[] = [];
  for (const id of [1, 2])
    lines.push(`ovs-ofctl -O OpenFlow13 add-meter br0 meter=${id},kbps,band=type=drop,rate=1000`);
  for (let id = 1; id <= 3; id++) lines.push(`ovs-ofctl -O OpenFlow15 add-group br0 '${group(words, id)}'`);
  for (let count = 0; count < flows; count++) {
    const version = words.pick(["OpenFlow13", "OpenFlow13", "OpenFlow15", ...VERSIONS]);
    const option = words.chance(8) ? "" : ` -O ${version}`;
    lines.push(`ovs-ofctl${option} add-flow br0 '${flow(words)}'`);
  }
  lines.push("ovs-ofctl -O OpenFlow15 --no-stats dump-flows br0", "ovs-ofctl -O OpenFlow15 dump-groups br0");
  for (let count = 0; count < packets; count++) {
    const option = words.pick(["", "", "", "", "--generate ", "-consistent ", "--ct-next trk,new "]);
    const at = option.startsWith("--ct") ? "" : option;
    const after = option.startsWith("--ct") ? ` ${option.trim()}` : "";
    lines.push(`ovs-appctl ofproto/trace br0 '${packet(words)}'${after}${at === "" ? "" : ` ${at.trim()}`}`);
  }
  lines.push(`ovs-ofctl -O ${words.pick(VERSIONS)} --no-stats dump-flows br0`);
  return { seed, realSetup: REAL_SETUP, ourSetup: OUR_SETUP, lines };
}
