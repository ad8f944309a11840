import { describe, expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

const CABLE = [
  "ip netns add red",
  "ip netns add blue",
  "ip link add veth1 netns red type veth peer name veth2 netns blue",
  "ip -n red address add 10.0.0.1/24 dev veth1",
  "ip -n blue address add 10.0.0.2/24 dev veth2",
  "ip -n red link set veth1 up",
  "ip -n blue link set veth2 up",
];

async function network(...more: string[]): Promise<(cmd: string) => Promise<string>> {
  const replay = new Replay();
  await replay.start([...CABLE, ...more]);
  return async (cmd) => {
    const { stdout, stderr, rc } = await replay.run(cmd);
    return `${stdout}${stderr}[${rc}]`.replace(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC");
  };
}

describe("trace over a cable", () => {
  test("shows the question for the neighbour, the request and the answer", async () => {
    const run = await network();
    expect(await run("trace red 10.0.0.2")).toBe(`\
0.00  red          ICMP echo request id 20547 seq 1, 10.0.0.1 > 10.0.0.2, 84 bytes, from a raw socket
0.00  red          route to 10.0.0.2: 10.0.0.0/24 dev veth1, table main
0.00  red   veth1  neighbour 10.0.0.2 is not known (INCOMPLETE): the packet waits
0.00  red          ├─ question: ARP who has 10.0.0.2? tell 10.0.0.1, 28 bytes
0.00  red   veth1  │  out, 42 bytes
0.01  blue  veth2  │  in, 42 bytes
0.01  blue         │  ├─ answer: ARP 10.0.0.2 is at MAC, 28 bytes
0.01  blue  veth2  │  │  out, 42 bytes
0.02  red   veth1  │  │  in, 42 bytes
0.02  red          │  │  delivered to ARP
0.01  blue         │  delivered to ARP
0.02  red   veth1  neighbour 10.0.0.2 is MAC (REACHABLE)
0.02  red   veth1  out, 98 bytes
0.03  blue  veth2  in, 98 bytes
0.03  blue         for this host: 10.0.0.2 (local 10.0.0.2, table local)
0.03  blue         delivered to ICMP
0.03  blue         └─ answer: ICMP echo reply id 20547 seq 1, 10.0.0.2 > 10.0.0.1, 84 bytes
0.03  blue            route to 10.0.0.1: 10.0.0.0/24 dev veth2, table main
0.03  blue  veth2     neighbour 10.0.0.1 is MAC (DELAY)
0.03  blue  veth2     out, 98 bytes
0.04  red   veth1     in, 98 bytes
0.04  red             for this host: 10.0.0.1 (local 10.0.0.1, table local)
0.04  red             delivered to raw socket for protocol 1
0.04  red             delivered to ICMP
Answered after 0.04 ms: ICMP echo reply id 20547 seq 1, 10.0.0.2 > 10.0.0.1
[0]`);
  });

  test("follows the packet of the program, not the kernel's question whether the router is there", async () => {
    const run = await network(
      "ip -n red address add fd01::1/64 dev veth1 nodad",
      "ip -n blue address add fd01::2/64 dev veth2 nodad",
      "ip -n blue address add fd02::2/64 dev veth2 nodad",
      "ip netns exec blue sysctl -qw net.ipv6.icmp.echo_ignore_all=1",
      "ip -n red route add fd02::/64 via fd01::2",
      "sleep 2",
    );
    expect(await run("trace red fd02::2 | tail -1")).toBe(
      "Lost at veth2 in blue: an ICMP message that this host is set to ignore (ICMP_IGNORED)\n[0]",
    );
  });

  test("tells where a packet was lost and what says so", async () => {
    const run = await network("ip netns exec blue sysctl -qw net.ipv4.icmp_echo_ignore_all=1");
    expect(await run("trace red 10.0.0.2 | tail -1")).toBe(
      "Lost at veth2 in blue: an ICMP message that this host is set to ignore (ICMP_IGNORED)\n[0]",
    );
    expect(await run("trace red 10.0.0.9 | tail -1")).toBe(
      "Lost at veth1 in red: the neighbour did not answer (NEIGH_FAILED)\n[0]",
    );
    expect(await run("trace --udp 53 red 10.0.0.2 | tail -1")).toMatch(/port unreachable.*NO_SOCKET/);
    expect(await run("trace red 10.9.0.2")).toBe("Not sent by red: Network is unreachable\n[1]");
  });

  test("follows IPv6, and fragments that are put together", async () => {
    const run = await network(
      "ip -n red address add 2001:db8::1/64 dev veth1 nodad",
      "ip -n blue address add 2001:db8::2/64 dev veth2 nodad",
    );
    expect(await run("trace red 2001:db8::2")).toMatch(/question: ND who has[^]*Answered .* echo reply/);
    for (const to of ["10.0.0.2", "2001:db8::2"]) {
      const large = await run(`trace --size 3000 red ${to}`);
      expect(large.match(/cut into 3 fragments/g)).toHaveLength(2);
      expect(large).toMatch(/put together/);
      expect(large).toMatch(/\nAnswered .*\n\[0\]$/);
    }
  });

  test("sends ARP requests and whole frames", async () => {
    const run = await network();
    expect(await run("trace --arp red 10.0.0.2 | tail -1")).toMatch(/^Answered .*ARP 10.0.0.2 is at MAC/);
    expect(await run("trace --frame ffffffffffff02000000000188b5 --from veth1 red | tail -1")).toMatch(
      /UNHANDLED_PROTO/,
    );
    expect(await run("trace --frame 00 --from veth1 red")).toBe("trace: a frame has at least 14 bytes\n[2]");
  });

  test("refuses what it does not understand", async () => {
    const run = await network();
    expect(await run("trace green 10.0.0.2")).toBe(
      "trace: no namespace 'green'; there are: host, blue, red\n[2]",
    );
    expect(await run("trace red nowhere.example")).toMatch(/nowhere\.example: .*\[2\]$/s);
    expect(await run("trace red")).toMatch(/missing destination.*\[2\]$/s);
  });

  test("is the same as JSON", async () => {
    const run = await network();
    const parsed = JSON.parse((await run("trace --json red 10.0.0.2")).replace(/\[0\]$/, "")) as {
      verdict: { outcome: string };
      journey: { steps: { kind?: string; text?: string }[] };
    };
    expect(parsed.verdict.outcome).toBe("answered");
    expect(parsed.journey.steps[1]).toMatchObject({
      kind: "route",
      namespace: "red",
      entry: { prefix: "10.0.0.0", prefixLength: 24, table: 254 },
      text: "route to 10.0.0.2: 10.0.0.0/24 dev veth1, table main",
    });
  });
});

test("trace through a bridge shows who learned what, and who got a copy", async () => {
  const run = await network(
    "ip link add br0 type bridge",
    "ip link set br0 up",
    ...["h1", "h2", "h3"].flatMap((name, index) => [
      `ip netns add ${name}`,
      `ip link add ${name} type veth peer name eth0 netns ${name}`,
      `ip link set ${name} master br0 up`,
      `ip -n ${name} address add 10.1.0.${index + 1}/24 dev eth0`,
      `ip -n ${name} link set eth0 up`,
    ]),
    "bridge fdb flush dev br0 || true",
  );
  const text = await run("trace h1 10.1.0.2");
  expect(text).toMatch(/host {2}br0 .*broadcast: to every port, and the host/);
  expect(text).toMatch(/├─ copy/);
  expect(text).toMatch(/FDB: MAC is behind h2/);
  expect(text).toMatch(/Answered after 0\.\d\d ms/);
});

test("--dry-run tells the way and changes nothing", async () => {
  const replay = new Replay();
  await replay.start([
    ...CABLE,
    "ip link add br0 type bridge",
    "ip link set br0 up",
    ...["h1", "h2"].flatMap((name, index) => [
      `ip netns add ${name}`,
      `ip link add p${index} type veth peer name eth0 netns ${name}`,
      `ip link set p${index} master br0 up`,
      `ip -n ${name} address add 10.1.0.${index + 1}/24 dev eth0`,
      `ip -n ${name} link set eth0 up`,
    ]),
  ]);
  const everything = async (): Promise<string> => {
    let text = "";
    for (const inside of ["", "ip netns exec h1 ", "ip netns exec h2 ", "ip netns exec red "]) {
      for (const look of [
        "ip -s -s link",
        "ip -s neigh",
        "ip -s -6 neigh",
        "ip route show cache",
        "bridge -s fdb",
        "cat /proc/net/snmp",
        "cat /proc/net/snmp6",
        "cat /proc/net/netstat",
        "cat /proc/net/dev",
        "cat /proc/net/arp",
        "cat /proc/net/stat/arp_cache",
        "cat /proc/net/softnet_stat",
      ]) {
        // Ages count on while anything runs.
        text += (await replay.run(`${inside}${look}`)).stdout.replace(/(used|ageing) \S+|ref \d+/g, "$1");
      }
    }
    return text;
  };
  const before = await everything();
  const { stdout, rc } = await replay.run("trace --dry-run h1 10.1.0.2");
  expect(stdout).toMatch(
    /question: ARP who has[^]*broadcast: to every port[^]*\nWould be: Answered: ICMP echo reply/,
  );
  expect(rc).toBe(0);
  expect(await everything()).toBe(before);
  await replay.run("trace h1 10.1.0.2");
  expect(await everything()).not.toBe(before);
});

test("--dry-run asks Open vSwitch, and goes on where its flows lead", async () => {
  const replay = new Replay();
  await replay.start([
    "ovs-vsctl add-br br0",
    ...["h1", "h2", "h3"].flatMap((name, index) => [
      `ip netns add ${name}`,
      `ip link add p${index + 1} type veth peer name eth0 netns ${name}`,
      `ip link set p${index + 1} up`,
      `ovs-vsctl add-port br0 p${index + 1} tag=${index < 2 ? 10 : 20}`,
      `ip -n ${name} address add 10.1.0.${index + 1}/24 dev eth0`,
      `ip -n ${name} link set eth0 up`,
    ]),
    "ovs-vsctl add-port br0 in0 tag=10 -- set interface in0 type=internal",
    "ip address add 10.1.0.9/24 dev in0",
    "ip link set in0 up",
  ]);
  const guess = async (way: string): Promise<string> => (await replay.run(`trace --dry-run ${way}`)).stdout;
  const flows = async (): Promise<string> => (await replay.run("ovs-appctl fdb/show br0")).stdout;
  const before = await flows();
  expect(await guess("h1 10.1.0.2")).toMatch(/datapath actions: [^]*Would be: Answered: ICMP echo reply/);
  expect(await guess("h1 10.1.0.9")).toMatch(/Would be: Answered/);
  expect(await guess("host 10.1.0.2")).toMatch(/Would be: Answered/);
  expect(await guess("h1 10.1.0.3")).toMatch(/Would be: Lost/);
  expect(await flows()).toBe(before);
  await replay.run("ovs-ofctl add-flow br0 priority=9,icmp,actions=drop");
  expect(await guess("h1 10.1.0.2")).toMatch(/Would be: Lost at ovs-system[^]*OVS_DROP_LAST_ACTION/);
});
