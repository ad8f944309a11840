// What requests are said to change is no more than they name: what lies beside it may be changed by others meanwhile.

import { describe, expect, test } from "vitest";
import { writeU16Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { IFF } from "@patchcord/core/netlink/rtnl/link-constants.ts";
import { allSettings, settingBack } from "./link-settings.ts";
import { ioctlScopes } from "./ioctl-changes.ts";
import type { Devices } from "./scopes.ts";

const OWN = 7;
const FOREIGN = 3;
const devices: Devices = {
  isOwn: (index) => index === OWN,
  indexOf: (name) => ({ own: OWN, foreign: FOREIGN })[name],
  masterOf: () => 0,
  inGroup: () => [],
  portsOf: () => [],
  goneWith: (index) => [index],
  farEnd: () => undefined,
};
const scopes = (number: number, data: Uint8Array): unknown =>
  ioctlScopes({ number, data, shape: "pointer" }, devices);

describe("ioctls", () => {
  const SIOCADDRT = 0x890b;
  const SIOCDELRT = 0x890c;
  test.each([
    ["a network", [10, 11, 0, 0], [255, 255, 0, 0], 1, "254 0a0b0000/16", {}],
    ["a host", [10, 11, 0, 5], [0, 0, 0, 0], 5, "254 0a0b0005/32", {}],
    ["the default", [0, 0, 0, 0], [0, 0, 0, 0], 3, "254 /0", { 5: "0a010009" }],
  ])("a route to %s", (_, destination, mask, flags, slot, adds) => {
    const entry = new Uint8Array(120).fill(0xa5);
    entry.set(destination, 12);
    entry.set([10, 1, 0, 9], 28);
    entry.set(mask, 44);
    writeU16Host(entry, 56, flags);
    expect(scopes(SIOCADDRT, entry)).toEqual([{ kind: "route", family: 2, slot, adds }]);
    expect(scopes(SIOCDELRT, entry)).toEqual([{ kind: "route", family: 2, slot }]);
  });

  const SIOCSARP = 0x8955;
  test.each([
    ["of a device", "foreign", 0, [{ device: FOREIGN, adds: { 2: "020000000009" } }]],
    ["of a device of its own", "own", 0, []],
    ["of any device, for a proxy", "", 8, [{ proxy: true, adds: {} }]],
  ])("a neighbour %s", (_, device, flags, expected) => {
    const request = new Uint8Array(68).fill(0xa5);
    request.set([10, 1, 0, 9], 4);
    request.set([2, 0, 0, 0, 0, 9], 18);
    writeU32Host(request, 32, flags);
    request.set(new TextEncoder().encode(`${device}\0`), 52);
    expect(scopes(SIOCSARP, request)).toEqual(
      expected.map((each) => ({ kind: "neighbour", family: 2, destination: "0a010009", ...each })),
    );
  });
});

test("flags are set back only where a request named them", () => {
  const link = (flags: number, mask: number): Uint8Array => {
    const message = new Uint8Array(16);
    writeU32Host(message, 4, FOREIGN);
    writeU32Host(message, 8, flags);
    writeU32Host(message, 12, mask);
    return message;
  };
  const [down, up] = [link(0, 0), link(IFF.UP, 0)];
  const names = (request: Uint8Array): readonly string[] =>
    settingBack({ request, before: down, after: up, now: up }).names;
  expect(names(link(0, 0))).toEqual([]);
  expect(names(link(IFF.UP, 0))).toEqual(["down"]);
  expect(names(link(0, IFF.PROMISC))).toEqual([]);
  expect(names(link(IFF.UP, IFF.UP))).toEqual(["down"]);
  expect(names(allSettings(FOREIGN))).toEqual(["down"]);
});
