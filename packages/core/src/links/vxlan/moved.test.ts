// A tunnel goes with the device that it sends by, wherever the tunnel is; what index the device gets where one of them had its own
// depends on the kernel: seen on Linux 6.1 and 6.18.

import { expect, test } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";

test.each([
  ["linux-6.1", 2],
  ["linux-6.18", 3],
] as const)("%s: a device that is moved to where its tunnels were has index %d", async (profile, index) => {
  const replay = new Replay(profile);
  await replay.start([
    "ip netns add n2; ip link add v4 type veth peer name w4",
    "ip link add x8 type vxlan id 8 dstport 4789 remote 10.2.1.251 dev w4; ip link set x8 netns n2",
    "ip -n n2 link add x14 type vxlan id 14 dstport 4789 remote 10.0.1.251 dev x8",
  ]);
  expect((await replay.run("ip -n n2 -o link")).stdout).toMatch(/^2: x14: .*\n4: x8@if4: /m);
  await replay.run("ip link set w4 netns n2");
  const { stdout } = await replay.run("ip -n n2 -o link; ip -o link show v4");
  expect(stdout).toMatch(new RegExp(`^1: lo: .*\\n${index}: w4@if3: .*\\n3: v4@if${index}: .*\\n$`));
});
