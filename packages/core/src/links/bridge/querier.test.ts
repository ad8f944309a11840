// Queries as tcpdump shows those of Linux 6.18 behind a port.

import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

const LAB = [
  "ip link add br0 address 02:00:00:00:00:01 type bridge mcast_startup_query_interval 100 mcast_query_interval 300",
  "ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03",
  "ip link set v0 master br0; ip link set v1 up; ip link set v0 up; ip link set br0 up",
];

async function lab(): Promise<Replay> {
  const replay = new Replay("linux-6.18");
  await replay.start(LAB);
  return replay;
}

/** What `filter` lets through at the far end of the port while `script` runs. */
async function seen(replay: Replay, filter: string, script: string): Promise<string[]> {
  const { stdout } =
    await replay.run(`tcpdump --immediate-mode -i v1 -n -e -t '${filter}' >/tmp/seen 2>/dev/null & sleep 0.1
${script}; kill $!; sleep 0.1; cat /tmp/seen`);
  return stdout.trimEnd().split("\n");
}

const IGMP_V2 =
  "02:00:00:00:00:01 > 01:00:5e:00:00:01, ethertype IPv4 (0x0800), length 46: 0.0.0.0 > 224.0.0.1: igmp query v2";
const IGMP_V3 =
  "02:00:00:00:00:01 > 01:00:5e:00:00:01, ethertype IPv4 (0x0800), length 50: 0.0.0.0 > 224.0.0.1: igmp query v3";
const MLD_V1 =
  "02:00:00:00:00:01 > 33:33:00:00:00:01, ethertype IPv6 (0x86dd), length 86: fe80::ff:fe00:1 > ff02::1: HBH ICMP6, multicast listener querymax resp delay: 10000 addr: ::, length 24";
const MLD_V2 =
  "02:00:00:00:00:01 > 33:33:00:00:00:01, ethertype IPv6 (0x86dd), length 90: fe80::ff:fe00:1 > ff02::1: HBH ICMP6, multicast listener query v2 [gaddr ::], length 28";

test("asks when it is made the querier, soon again, and then at its interval", async () => {
  const replay = await lab();
  const on = "ip link set br0 type bridge mcast_querier 1";
  expect(await seen(replay, "igmp[0] == 0x11", `${on}; sleep 4.5`)).toEqual([IGMP_V2, IGMP_V2, IGMP_V2]);
  const versions = "ip link set br0 type bridge mcast_igmp_version 3";
  expect(await seen(replay, "igmp[0] == 0x11", `${versions}; sleep 3`)).toEqual([IGMP_V3]);
});

test("asks for members of IPv6 groups from its link-local address", async () => {
  const replay = await lab();
  const on = "ip link set br0 type bridge mcast_querier 1";
  expect(await seen(replay, "ip6[48] == 130", `${on}; sleep 0.5`)).toEqual([MLD_V1]);
  const version = "ip link set br0 type bridge mcast_mld_version 2";
  expect(await seen(replay, "ip6[48] == 130", `${version}; sleep 1`)).toEqual([MLD_V2]);
});

test("is silent unless it is asked to be the querier", async () => {
  const replay = await lab();
  const off = "ip link set br0 type bridge mcast_querier 0; sleep 5";
  expect(await seen(replay, "igmp[0] == 0x11", off)).toEqual([""]);
});

test("an address of its own is used if that is wanted", async () => {
  const replay = await lab();
  await replay.run("ip addr add 10.0.0.1/24 dev br0");
  const on = "ip link set br0 type bridge mcast_query_use_ifaddr 1 mcast_querier 1; sleep 0.5";
  expect(await seen(replay, "igmp[0] == 0x11", on)).toEqual([
    IGMP_V2.replace("0.0.0.0 > 224", "10.0.0.1 > 224"),
  ]);
});

test("once its hosts had time to answer, groups without members go nowhere", async () => {
  const replay = await lab();
  const send = "ping -c 1 -W 0.1 -I br0 239.1.1.1 >/dev/null";
  await replay.run("ip addr add 10.0.0.1/24 dev br0; ip route add 239.0.0.0/8 dev br0");
  expect(await seen(replay, "host 239.1.1.1", send)).toHaveLength(1);
  expect((await seen(replay, "host 239.1.1.1", send))[0]).toContain("239.1.1.1");
  await replay.run("ip link set br0 type bridge mcast_querier 1; sleep 11");
  expect(await seen(replay, "icmp and host 239.1.1.1", send)).toEqual([""]);
});
