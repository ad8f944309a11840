// Neighbours on request, as Linux 6.18 with iproute2 6.1 prints them.

import { beforeAll, describe, expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

describe("ip neigh", () => {
  const replay = new Replay("linux-6.18");
  const play = async (script: string): Promise<string> => {
    const { stdout, stderr } = await replay.run(script);
    return stdout + stderr;
  };
  beforeAll(() =>
    replay.start(["ip link add v0 type veth peer name v1", "ip link set v0 up; ip link set v1 up"]),
  );

  test("nomaster shows neighbours by devices that are no ports", async () => {
    const add = "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:22 dev v0";
    const shown = "10.0.0.2 dev v0 lladdr 02:00:00:00:00:22 PERMANENT \n";
    expect(await play(`${add}; ip neigh show nomaster`)).toBe(shown);
    expect(await play("ip link add br0 type bridge; ip link set v0 master br0; ip neigh show nomaster")).toBe(
      "",
    );
    expect(await play("ip neigh show master br0")).toBe(shown);
  });
});

describe("routes and rules on request", () => {
  const replay = new Replay("linux-6.18");
  beforeAll(() =>
    replay.start(["ip link add v0 type veth peer name v1", "ip link set v0 up; ip link set v1 up"]),
  );

  test("rules of another protocol are other rules", async () => {
    const { stdout, stderr } = await replay.run(
      "ip rule add table 8 prio 9; ip rule add table 8 protocol 77 prio 9; ip rule add table 8 protocol 77 prio 9; ip rule show prio 9",
    );
    expect(stderr).toBe("RTNETLINK answers: File exists\n");
    expect(stdout).toBe("9:\tfrom all lookup 8\n9:\tfrom all lookup 8 proto 77\n");
  });

  test("next hops of an IPv6 multipath route have gateways", async () => {
    const { stderr } = await replay.run("ip -6 route add 2001:db8::/48 nexthop dev v0 nexthop dev v1");
    expect(stderr).toBe("Error: Device only routes can not be added for IPv6 using the multipath API.\n");
  });
});
