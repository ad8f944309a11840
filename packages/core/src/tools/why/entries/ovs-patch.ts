// Two bridges of Open vSwitch are not joined: patch ports carry packets only if each names the other as its peer.

import { CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { areJoined, ovsCrossings, reachableBridges } from "../ovs-crossing.ts";
import type { OvsCrossing } from "../ovs-crossing.ts";
import type { OvsBridgeState, OvsPortState } from "../switch-state.ts";
import { patchPeer } from "../switch-state.ts";

function peerOf({ interfaces }: OvsPortState): string {
  return interfaces[0]?.options["peer"] ?? "";
}

/** Patch ports that lead nowhere. */
function loosePatches(
  switches: readonly OvsBridgeState[],
  bridges: Iterable<OvsBridgeState>,
): OvsPortState[] {
  return [...bridges].flatMap(({ ports }) =>
    ports.filter((port) => port.interfaces[0]?.type === "patch" && patchPeer(switches, port) === undefined),
  );
}

function set(port: OvsPortState, peer: string): string {
  return `ovs-vsctl set interface ${port.name} options:peer=${peer}`;
}

function add(bridge: OvsBridgeState, name: string, peer: string): string {
  return `ovs-vsctl add-port ${bridge.name} ${name} -- set interface ${name} type=patch options:peer=${peer}`;
}

function show(port: OvsPortState): string {
  return `ovs-vsctl get interface ${port.name} options:peer: ${peerOf(port) || "none"}`;
}

function describe(switches: readonly OvsBridgeState[], { in: from, out: to }: OvsCrossing): Diagnosis {
  const here = loosePatches(switches, reachableBridges(switches, from));
  const there = loosePatches(switches, reachableBridges(switches, to));
  const finding = (
    device: string,
    problem: string,
    evidence: readonly string[],
    fix: readonly string[],
  ): Diagnosis => ({
    id: "ovs-patch",
    place: { namespace: "host", device },
    problem,
    evidence,
    fix,
    certainty: CERTAINTY.ON_THE_WAY,
  });
  for (const near of here) {
    for (const far of there) {
      const [right, wrong] =
        peerOf(near) === far.name ? [near, far] : peerOf(far) === near.name ? [far, near] : [];
      if (right === undefined || wrong === undefined) continue;
      return finding(
        wrong.name,
        `patch port ${wrong.name} of ${wrong.bridge.name} has ${peerOf(wrong) ? `${peerOf(wrong)} as its peer, not ${right.name}` : "no peer"}`,
        [show(right), show(wrong)],
        [set(wrong, right.name)],
      );
    }
  }
  const [near] = here;
  const [far] = there;
  if (near !== undefined && far !== undefined) {
    return finding(
      near.name,
      `patch ports ${near.name} of ${near.bridge.name} and ${far.name} of ${far.bridge.name} do not name each other`,
      [show(near), show(far)],
      [set(near, far.name), set(far, near.name)],
    );
  }
  const taken = new Set(switches.flatMap(({ ports }) => ports.map(({ name }) => name)));
  for (const [lonely, other] of [
    [near, to.bridge],
    [far, from.bridge],
  ] as const) {
    if (lonely === undefined) continue;
    const peer = peerOf(lonely);
    const named = peer !== "" && !taken.has(peer) ? peer : `${lonely.name}-peer`;
    return finding(
      lonely.name,
      `patch port ${lonely.name} of ${lonely.bridge.name} has no peer on ${other.name}`,
      [show(lonely)],
      [add(other, named, lonely.name), ...(named === peer ? [] : [set(lonely, named)])],
    );
  }
  const names = [`${from.bridge.name}-${to.bridge.name}`, `${to.bridge.name}-${from.bridge.name}`] as const;
  return finding(
    from.bridge.name,
    `${from.name} is on ${from.bridge.name} and ${to.name} on ${to.bridge.name}, and no patch ports join the two`,
    ["ovs-vsctl show"],
    [add(from.bridge, names[0], names[1]), add(to.bridge, names[1], names[0])],
  );
}

export const ovsPatch: Entry = {
  id: "ovs-patch",
  title: "bridges of Open vSwitch are not joined by patch ports",
  examine: ({ ways, state }) =>
    ways.flatMap(({ hops }) =>
      hops.flatMap(({ path }) =>
        ovsCrossings(state.switches, path)
          .filter(({ steps, in: from, out: to }) => steps === undefined && !areJoined(state, from, to.bridge))
          .map((crossing) => describe(state.switches, crossing)),
      ),
    ),
};
