// What a macvlan does not do by design: talk to the device below it; and, in the modes private and vepa, to others above the same
// device (Linux drivers/net/macvlan.c).

import { MACVLAN_MODE } from "../../../links/macvlan/netlink.ts";
import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command, formatBytes } from "../network-state.ts";
import type { Hop } from "../way.ts";

function isMacvlan({ kind }: LinkState): boolean {
  return kind === "macvlan" || kind === "macvtap";
}

/** A second macvlan for the host of the lower device, as its way to the others. */
function companion(lower: LinkState, to: string): string[] {
  const { place } = lower;
  let name = "mac0";
  for (let number = 1; place.links.some((link) => link.name === name); number++) name = `mac${number}`;
  return [
    command("ip", place, `link add link ${lower.name} name ${name} type macvlan mode bridge`),
    command("ip", place, `link set ${name} up`),
    command("ip", place, `route add ${to} dev ${name}`),
  ];
}

function belowAndAbove({ path, owners, nextHop, source }: Hop): Diagnosis[] {
  const [first, last] = [path[0], path.at(-1)];
  if (first === undefined || last === undefined || path.length !== 2) return [];
  const [owner] = owners;
  const upper = isMacvlan(first) && first.other === last ? first : last;
  const lower = upper === first ? last : first;
  if (!isMacvlan(upper) || upper.other !== lower || owner === undefined) return [];
  const other = upper === last ? nextHop : source;
  return [
    {
      id: "macvlan-lower",
      place: at(upper),
      problem: `${upper.name} in ${upper.place.name} is a macvlan above ${lower.name} in ${lower.place.name}: the two never talk to each other`,
      evidence: [command("ip", upper.place, `-d link show ${upper.name}`)],
      fix: other === undefined ? [] : companion(lower, formatBytes(other)),
      certainty: CERTAINTY.ON_THE_WAY,
    },
  ];
}

function sideBySide({ path }: Hop): Diagnosis[] {
  return path.flatMap((lower, index): Diagnosis[] => {
    const [one, other] = [path[index - 1], path[index + 1]];
    if (one?.other !== lower || other?.other !== lower || !isMacvlan(one) || !isMacvlan(other)) return [];
    return [one, other]
      .filter(({ macvlanMode }) => macvlanMode === MACVLAN_MODE.PRIVATE || macvlanMode === MACVLAN_MODE.VEPA)
      .map((link) => ({
        id: "macvlan-mode",
        place: at(link),
        problem: `${link.name} in ${link.place.name} is a macvlan in mode ${link.macvlanMode === MACVLAN_MODE.PRIVATE ? "private" : "vepa"}: it does not talk to others above ${lower.name}`,
        evidence: [command("ip", link.place, `-d link show ${link.name}`)],
        fix: [one, other]
          .filter(({ macvlanMode }) => macvlanMode !== MACVLAN_MODE.BRIDGE)
          .map((each) =>
            command("ip", each.place, `link set ${each.name} type ${each.kind ?? ""} mode bridge`),
          ),
        certainty: CERTAINTY.ON_THE_WAY,
      }));
  });
}

export const macvlan: Entry = {
  id: "macvlan-*",
  title: "a macvlan that does not talk to the device below, or to others",
  examine: (view) =>
    view.ways.flatMap(({ hops }) => hops.flatMap((hop) => [...belowAndAbove(hop), ...sideBySide(hop)])),
};
