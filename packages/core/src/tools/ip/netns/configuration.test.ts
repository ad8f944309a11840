// Files of /etc/netns: what the real `ip netns exec` showed for the same commands.

import { expect, test } from "vitest";
import { Replay } from "../../testing/recorded-network.ts";

test("a namespace's own files are seen in /etc, and one without a place there is complained about", async () => {
  const replay = new Replay();
  await replay.start([
    "ip netns add web; mkdir -p /etc/netns/web",
    'echo "nameserver 9.9.9.9" > /etc/netns/web/resolv.conf',
  ]);
  const inside = await replay.run("ip netns exec web cat /etc/resolv.conf");
  expect([inside.stdout, inside.stderr]).toEqual(["nameserver 9.9.9.9\n", ""]);
  expect((await replay.run("cat /etc/resolv.conf")).stdout).toBe("");
  const wrong = await replay.run(
    "echo x > /etc/netns/web/nosuchfile; ip netns exec web true; echo $?; ip -n web -br link show lo | wc -l",
  );
  const complaint = "Bind /etc/netns/web/nosuchfile -> /etc/nosuchfile failed: No such file or directory\n";
  expect([wrong.stdout, wrong.stderr]).toEqual(["0\n1\n", complaint + complaint]);
});
