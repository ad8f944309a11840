// Address translation (NAT) in what was seen of packets: what comes in to a namespace and what leaves it with other addresses is
// one packet, if its content is the same and no other explains it. Which rule did it, frames do not show.

import { fragmentKey } from "./seen-packet.ts";
import type { SeenPacket } from "./seen-packet.ts";
import type { Sighting } from "./sighting-tree.ts";

/** How long a namespace may take to send on what it has translated, nanoseconds. */
const LONGEST = 1_000_000_000;

/** Whether `out` may be `come`, translated. A router counts the time to live down, what translates for itself does not. */
function continues(come: Sighting, out: Sighting): boolean {
  const [before, after] = [come.packet, out.packet];
  return (
    !come.outgoing &&
    come.device.netns === out.device.netns &&
    before.content === after.content &&
    (before.fragment === undefined) === (after.fragment === undefined) &&
    before.key !== after.key &&
    before.tunnel === after.tunnel &&
    (after.ttl === before.ttl || after.ttl === before.ttl - 1) &&
    out.time - come.time <= LONGEST
  );
}

/** A fragment as one of the packet that it was before a translation. `ids` and `wholes` have what that was called. */
function fragmentBefore(
  packet: SeenPacket,
  ids: (id: string) => string,
  wholes: (key: string) => string,
): SeenPacket {
  const { fragment } = packet;
  if (fragment === undefined) return packet;
  const id = ids(fragment.id);
  const whole = fragment.whole && wholes(fragment.whole);
  return { ...packet, key: fragmentKey(fragment.offset, id), fragment: { ...fragment, id, whole } };
}

/** Follows names back to the first one. */
function originalOf(same: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => {
    let found = name;
    for (let next = same.get(found); next !== undefined; next = same.get(found)) found = next;
    return found;
  };
}

/** The sightings, with one key for what is one packet before and after a translation, and for what it is answered by. */
export function joinTranslated(sightings: readonly Sighting[]): readonly Sighting[] {
  const same = new Map<string, string>();
  /** Of fragments, the same for all pieces. */
  const sameId = new Map<string, string>();
  const seen = new Set<string>();
  const taken = new Set<string>();
  sightings.forEach((out, index) => {
    const { key, content } = out.packet;
    const first = !seen.has(key);
    seen.add(key);
    if (!first || !out.outgoing || content === undefined) return;
    const come = sightings.findLast(
      (one, at) => at < index && !taken.has(one.packet.key) && continues(one, out),
    );
    if (come === undefined) return;
    taken.add(come.packet.key);
    const [before, after] = [come.packet.fragment, out.packet.fragment];
    if (before === undefined || after === undefined) {
      same.set(key, come.packet.key);
      return;
    }
    sameId.set(after.id, before.id);
    if (after.whole !== undefined && before.whole !== undefined) same.set(after.whole, before.whole);
  });
  if (same.size === 0 && sameId.size === 0) return sightings;
  const [original, originalId] = [originalOf(same), originalOf(sameId)];
  return sightings.map((sighting) => {
    const { packet } = sighting;
    const of = packet.of && original(packet.of);
    const joined = { ...packet, key: original(packet.key), of };
    return { ...sighting, packet: fragmentBefore(joined, originalId, original) };
  });
}
