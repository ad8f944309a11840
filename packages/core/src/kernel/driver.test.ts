// When virtual time stands still for good: nobody is left whom anything could wake.

import { expect, test } from "vitest";
import { Stalled } from "../system/stalled.ts";
import { runEmbedded } from "../tools/testing/run-embedded.ts";

const CABLE = "ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up";

test("a program that waits for what cannot happen is not waited for, whatever the kernel has to do", async () => {
  await expect(runEmbedded(`${CABLE}; nc -l 9000`)).rejects.toThrow(Stalled);
});

test("a deadline is waited for, however far it is", async () => {
  const script = `${CABLE}; nc -l 9000 & sleep 3000000; cut -d. -f1 /proc/uptime; kill %1`;
  expect(await runEmbedded(script)).toMatch(/^30000\d\d\n/);
});
