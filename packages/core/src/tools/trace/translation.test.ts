import { expect, test } from "vitest";
import { bytesFromHex } from "../../wire/hex.ts";
import { seenPacket } from "./seen-packet.ts";
import type { Sighting } from "./sighting-tree.ts";
import { joinTranslated } from "./translation.ts";

/** An echo request or reply with id 0x1234, sequence 1 and four bytes of data. */
function ping(from: string, to: string, ttl: string, type: "08" | "00", data = "61626364"): Uint8Array {
  const text = `45000020 00004000 ${ttl}010000 ${from} ${to} ${type}000000 12340001 ${data}`;
  return bytesFromHex(text.replace(/ /g, "")) ?? new Uint8Array(0);
}

const [INSIDE, ROUTER, SERVER, OTHER] = ["0a010001", "0a0200fe", "0a020001", "0a020009"];

function sighting(netns: number, outgoing: boolean, time: number, frame: Uint8Array): Sighting {
  const packet = seenPacket(frame, false);
  if (packet === undefined) throw new Error("no packet");
  const name = outgoing ? "eth1" : "eth0";
  const device = { number: netns, netns, ifindex: outgoing ? 3 : 2, name, hardwareType: 1, address: 0 };
  return { device, outgoing, time: time * 1000, frame, ethernet: false, packet };
}

test("a source translation and its way back are one packet and one reply", () => {
  const joined = joinTranslated([
    sighting(1, true, 0, ping(INSIDE, SERVER, "40", "08")),
    sighting(2, false, 1, ping(INSIDE, SERVER, "40", "08")),
    sighting(2, true, 2, ping(ROUTER, SERVER, "3f", "08")),
    sighting(3, false, 3, ping(ROUTER, SERVER, "3f", "08")),
    sighting(3, true, 4, ping(SERVER, ROUTER, "40", "00")),
    sighting(2, false, 5, ping(SERVER, ROUTER, "40", "00")),
    sighting(2, true, 6, ping(SERVER, INSIDE, "3f", "00")),
    sighting(1, false, 7, ping(SERVER, INSIDE, "3f", "00")),
  ]);
  const keys = joined.map(({ packet }) => packet.key);
  expect(new Set(keys.slice(0, 4)).size).toBe(1);
  expect(new Set(keys.slice(4)).size).toBe(1);
  expect(joined.slice(4).every(({ packet }) => packet.of === keys[0])).toBe(true);
});

test("another packet is not taken for a translated one", () => {
  const sightings = [
    sighting(2, false, 1, ping(INSIDE, SERVER, "40", "08")),
    // Other data; a time to live that no router leaves; seen before it could be that; in another namespace.
    sighting(2, true, 2, ping(ROUTER, SERVER, "3f", "08", "ffffffff")),
    sighting(2, true, 3, ping(ROUTER, OTHER, "20", "08")),
    sighting(3, true, 4, ping(OTHER, SERVER, "3f", "08")),
  ];
  expect(joinTranslated(sightings)).toBe(sightings);
});

/** The first or second piece of an echo request: 16 bytes of header and data, then 4 of data. */
function piece(from: string, to: string, ttl: string, second: boolean): Uint8Array {
  const [length, offset, rest] = second
    ? ["18", "0002", "78797a7a"]
    : ["24", "2000", "08000000123400016162636465666768"];
  const text = `450000${length} 5678${offset} ${ttl}010000 ${from} ${to} ${rest}`;
  return bytesFromHex(text.replace(/ /g, "")) ?? new Uint8Array(0);
}

test("the pieces of a translated packet are pieces of one packet", () => {
  const joined = joinTranslated([
    sighting(2, false, 1, piece(INSIDE, SERVER, "40", false)),
    sighting(2, false, 2, piece(INSIDE, SERVER, "40", true)),
    sighting(2, true, 3, piece(ROUTER, SERVER, "3f", false)),
    sighting(2, true, 4, piece(ROUTER, SERVER, "3f", true)),
    sighting(2, false, 5, ping(SERVER, ROUTER, "40", "00", "6162636465666768")),
  ]);
  const [first, second, firstOut, secondOut, reply] = joined.map(({ packet }) => packet);
  expect(firstOut?.key).toBe(first?.key);
  expect(secondOut?.key).toBe(second?.key);
  expect(new Set(joined.slice(0, 4).map(({ packet }) => packet.fragment?.id)).size).toBe(1);
  expect(reply?.of).toBe(first?.fragment?.whole);
});
