import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

test("an entry by a next-hop object is refused for the kernel's reasons; one that it would take, as what is not there", async () => {
  const replay = new Replay();
  await replay.start([
    "ip link add vx type vxlan id 5 dstport 4789; ip link set lo up",
    "ip nexthop add id 1 via 10.0.0.2 fdb; ip nexthop add id 2 dev lo",
    "ip nexthop add id 3 group 2; ip nexthop add id 4 group 1 fdb",
  ]);
  const refusal = async (id: number): Promise<string> => {
    const { stderr } = await replay.run(`bridge fdb add 02:00:00:00:00:01 dev vx nhid ${id}`);
    return stderr;
  };
  expect(await refusal(9)).toBe("Error: Nexthop id does not exist.\n");
  expect(await refusal(2)).toBe("Error: Nexthop is not a fdb nexthop.\n");
  expect(await refusal(3)).toBe("Error: Nexthop is not a fdb nexthop.\n");
  expect(await refusal(1)).toBe("Error: Nexthop is not a multipath group.\n");
  expect(await refusal(4)).toBe("Error: VXLAN by next-hop objects is not implemented.\n");
});
