// A sample three ways in a guest with Linux 6.1, for what the kernel of this machine may lack: VLANs, dummies, and the kernel
// datapath of Open vSwitch. `npm run conformance:full` has all scripts.

import { availableParallelism, loadavg } from "node:os";
import { describe, expect, test } from "vitest";
import { packageMissing } from "../../real-kernel.ts";
import { judge } from "./attempts.ts";
import { guestMissing, sharedGuest } from "./guest.ts";
import { guestSample } from "./guest-sample.ts";

/**
 * A guest traces every system call and page fault of its programs, so it needs most of a processor: with little of one, its daemons
 * give up what they wait for. Running programs for each processor; the tests before this one make two.
 */
const BUSY = 4;

function busy(): string | undefined {
  const [load = 0] = loadavg();
  return load > BUSY * availableParallelism() ? `the machine is busy (load ${load.toFixed(1)})` : undefined;
}

const missing = busy() ?? guestMissing() ?? packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
if (missing !== undefined) console.log(`three ways in a guest: skipped, ${missing}`);

describe.skipIf(missing !== undefined)("three ways in a guest with Linux 6.1", () => {
  test(
    "VLANs, a dummy, a bridge that filters, Open vSwitch's kernel datapath",
    { timeout: 600_000 },
    async () => {
      const { commands, tools, kernels } = await judge(guestSample, "linux-6.1", sharedGuest);
      expect([...tools.values(), ...kernels.values()].join("\n\n")).toBe("");
      expect(commands).toBeGreaterThan(10);
    },
  );
});
