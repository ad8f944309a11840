import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

/** A storm is a million hops, which take their time where much else runs. Milliseconds. */
const STORM = 120_000;

const HOSTS = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  ...["h1", "h2"].flatMap((name, index) => [
    `ip netns add ${name}`,
    `ip link add p${index} type veth peer name eth0 netns ${name}`,
    `ip link set p${index} master br0 up`,
    `ip -n ${name} address add 10.1.0.${index + 1}/24 dev eth0`,
    `ip -n ${name} link set eth0 up`,
  ]),
];
const CABLES = [1, 2].flatMap((number) => [
  `ip link add a${number} type veth peer name b${number}`,
  `ip link set a${number} up`,
  `ip link set b${number} up`,
]);
const LOOP = [
  "ip link add br1 type bridge",
  "ip link set br1 up",
  ...CABLES,
  "ip link set a1 master br0",
  "ip link set b1 master br1",
  "ip link set a2 master br0",
  "ip link set b2 master br1",
];

async function lab(setup: readonly string[]): Promise<Replay> {
  const replay = new Replay();
  await replay.start(setup);
  return replay;
}

test("a healthy network gets a clean bill", async () => {
  const replay = await lab(HOSTS);
  expect(await replay.run("doctor")).toMatchObject({
    stdout: "Nothing is wrong: 3 namespaces, 8 devices\n",
    stderr: "",
    rc: 0,
  });
});

test("what keeps hosts of one link apart is found without a destination", async () => {
  const replay = await lab([
    ...HOSTS,
    "bridge link set dev p0 isolated on",
    "bridge link set dev p1 isolated on",
  ]);
  const { stdout, rc } = await replay.run("doctor --json");
  const { diagnoses } = JSON.parse(stdout) as { diagnoses: { id: string; fix: string[] }[] };
  expect(diagnoses.map(({ id }) => id)).toEqual(["port-isolated", "port-isolated"]);
  expect(rc).toBe(1);
});

test("drops are told by device and reason", async () => {
  const replay = await lab([
    ...HOSTS,
    "bridge link set dev p0 isolated on",
    "bridge link set dev p1 isolated on",
  ]);
  await replay.run("ip netns exec h1 ping -c 1 -W 1 10.1.0.2");
  expect((await replay.run("doctor --drops")).stdout).toMatch(
    / 1 {2}h1\/eth0 +NEIGH_FAILED|host\/\w+ +NO_TX_TARGET/,
  );
});

test("a loop is seen in the wiring before anybody sends", async () => {
  const silent = ["all", "default"].map((place) => `sysctl -qw net.ipv6.conf.${place}.disable_ipv6=1`);
  // A bridge that snoops tells its link of the group that it listens to.
  const quiet = [...HOSTS.slice(0, 2), ...LOOP].map((one) =>
    one.replace(/ type bridge$/, " type bridge mcast_snooping 0"),
  );
  const replay = await lab([...silent, ...quiet]);
  const { stdout } = await replay.run("doctor");
  expect(stdout).toMatch(/4 ports form a loop without a spanning tree: .*seen in the wiring/s);
});

test(
  "a loop is recognized from the same frame coming in again, and the tree that mends it stops it",
  async () => {
    const replay = await lab(HOSTS);
    for (const command of LOOP) await replay.run(command);
    await replay.run("ip netns exec h1 ping -c 1 -W 0.1 10.1.0.2");
    const { stdout } = await replay.run("doctor --json");
    const { diagnoses } = JSON.parse(stdout) as {
      diagnoses: { id: string; problem: string; evidence: string[]; fix: string[]; certainty: string }[];
    };
    const [first] = diagnoses;
    expect(first?.id).toBe("bridge-loop");
    expect(first?.certainty).toBe("seen");
    for (const port of ["a1", "a2", "b1", "b2"]) expect(first?.problem).toContain(port);
    expect(first?.evidence.join("\n")).toMatch(/the same frame came in by a1 in host \d+ times/);
    for (const command of first?.fix ?? []) await replay.run(command);
    await replay.run("sleep 40");
    expect((await replay.run("ip netns exec h1 ping -c 1 10.1.0.2")).rc).toBe(0);
    expect((await replay.run("doctor")).stdout).not.toMatch(/loop/);
  },
  STORM,
);

test(
  "why names a loop that makes a packet go round, and trace stays readable",
  async () => {
    const replay = await lab(HOSTS);
    for (const command of LOOP) await replay.run(command);
    const trace = await replay.run("trace h1 10.1.0.9");
    expect(trace.stdout).toMatch(
      /\n\.\.\. and \d+ lines more\nIt goes round and round: it came in by \w+ in host \d+ times\n$/,
    );
    expect(trace.rc).toBe(1);
    const { stdout, rc } = await replay.run("why --json h1 10.1.0.9");
    const { diagnoses } = JSON.parse(stdout) as { diagnoses: { id: string; certainty: string }[] };
    expect(diagnoses[0]).toMatchObject({ id: "bridge-loop", certainty: "seen" });
    expect(rc).toBe(1);
  },
  STORM,
);
