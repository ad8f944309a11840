// Multicast snooping: what ovs-vswitchd 3.1.0 showed for the same packets on a bridge with three ports.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";
import { MulticastSnooping } from "../ofproto/multicast/snooping.ts";

const SECOND = 1e9;
/** From 192.168.0.1 about 224.1.1.1: an IGMPv2 report and a leave; then an IGMPv2 query of 192.168.0.9. */
const REPORT = "01005e01010150540000000508004500001c0000000001021835c0a80001e0010101160008fde0010101";
const LEAVE = "01005e01010150540000000508004500001c0000000001021835c0a80001e0010101170007fde0010101";
const QUERY = "01005e01010150540000000508004500001c000000000102192ec0a80009e00000011100eeff00000000";
/** An IGMPv3 report about 225.1.1.1 and 226.1.1.1, an MLDv1 report about ff05::2. */
const REPORT_3 =
  "01005e010101505400000005080045000030000000000102190dc0a80001e000001622000ff10000000204000000e1010101" +
  "01000001e201010101020304";
const REPORT_MLD =
  "33330000000250540000000586dd6000000000200001fe800000000000000000000000000001ff0500000000000000000000" +
  "000000023a000502000001008300801b00000000ff050000000000000000000000000002";

describe("a bridge", () => {
  const replay = new Replay();
  const appctl = async (...words: string[]): Promise<string> =>
    (await replay.run(`ovs-appctl ${words.join(" ")}`)).stdout;
  /** What NORMAL has done. */
  const trace = async (port: string, packet: string): Promise<string[]> =>
    (await appctl("ofproto/trace", "br0", packet.includes("=") ? packet : `in_port=${port} ${packet}`))
      .split("\n")
      .filter((line) => line.startsWith("     -> ") && !line.includes("learned that 50:54"))
      .map((line) => line.slice(8));
  const udp = (port: string, group: string) =>
    `in_port=${port},dl_src=50:54:00:00:00:05,dl_dst=01:00:5e:01:01:01,udp,nw_src=192.168.0.1,nw_dst=${group}`;

  beforeAll(async () => {
    await replay.start([
      "sysctl -q -w net.ipv6.conf.default.disable_ipv6=1", // so that nobody else reports
      "ovs-vsctl add-br br0 -- add-port br0 p1 -- add-port br0 p2 -- add-port br0 p3" +
        " -- set interface p1 type=internal ofport_request=1 -- set interface p2 type=internal ofport_request=2" +
        " -- set interface p3 type=internal ofport_request=3",
      "ip link set p1 up; ip link set p2 up; ip link set p3 up",
    ]);
  });

  test("that does not snoop says so", async () => {
    const { stderr, rc } = await replay.run("ovs-appctl mdb/show br0");
    expect(stderr).toBe(
      "multicast snooping is disabled\novs-appctl: ovs-vswitchd: server returned an error\n",
    );
    expect(rc).toBe(2);
  });

  test("learns groups and routers, and forwards by them", async () => {
    await replay.run("ovs-vsctl set bridge br0 mcast_snooping_enable=true");
    expect(await trace("p1", REPORT)).toEqual([
      "multicast snooping learned that 224.1.1.1 is on port p1 in VLAN 0",
    ]);
    expect(await trace("p1", LEAVE)).toEqual([
      "multicast snooping leaving 224.1.1.1 is on port p1 in VLAN 0",
    ]);
    expect(await trace("p1", REPORT)).toHaveLength(1);
    expect(await trace("p1", QUERY)).toEqual([
      "multicast snooping query from 192.168.0.9 is on port p1 in VLAN 0",
      "multicast traffic, flooding",
    ]);
    expect(await trace("p2", REPORT_3)).toEqual([
      "multicast snooping processed 2 addresses on port p2 in VLAN 0",
      "forwarding to mcast router port",
    ]);
    expect(await trace("p2", REPORT_MLD)).toEqual([
      "multicast snooping processed 1 addresses on port p2 in VLAN 0",
      "forwarding to mcast router port",
    ]);
    expect(await appctl("mdb/show", "br0")).toBe(
      " port  VLAN  GROUP                Age\n" +
        "    1     0  224.1.1.1           0\n" +
        "    2     0  225.1.1.1           0\n" +
        "    2     0  226.1.1.1           0\n" +
        "    2     0  ff05::2           0\n" +
        "    1     0  querier               0\n",
    );
    expect(await trace("p3", udp("p3", "225.1.1.1"))).toEqual([
      "forwarding to mcast group port",
      "forwarding to mcast router port",
    ]);
    expect(await trace("p2", udp("p2", "225.1.1.1"))).toEqual([
      "mcast group port is input port, dropping",
      "forwarding to mcast router port",
    ]);
    expect(await trace("p2", udp("p2", "224.0.0.5"))).toEqual(["RFC4541: section 2.1.2, item 2, flooding"]);
    expect(await trace("p2", udp("p2", "230.1.1.1"))).toEqual(["unregistered multicast, flooding"]);
    expect(await trace("p1", `${REPORT.slice(0, -4)}0000`)).toEqual([
      "multicast snooping received bad IGMP checksum on port p1 in VLAN 0",
      "mcast router port is input port, dropping",
    ]);
  });

  test("floods to ports that want it, and forgets ports and what it is told to", async () => {
    await replay.run(
      "ovs-vsctl set port p3 other_config:mcast-snooping-flood=true" +
        " -- set port p2 other_config:mcast-snooping-flood-reports=true" +
        " -- set bridge br0 other_config:mcast-snooping-disable-flood-unregistered=true",
    );
    expect(await trace("p2", udp("p2", "230.1.1.1"))).toEqual([
      "forwarding to mcast router port",
      "forwarding to mcast flood port",
    ]);
    expect(await trace("p3", REPORT)).toEqual([
      "forwarding to mcast router port",
      "forwarding report to mcast flagged port",
    ]);
    await replay.run("ovs-vsctl del-port br0 p2");
    expect(await appctl("mdb/show", "br0")).toBe(
      " port  VLAN  GROUP                Age\n" +
        "    1     0  224.1.1.1           0\n" +
        "    1     0  querier               0\n",
    );
    expect(await appctl("mdb/flush", "br0")).toBe("table successfully flushed\n");
    expect(await appctl("mdb/show", "br0")).toBe(" port  VLAN  GROUP                Age\n");
  });
});

describe("the table", () => {
  let now = 0;
  const table = new MulticastSnooping<string>(
    () => now,
    () => {},
  );

  test("keeps the groups that were reported last", () => {
    table.configure({ agingTime: 1, tableSize: 1, floodsUnregistered: true });
    for (let i = 0; i < 11; i++) table.join(`225.0.0.${i}`, 0, "p1");
    expect([...table.groups()].map(({ address }) => address)).toEqual(
      Array.from({ length: 10 }, (_, i) => `225.0.0.${i + 1}`),
    );
  });

  test("forgets members after the ageing time, of 15 seconds at least, and routers after 180", () => {
    now = 10 * SECOND;
    table.join("225.0.0.1", 0, "p2");
    table.heardRouter(0, "p3");
    now = 15 * SECOND;
    expect(table.age()).toBe(true);
    expect([...table.groups()].map(({ address, members }) => [address, [...members.keys()]])).toEqual([
      ["225.0.0.1", ["p2"]],
    ]);
    now = 25 * SECOND;
    expect(table.age()).toBe(true);
    expect([...table.groups()]).toEqual([]);
    now = 190 * SECOND;
    expect(table.age()).toBe(false);
  });
});
