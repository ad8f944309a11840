// A tunnel of Open vSwitch and the device at its other end do not fit together: another key, another UDP port, or one of them
// sends to somebody else.

import { carrierName } from "../../trace/predict/switch-tunnel.ts";
import { CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { command, formatBytes } from "../network-state.ts";
import type { LinkState, TunnelState } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import { hasAddress, remotesOf, switchTunnels } from "../tunnel-state.ts";
import type { SwitchTunnel } from "../tunnel-state.ts";
import { ownersOf } from "../way.ts";

function finding(
  own: SwitchTunnel,
  far: LinkState,
  problem: string,
  option: string,
  value: string,
): Diagnosis {
  return {
    id: "ovs-tunnel",
    place: { namespace: own.device.place.name, device: own.name },
    problem: `${own.name} of ${own.bridge} ${problem}`,
    evidence: [
      `ovs-vsctl get interface ${own.name} options`,
      command("ip", far.place, `-d link show ${far.name}`),
    ],
    fix: [`ovs-vsctl set interface ${own.name} options:${option}=${value}`],
    certainty: CERTAINTY.ON_THE_WAY,
  };
}

function mismatches(own: SwitchTunnel, far: LinkState, tunnel: TunnelState): Diagnosis[] {
  const { options, device } = own;
  const there = `${far.name} in ${far.place.name}`;
  const found: Diagnosis[] = [];
  if (options.remote !== "flow" && !far.place.addresses.some(({ text }) => text === options.remote)) {
    const outer = far.place.addresses.find(
      ({ link, bytes }) => link !== far && !link.loopback && bytes.length === tunnel.remote?.length,
    );
    const right = tunnel.local === undefined ? outer?.text : formatBytes(tunnel.local);
    if (right !== undefined)
      found.push(
        finding(own, far, `sends to ${options.remote}, which is not ${far.place.name}`, "remote_ip", right),
      );
  }
  if (options.key !== "flow" && options.key !== String(tunnel.vni)) {
    const problem = `has key ${options.key}, its other end ${there} has ${tunnel.vni}`;
    found.push(finding(own, far, problem, "key", String(tunnel.vni)));
  }
  if (options.port !== tunnel.port) {
    const problem = `has UDP port ${options.port}, its other end ${there} has ${tunnel.port}`;
    found.push(finding(own, far, problem, "dst_port", String(tunnel.port)));
  }
  // An end that sends to another host is none of this tunnel, unless nothing else speaks for it.
  return remotesOf(tunnel).some((remote) => hasAddress(device.place, remote)) ? found : [];
}

/** Devices beside a hop that finds nobody, or beside who should have answered, that could be the other end. */
function candidates(view: View): LinkState[] {
  return view.ways.flatMap(({ end, hops }) => {
    const hop = hops.at(-1);
    if (end !== "nobody" || hop === undefined) return [];
    const far = ownersOf(view.state, hop.nextHop).flatMap(({ link }) => segmentOf(link));
    return [...segmentOf(hop.device), ...far].filter(({ tunnel }) => tunnel !== undefined);
  });
}

export const ovsTunnel: Entry = {
  id: "ovs-tunnel",
  title: "a tunnel of Open vSwitch does not fit the other end",
  examine: (view) => {
    const own = switchTunnels(view.state.links, view.state.switches);
    return candidates(view).flatMap((far) =>
      own.flatMap((one) =>
        far.tunnel?.kind === one.options.kind && far.name !== carrierName(far.tunnel.kind, far.tunnel.port)
          ? mismatches(one, far, far.tunnel)
          : [],
      ),
    );
  },
};
