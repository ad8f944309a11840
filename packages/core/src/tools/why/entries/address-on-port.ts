// An address on a port of a bridge: what comes in by the port goes to the bridge, so that the host hears no answers there.
// The address belongs on the bridge's own device.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { LinkState } from "../network-state.ts";
import { command, covers, formatBytes, isLinkLocal } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";
import { ovsPortOf } from "../switch-state.ts";

/** The device of the bridge that `link` is a port of, the kernel's or Open vSwitch's. */
function bridgeDevice({ state }: View, link: LinkState): LinkState | undefined {
  const bridge = bridgeOf(link);
  if (bridge !== undefined || !link.place.isHost || link.kind === "openvswitch") return bridge;
  const port = ovsPortOf(state.switches, link);
  // A bridge's own port, and internal ones, are devices of the host.
  if (port?.interfaces.some(({ name, type }) => name === link.name && type === "system") !== true)
    return undefined;
  return link.place.links.find(({ name }) => name === port.bridge.name);
}

/** The default route goes with the address, so that it has to be set again. */
function defaultRoute(link: LinkState, bridge: LinkState, own: Parameters<typeof covers>[0]): string[] {
  const answer = link.place.routeTo(new Uint8Array(own.bytes.length));
  if (typeof answer === "number" || answer.link !== link || answer.gateway === undefined) return [];
  if (!covers(own, answer.gateway)) return [];
  return [
    command("ip", link.place, `route replace default via ${formatBytes(answer.gateway)} dev ${bridge.name}`),
  ];
}

export const addressOnPort: Entry = {
  id: "address-on-port",
  title: "an address is on a port of a bridge instead of the bridge",
  examine: (view) => {
    const concerned = new Set(
      view.ways.flatMap(({ from, place, hops }) => [from, place, ...hops.map((hop) => hop.place)]),
    );
    return view.state.addresses.flatMap((address): Diagnosis[] => {
      const { link, text, prefixLength, bytes } = address;
      const bridge = isLinkLocal(bytes) ? undefined : bridgeDevice(view, link);
      if (bridge === undefined) return [];
      const { place } = link;
      return [
        {
          id: "address-on-port",
          place: at(link),
          problem: `${text} is on ${link.name} in ${place.name}, a port of ${bridge.name}: what comes in there is the bridge's, not the host's`,
          evidence: [command("ip", place, `address show ${link.name}`)],
          fix: [
            command("ip", place, `address del ${text}/${prefixLength} dev ${link.name}`),
            command("ip", place, `address add ${text}/${prefixLength} dev ${bridge.name}`),
            ...(bridge.up ? [] : [command("ip", place, `link set ${bridge.name} up`)]),
            ...defaultRoute(link, bridge, address),
          ],
          certainty: concerned.has(place) ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
        },
      ];
    });
  },
};
