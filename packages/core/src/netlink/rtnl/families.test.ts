import { expect, test } from "vitest";
import { decodedRequests, expectSameBytes } from "../testing/round-trip.ts";
import { decodeAddressLabel, encodeAddressLabel } from "./address-label.ts";
import {
  decodeBridgeVlan,
  decodeBridgeVlanRequest,
  encodeBridgeVlan,
  encodeBridgeVlanRequest,
} from "./bridge-vlan.ts";
import { decodeMdb, decodeMdbRequest, encodeMdb, encodeMdbRequest } from "./mdb.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NUD } from "./neighbour.ts";
import { decodeNeighbourTable, encodeNeighbourTable } from "./neighbour-table.ts";
import { decodeNetconf, encodeNetconf } from "./netconf.ts";
import { decodeNexthop, encodeNexthop } from "./nexthop.ts";
import { decodeQdisc, encodeQdisc } from "./qdisc.ts";
import { decodeRule, encodeRule } from "./rule.ts";
import {
  decodeStatistics,
  decodeStatisticsRequest,
  encodeStatistics,
  encodeStatisticsRequest,
} from "./statistics.ts";
import { AF, RTM } from "./types.ts";

const profile = "linux-6.1";
const neighbour = { encode: encodeNeighbour, decode: decodeNeighbour };
const rule = { encode: encodeRule, decode: decodeRule };

test.each(["linux-6.1", "linux-6.18"] as const)("neighbours and FDB entries of %s", (each) => {
  const types = [RTM.NEWNEIGH, RTM.DELNEIGH];
  expect(expectSameBytes(neighbour, { profile: each, family: "neighbour", types })).toBeGreaterThan(50);
});

test("requests of ip neigh and bridge fdb", () => {
  const types = [RTM.NEWNEIGH, RTM.DELNEIGH, RTM.GETNEIGH];
  const all = decodedRequests(neighbour, { profile, family: "neighbour", types });
  const of = (command: string) => all.find((each) => each.command === command)?.record;
  expect(
    of("ip neigh add 2001:db8::50 lladdr 02:00:00:00:05:01 dev veth3 nud reachable router proto static"),
  ).toMatchObject({ family: AF.INET6, ifindex: 4, state: NUD.REACHABLE, flags: NTF.ROUTER, protocol: 4 });
  expect(
    of("bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.9 port 4800 vni 7 via veth3"),
  ).toMatchObject({
    family: AF.BRIDGE,
    dst: Uint8Array.of(10, 0, 0, 9),
    port: 4800,
    vni: 7,
    ndaIfindex: 4,
  });
});

test("rules", () => {
  const types = [RTM.NEWRULE, RTM.DELRULE];
  expect(expectSameBytes(rule, { profile, family: "rule", types })).toBeGreaterThan(10);
  const all = decodedRequests(rule, { profile, family: "rule", types: [...types, RTM.GETRULE] });
  const ports = all.find((each) => each.command.includes("uidrange"))?.record;
  expect(ports).toMatchObject({
    ipProto: 6,
    sportRange: { start: 1, end: 100 },
    dportRange: { start: 80, end: 80 },
    uidRange: { start: 100, end: 200 },
    fraTable: 1000,
    suppressPrefixlen: 8,
    suppressIfgroup: 3,
  });
});

test("next-hop objects", () => {
  const nexthop = { encode: encodeNexthop, decode: decodeNexthop };
  const recording = { profile, family: "nexthop" } as const;
  expect(expectSameBytes(nexthop, { ...recording, types: [RTM.NEWNEXTHOP, RTM.DELNEXTHOP] })).toBe(4);
  const all = decodedRequests(nexthop, { ...recording, types: [RTM.NEWNEXTHOP, RTM.GETNEXTHOP] });
  expect(all.find((each) => each.command.includes("group"))?.record.group).toEqual([
    { id: 5, weight: 0, weightHigh: 0 },
    { id: 6, weight: 1, weightHigh: 0 },
  ]);
});

