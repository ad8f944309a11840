// How often `ip monitor link` tells of one change, as Linux 6.18 does.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

describe("a link that is up", () => {
  const replay = new Replay("linux-6.18");
  beforeAll(() =>
    replay.start([
      "ip link add v0 type veth peer name v1",
      "ip link add br0 type bridge",
      "ip link set v0 up; ip link set v1 up",
    ]),
  );

  test.each([
    // As a port of the bridge, and when the bridge makes it promiscuous.
    ["ip link set v0 master br0", 2],
    ["ip link set v0 nomaster", 2],
    ["ip link set v0 mtu 1400", 1],
    ["ip link set v0 address 02:00:00:00:00:01", 1],
    ["ip link set v0 alias foo", 1],
    ["ip link set v0 group 5", 1],
    ["ip link set v0 txqlen 50", 1],
    ["ip link set v0 promisc on", 1],
    ["ip link set v0 gso_max_segs 100", 0],
    ["ip link set v0 up", 0],
  ])("is told of after %s %i times", async (command, times) => {
    const { stdout } = await replay.run(`ip monitor link >/tmp/seen & sleep 0.1
${command}; sleep 0.1; kill $!; grep -c "^3: v0.*qdisc" /tmp/seen`);
    expect(Number(stdout)).toBe(times);
  });
});
