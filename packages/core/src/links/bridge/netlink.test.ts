import { expect, test } from "vitest";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeStatistics } from "../../netlink/rtnl/statistics.ts";
import { exchanges, toHex } from "../../netlink/testing/exchanges.ts";
import { expectSameData, sentData } from "../../netlink/testing/link-data.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { bridgeData, bridgePortData, decodeBridgeStatistics, encodeBridgeStatistics } from "./netlink.ts";

const data = (link: LinkMessage) => (link.linkinfo?.kind === "bridge" ? link.linkinfo.data : undefined);
const slaveData = (link: LinkMessage) => link.linkinfo?.slaveData;
const protinfo = (link: LinkMessage) => (link.family === AF.BRIDGE ? link.protinfo : undefined);

test.each(["linux-6.1", "linux-6.18"] as const)(
  "bridges and ports that %s sends are encoded to the same bytes",
  (profile) => {
    expect(expectSameData(bridgeData, profile, data).length).toBeGreaterThan(0);
    expect(expectSameData(bridgePortData, profile, protinfo).length).toBeGreaterThan(0);
  },
);

test("ports as slave data", () => {
  const [port] = expectSameData(bridgePortData, "linux-6.1", slaveData);
  expect(port).toMatchObject({
    state: 3,
    priority: 5,
    cost: 10,
    mode: 1,
    id: 0x1401,
    no: 1,
    multicastRouter: 1,
  });
});

test("what ip link set sends for a bridge and a port", () => {
  const bridges = sentData(bridgeData, "linux-6.1", data);
  expect(
    bridges.get("ip link add br2 type bridge vlan_filtering 1 vlan_default_pvid 5 vlan_protocol 802.1ad"),
  ).toEqual({
    vlanFiltering: 1,
    vlanDefaultPvid: 5,
    vlanProtocol: 0x88a8,
  });
  const ports = sentData(bridgePortData, "linux-6.1", slaveData);
  expect(ports.size).toBe(1);
  expect([...ports.values()][0]).toEqual({
    priority: 5,
    cost: 10,
    mode: 1,
    guard: 1,
    protect: 1,
    fastLeave: 1,
    mcastToUcast: 1,
    learning: 0,
    unicastFlood: 0,
    mcastFlood: 0,
    bcastFlood: 0,
    groupFwdMask: 8,
    neighSuppress: 1,
    isolated: 1,
  });
});

test.each(["linux-6.1", "linux-6.18"] as const)(
  "statistics that %s sends are encoded to the same bytes",
  (profile) => {
    const vids = new Set<number>();
    let count = 0;
    for (const { command, received } of exchanges(profile, "statistics")) {
      for (const { type, body } of received) {
        const message = type === RTM.NEWSTATS ? decodeStatistics(body) : undefined;
        if (message === undefined || isMalformed(message)) continue;
        const payload = message.linkXstats?.bridge ?? message.linkXstatsSlave?.bridge;
        if (payload === undefined) continue;
        const statistics = decodeBridgeStatistics(payload);
        if (isMalformed(statistics)) throw new Error(`${command}: ${statistics}`);
        expect([command, toHex(encodeBridgeStatistics(statistics))]).toEqual([command, toHex(payload)]);
        expect([command, statistics.unknown]).toEqual([command, undefined]);
        for (const { vid } of statistics.vlans ?? []) vids.add(vid);
        count++;
      }
    }
    expect(count).toBeGreaterThan(2);
    const recordedVids = profile === "linux-6.1" ? [1, 5, 10, 20] : [];
    expect([...vids]).toEqual(expect.arrayContaining(recordedVids));
  },
);
