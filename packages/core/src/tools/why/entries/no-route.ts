// A host or router has no route to the destination: of the request, or of the answer on its way back.

import { CERTAINTY, evidenceOf, inPlace, seenIn } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { bytesKey, command, formatBytes } from "../network-state.ts";
import { ownersOf } from "../way.ts";
import { findGateway } from "./gateway.ts";

const ENETUNREACH = 101;

export const noRoute: Entry = {
  id: "no-route",
  title: "a route is missing, on the way there or back",
  examine: (view) =>
    view.ways.flatMap(({ end, errno, place, to }): Diagnosis[] => {
      if (end !== "no-route" || errno !== ENETUNREACH) return [];
      const hasAddress = place.addresses.some(
        ({ bytes, link }) => bytes.length === to.length && link.up && !link.loopback,
      );
      if (!hasAddress) return [];
      const destination = formatBytes(to);
      const gateway = findGateway(view.state, place, to);
      const owner = ownersOf(view.state, to)[0];
      const known =
        owner === undefined
          ? [`no namespace has ${destination}`]
          : [`${destination} is on ${owner.link.name} in ${owner.link.place.name}`];
      const length = owner?.prefixLength ?? to.length * 8;
      const prefix = gateway && `${formatBytes(network(to, length))}/${length}`;
      return [
        {
          id: "no-route",
          place: inPlace(place),
          problem: `${place.name} has no route ${asks(view, to) ? "back to" : "to"} ${destination}`,
          evidence: [
            ...evidenceOf(seenIn(view, place, "IP_INNOROUTES", "IP_OUTNOROUTES")),
            `${command("ip", place, `route get ${destination}`)}: Network is unreachable`,
            ...known,
          ],
          fix: gateway
            ? [
                command(
                  "ip",
                  place,
                  `route add ${prefix ?? "default"} via ${gateway.address.text} dev ${gateway.device.name}`,
                ),
              ]
            : [],
          certainty: CERTAINTY.ON_THE_WAY,
        },
      ];
    }),
};

/** Whether the packet's own sender has the address. */
function asks({ ways }: View, address: Uint8Array): boolean {
  const source = ways[0]?.hops[0]?.source;
  return source !== undefined && bytesKey(source) === bytesKey(address);
}

function network(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map(
    (byte, index) =>
      byte &
      (length >= 8 * (index + 1) ? 0xff : length <= 8 * index ? 0 : (0xff00 >>> (length - 8 * index)) & 0xff),
  );
}
