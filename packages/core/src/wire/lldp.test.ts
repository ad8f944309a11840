import { describe, expect, test } from "vitest";
import { bytesFromHex } from "./hex.ts";
import { decodeLldp, encodeLldp, sameNeighbour } from "./lldp.ts";
import type { LldpNeighbour } from "./lldp.ts";
import { Malformed } from "./malformed.ts";

const announcement = {
  chassis: 0xaa55_aa55_0001,
  port: "p1",
  ttl: 120,
  systemName: "name",
  systemDescription: "a switch",
  assignments: [{ status: 0, vlan: 10, isid: 100 }],
};

const neighbour = (bytes: Uint8Array) => decodeLldp(bytes, 0, bytes.length);

describe("LLDP", () => {
  test("is read as it was written", () => {
    const found = neighbour(encodeLldp(announcement)) as LldpNeighbour;
    expect(found).toMatchObject({
      chassis: bytesFromHex("04aa55aa550001"),
      systemDescription: "a switch",
      assignments: announcement.assignments,
    });
    expect(found.system).toEqual(bytesFromHex("aa55aa55000100000000"));
    expect(sameNeighbour(found, neighbour(encodeLldp({ ...announcement, ttl: 3 })) as LldpNeighbour)).toBe(
      true,
    );
    expect(
      sameNeighbour(found, neighbour(encodeLldp({ ...announcement, port: "p2" })) as LldpNeighbour),
    ).toBe(false);
  });

  test("counts what other organizations add", () => {
    const bytes = bytesFromHex("0204070102030405060504077031323306020078fe0500120f01020000");
    expect(neighbour(bytes ?? new Uint8Array())).toBeInstanceOf(Malformed);
    const right = bytesFromHex("020704010203040506040307703106020078fe0500120f01020000");
    let unrecognized = 0;
    const observer = { unrecognized: () => unrecognized++, element: () => {} };
    const bytesRight = right ?? new Uint8Array();
    expect(decodeLldp(bytesRight, 0, bytesRight.length, observer)).toMatchObject({ system: undefined });
    expect(unrecognized).toBe(1);
  });

  test("that is cut off is malformed, and any bytes are read", () => {
    const whole = encodeLldp(announcement);
    for (let end = 0; end < whole.length; end++) expect(decodeLldp(whole, 0, end)).toBeInstanceOf(Malformed);
    let seed = 1;
    for (let round = 0; round < 2000; round++) {
      const bytes = whole.slice();
      for (let change = 0; change < 3; change++) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        bytes[(seed >>> 8) % bytes.length] = seed >>> 16;
      }
      neighbour(bytes);
    }
  });
});
