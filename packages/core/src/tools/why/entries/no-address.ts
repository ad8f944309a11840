// A host on the link has no address of the family at all: nothing can be sent from there, or nobody has the destination.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import type { AddressState, LinkState, PlaceState } from "../network-state.ts";
import { bytesKey, command, formatBytes, isLinkLocal, samePrefix } from "../network-state.ts";
import { segmentOf } from "../segment.ts";

/** Devices that take addresses: up or not, but no port and not loopback. */
function candidates(place: PlaceState, family: number): LinkState[] {
  const used = new Set(
    place.addresses
      .filter(({ bytes }) => bytes.length === family && !isLinkLocal(bytes))
      .map(({ link }) => link),
  );
  return place.links.filter(
    (link) => !link.loopback && link.master === 0 && !used.has(link) && link.kind !== "dummy",
  );
}

/** A neighbour's address that tells the prefix of this link. */
function exampleOn(view: View, link: LinkState, family: number): AddressState | undefined {
  const near = segmentOf(link);
  return view.state.addresses.find(
    ({ bytes, link: other }) =>
      bytes.length === family && !isLinkLocal(bytes) && near.includes(other) && other !== link,
  );
}

/** The first address of the prefix that nobody has. */
function freeAddress(view: View, { bytes, prefixLength }: AddressState): Uint8Array {
  const taken = new Set(view.state.addresses.map((address) => bytesKey(address.bytes)));
  const candidate = bytes.slice();
  const last = candidate.length - 1;
  for (let host = 1; host < 255; host++) {
    candidate[last] =
      prefixLength <= 8 * last ? host : ((bytes[last] ?? 0) & (0xff00 >>> (prefixLength - 8 * last))) + host;
    if (samePrefix(candidate, bytes, prefixLength) && !taken.has(bytesKey(candidate))) break;
  }
  return candidate;
}

export const noAddress: Entry = {
  id: "no-address",
  title: "a device has no address",
  examine: (view) =>
    view.ways.flatMap(({ end, from, place, to, hops }): Diagnosis[] => {
      const family = to.length;
      if (isLinkLocal(to)) return [];
      const usable = place.addresses.filter(
        ({ bytes, link }) => bytes.length === family && !link.loopback && !isLinkLocal(bytes),
      );
      if (end === "no-route" && place === from && usable.length === 0) {
        return candidates(place, family).flatMap((link): Diagnosis[] => {
          const example = exampleOn(view, link, family);
          if (example === undefined) return [];
          const address = `${formatBytes(freeAddress(view, example))}/${example.prefixLength}`;
          return [
            {
              id: "no-address",
              place: at(link),
              problem: `${link.name} in ${place.name} has no address`,
              evidence: [
                `${example.text}/${example.prefixLength} of ${example.link.place.name} is on the same link`,
              ],
              fix: [
                command("ip", place, `address add ${address} dev ${link.name}`),
                ...(link.up ? [] : [command("ip", place, `link set ${link.name} up`)]),
              ],
              certainty: CERTAINTY.ON_THE_WAY,
            },
          ];
        });
      }
      const last = hops.at(-1);
      if (end !== "nobody" || last === undefined) return [];
      const near = segmentOf(last.device);
      const prefix = last.place.addresses.find(
        (address) =>
          address.link === last.device && samePrefix(address.bytes, last.nextHop, address.prefixLength),
      );
      return view.state.places.flatMap((other): Diagnosis[] => {
        if (other === last.place || other.isHost) return [];
        return candidates(other, family)
          .filter((link) => near.includes(link) && link.kind !== "bridge")
          .map((link) => ({
            id: "no-address",
            place: at(link),
            problem: `nobody on this link has ${formatBytes(last.nextHop)}, and ${link.name} in ${other.name} has no address`,
            evidence: [`${command("ip", other, `address show ${link.name}`)}: no address`],
            fix: [
              command(
                "ip",
                other,
                `address add ${formatBytes(last.nextHop)}/${prefix?.prefixLength ?? family * 8} dev ${link.name}`,
              ),
            ],
            certainty: CERTAINTY.ON_THE_WAY,
          }));
      });
    }),
};
