// What --dry-run tells is what happens: each probe is foretold, then sent, and both tell the same. Foretelling changes nothing.

import { describe, expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";
import { journeyOf } from "./testing/journeys.ts";
import { topologies } from "./testing/topologies.ts";
import type { Topology } from "./testing/topologies.ts";

/** What a packet could leave behind in a namespace, and on the host in switches. */
const INSIDE = [
  "ip -s -s link",
  "ip -s neigh",
  "ip route show cache",
  "bridge -s fdb",
  "cat /proc/net/snmp",
  "cat /proc/net/snmp6",
  "cat /proc/net/netstat",
  "cat /proc/net/dev",
  "cat /proc/net/udp",
  "cat /proc/net/tcp",
  "cat /proc/net/raw",
  "cat /proc/net/stat/arp_cache",
  "cat /proc/net/softnet_stat",
];
const SWITCH = [
  "for br in $(ovs-vsctl list-br); do ovs-appctl fdb/show $br; ovs-ofctl dump-flows $br; ovs-ofctl dump-ports $br; done",
  "ovs-appctl dpctl/dump-flows -m",
  "ovs-appctl dpctl/dump-conntrack",
  "ovs-appctl dpctl/show -s",
];

async function everything(replay: Replay, namespaces: readonly string[], switched: boolean): Promise<string> {
  const looks = [
    ...INSIDE,
    ...namespaces.flatMap((name) => INSIDE.map((look) => `ip netns exec ${name} ${look}`)),
    ...(switched ? SWITCH : []),
  ];
  const text = (await replay.run(looks.join("\n"))).stdout;
  // Ages count on while anything runs.
  return text
    .replace(/(used|ageing|used:|duration=|age=) ?[\d./]+s?|ref \d+/g, "$1")
    .replace(/^( *\S+ +\d+ +(?:[0-9a-f]{2}:){5}[0-9a-f]{2}) +\d+$/gm, "$1");
}

async function foretell({ setup, probes }: Topology): Promise<void> {
  const replay = new Replay();
  await replay.start(setup);
  const namespaces = (await replay.run("ip netns | cut -d ' ' -f 1")).stdout.trim().split("\n");
  const switched = setup.some((line) => line.startsWith("ovs-"));
  await replay.run("sleep 60"); // what hosts say of themselves when they start
  const before = await everything(replay, namespaces, switched);
  for (const probe of probes) await replay.run(`trace --dry-run ${probe}`);
  expect(await everything(replay, namespaces, switched)).toBe(before);
  for (const probe of probes) {
    // Errors and redirects are limited in their rate, which a prediction leaves out.
    await replay.run("sleep 30");
    const foretold = await journeyOf(replay, `--dry-run ${probe}`);
    const happened = await journeyOf(replay, probe);
    expect.soft(`trace ${probe}\n${foretold}`).toBe(`trace ${probe}\n${happened}`);
  }
  expect(await everything(replay, namespaces, switched)).not.toBe(before);
}

describe("--dry-run foretells what trace then tells, and changes nothing", () => {
  test.each(topologies.map((topology) => [topology.name, topology] as const))("%s", (_, topology) =>
    foretell(topology),
  );
});