test("interface settings", () => {
  const netconf = { encode: encodeNetconf, decode: decodeNetconf };
  const types = [RTM.NEWNETCONF, RTM.DELNETCONF];
  expect(expectSameBytes(netconf, { profile, family: "netconf", types })).toBeGreaterThan(10);
});

test("neighbour tables", () => {
  const table = { encode: encodeNeighbourTable, decode: decodeNeighbourTable };
  const recording = { profile, family: "neighbour-table" } as const;
  expect(expectSameBytes(table, { ...recording, types: [RTM.NEWNEIGHTBL] })).toBeGreaterThan(10);
  const [change] = decodedRequests(table, { ...recording, types: [RTM.SETNEIGHTBL] });
  expect(change?.record.parms).toMatchObject({ ifindex: 4, baseReachableTime: 20000 });
});

test("address labels", () => {
  const label = { encode: encodeAddressLabel, decode: decodeAddressLabel };
  expect(expectSameBytes(label, { profile, family: "address-label", types: [RTM.NEWADDRLABEL] })).toBe(10);
});

test("statistics", () => {
  const statistics = { encode: encodeStatistics, decode: decodeStatistics };
  const types = [RTM.NEWSTATS];
  expect(expectSameBytes(statistics, { profile, family: "statistics", types })).toBeGreaterThan(10);
  expect(expectSameBytes(statistics, { profile: "linux-6.18", family: "statistics", types })).toBeGreaterThan(
    10,
  );
  const request = { encode: encodeStatisticsRequest, decode: decodeStatisticsRequest };
  const all = decodedRequests(request, { profile, family: "statistics", types: [RTM.GETSTATS] });
  expect(all.find((each) => each.command === "ip stats show dev veth3 group link")?.record.filterMask).toBe(
    1,
  );
});

test("qdiscs", () => {
  const qdisc = { encode: encodeQdisc, decode: decodeQdisc };
  expect(expectSameBytes(qdisc, { profile, family: "qdisc", types: [RTM.NEWQDISC] })).toBeGreaterThan(7);
  decodedRequests(qdisc, { profile, family: "qdisc", types: [RTM.NEWQDISC, RTM.GETQDISC] });
});

test("the multicast database, whose dumps have the type of the request", () => {
  const mdb = { encode: encodeMdb, decode: decodeMdb };
  const types = [RTM.NEWMDB, RTM.DELMDB, RTM.GETMDB];
  expect(expectSameBytes(mdb, { profile, family: "mdb", types })).toBeGreaterThan(4);
  const request = { encode: encodeMdbRequest, decode: decodeMdbRequest };
  const [add] = decodedRequests(request, { profile, family: "mdb", types });
  expect(add?.record.entry).toMatchObject({ ifindex: 3, state: 1, vid: 0, proto: 0x800 });
  expect(add?.record.entry?.address.subarray(0, 4)).toEqual(Uint8Array.of(239, 1, 1, 1));
});

test("VLANs of bridge ports in the VLAN database", () => {
  const vlan = { encode: encodeBridgeVlan, decode: decodeBridgeVlan };
  const recording = { profile, family: "bridge-vlan" } as const;
  expect(expectSameBytes(vlan, { ...recording, types: [RTM.NEWVLAN, RTM.DELVLAN] })).toBeGreaterThan(7);
  const [set] = decodedRequests(vlan, { ...recording, types: [RTM.NEWVLAN] });
  expect(set?.record.entries).toEqual([{ info: { flags: 0x40, vid: 10 }, state: 4 }]);
  const request = { encode: encodeBridgeVlanRequest, decode: decodeBridgeVlanRequest };
  const dumps = decodedRequests(request, { ...recording, types: [RTM.GETVLAN] });
  expect(dumps.map((each) => each.record.dumpFlags)).toContain(2);
});
