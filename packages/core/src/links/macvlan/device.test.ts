import { describe, expect, test } from "vitest";
import { changeAddress, changeMtu } from "../../kernel/device-state.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { BROADCAST_MAC } from "../../wire/mac.ts";
import { BenchLab, macBytes } from "../bridge/testing/bench-lab.ts";
import type { MacvlanData } from "./netlink.ts";
import { decodeMacvlanData, encodeMacvlanData, MACADDR_MODE, MACVLAN_FLAG, MACVLAN_MODE } from "./netlink.ts";

const { PRIVATE, VEPA, BRIDGE, PASSTHRU, SOURCE } = MACVLAN_MODE;
const FAR = 0x0200_0000_0002;

function station(n: number): number {
  return 0x0200_0000_0100 + n;
}

/** Two ends of a cable that are up. */
function cable(): BenchLab {
  const lab = new BenchLab();
  lab.cable("a", "b", 0x0200_0000_0001, FAR);
  lab.up("a", "b");
  return lab;
}

function request(lab: BenchLab, name: string, lower: string, n: number, data: MacvlanData, mtu?: number) {
  const body = encodeLink({
    ifname: name,
    link: lab.device(lower).ifindex,
    address: macBytes(station(n)),
    ...(mtu === undefined ? {} : { mtu }),
    linkinfo: { kind: "macvlan", data: encodeMacvlanData(data) },
  });
  return lab.client.request(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, body);
}

/** Devices m1, m2, ... of these modes on "a", up. */
function stations(lab: BenchLab, ...modes: number[]): void {
  modes.forEach((mode, index) => {
    const name = `m${index + 1}`;
    expect(request(lab, name, "a", index + 1, { mode })).toMatchObject({ ok: true });
    lab.up(name);
  });
}

describe("macvlan", () => {
  test("gets what is for its address, and what is for all", () => {
    const lab = cable();
    stations(lab, PRIVATE, VEPA);
    const [below, one, two] = ["a", "m1", "m2"].map((name) => lab.watch(name));
    lab.send("b", station(1), FAR);
    expect([below?.length, one?.length, two?.length]).toEqual([1, 1, 0]);
    lab.send("b", BROADCAST_MAC, FAR);
    expect([below?.length, one?.length, two?.length]).toEqual([2, 2, 1]);
    expect(lab.device("m1").statistics).toMatchObject({ rxPackets: 2, rxBytes: 120, multicast: 1 });
  });

  test.each([
    ["bridge", BRIDGE, 1, 1],
    ["private", PRIVATE, 0, 0],
    ["vepa", VEPA, 0, 0],
  ])("mode %s: a sibling gets unicast and broadcast directly, or not", (_, mode, unicast, all) => {
    const lab = cable();
    stations(lab, mode, mode);
    const sibling = lab.watch("m2");
    const far = lab.watch("b");
    lab.send("m1", station(2), station(1));
    expect([sibling.length, far.length]).toEqual([unicast, 1 - unicast]);
    lab.send("m1", BROADCAST_MAC, station(1));
    expect([sibling.length - unicast, far.length - (1 - unicast)]).toEqual([all, 1]);
  });

  test("what a switch reflects comes to the others in mode vepa, and to nobody else in mode private", () => {
    const lab = cable();
    stations(lab, VEPA, VEPA, PRIVATE);
    const [first, second, third] = ["m1", "m2", "m3"].map((name) => lab.watch(name));
    lab.send("b", BROADCAST_MAC, station(1));
    expect([first?.length, second?.length, third?.length]).toEqual([0, 1, 0]);
    lab.send("b", BROADCAST_MAC, station(3));
    expect([first?.length, second?.length, third?.length]).toEqual([0, 1, 1]);
  });

  test("passthru has the lower device to itself, address included, and gives it back", () => {
    const lab = cable();
    stations(lab, PASSTHRU);
    expect(lab.device("m1").address).toBe(0x0200_0000_0001);
    expect(lab.device("a").promiscuity).toBe(1);
    expect(request(lab, "m2", "a", 2, {})).toMatchObject({ ok: false, errno: ERRNO.EINVAL });
    changeAddress(lab.device("m1"), station(9));
    expect(lab.device("a").address).toBe(station(9));
    lab.ok(RTM.DELLINK, 0, encodeLink({ ifname: "m1" }));
    expect(lab.device("a")).toMatchObject({
      address: 0x0200_0000_0001,
      promiscuity: 0,
      rxHandler: undefined,
    });
  });

  test("source mode gets what listed stations send", () => {
    const lab = cable();
    const macaddr = macBytes(FAR);
    const data = { mode: SOURCE, flags: MACVLAN_FLAG.NODST, macaddrMode: MACADDR_MODE.ADD, macaddr };
    expect(request(lab, "m1", "a", 1, data)).toMatchObject({ ok: true });
    lab.up("m1");
    const seen = lab.watch("m1");
    lab.send("b", 0x0200_0000_0001, FAR);
    lab.send("b", 0x0200_0000_0001, station(7));
    expect(seen.length).toBe(1);
  });

  test("an address is in use once, and the lower device listens to it", () => {
    const lab = cable();
    stations(lab, BRIDGE);
    expect(request(lab, "m2", "a", 1, { mode: BRIDGE })).toMatchObject({ ok: true });
    expect(() => lab.up("m2")).toThrow(new Refusal(ERRNO.EADDRINUSE));
    expect(() => changeAddress(lab.device("m1"), 0x0200_0000_0001)).toThrow(new Refusal(ERRNO.EADDRINUSE));
    changeAddress(lab.device("m1"), station(5));
    expect([...lab.device("a").unicast.entries()].map(({ address }) => address)).toEqual([station(5)]);
    lab.up("m2");
    lab.down("m1", "m2");
    expect(lab.device("a").unicast.size).toBe(0);
  });

  test("follows MTU, carrier and deletion of the lower device", () => {
    const lab = cable();
    stations(lab, BRIDGE);
    expect(() => changeMtu(lab.device("m1"), 1501)).toThrow(new Refusal(ERRNO.EINVAL));
    expect(request(lab, "m2", "a", 2, {}, 1501)).toMatchObject({ errno: ERRNO.EINVAL });
    changeMtu(lab.device("a"), 1400);
    expect(lab.device("m1").mtu).toBe(1400);
    lab.down("a");
    expect(lab.device("m1")).toMatchObject({ up: true, carrier: false });
    lab.ok(RTM.DELLINK, 0, encodeLink({ ifname: "a" }));
    expect([...lab.kernel.init.names.keys()]).toEqual(["lo"]);
  });

  test("is refused on loopback, on a bridge port, and as a port of the bridge below it", () => {
    const lab = new BenchLab();
    lab.star(1);
    expect(request(lab, "m1", "lo", 1, {})).toMatchObject({ errno: ERRNO.EINVAL });
    expect(request(lab, "m1", "p1", 1, {})).toMatchObject({ errno: ERRNO.EBUSY });
    expect(request(lab, "m1", "br0", 1, {})).toMatchObject({ ok: true });
    expect(() => lab.enslave("m1", "br0")).toThrow(`errno ${ERRNO.EBUSY}`);
  });
});

test("attributes survive a round trip", () => {
  const data: MacvlanData = {
    mode: SOURCE,
    flags: 2,
    macaddrCount: 1,
    macaddrs: [macBytes(FAR)],
    bcQueueLength: 7,
  };
  expect(decodeMacvlanData(encodeMacvlanData(data))).toEqual(data);
});
