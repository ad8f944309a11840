// Linux 6.1 with VLANs, dummies, a bridge that filters VLANs and the kernel datapath of Open vSwitch, three ways in a guest;
// `npm run conformance:full` runs every recorded script so.

import { expect, test } from "vitest";
import { packageMissing } from "../../real-kernel.ts";
import { judge } from "./attempts.ts";
import { guest, guestMissing } from "./guest.ts";
import { guestSample } from "./guest-sample.ts";

const missing = guestMissing() ?? packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
if (missing !== undefined) console.log(`three ways in a guest with Linux 6.1: skipped, ${missing}`);

test(
  "VLANs and Open vSwitch's kernel datapath print the same three ways on Linux 6.1",
  { skip: missing !== undefined, timeout: 900_000 },
  async () => {
    const { commands, tools, kernels } = await judge(guestSample, "linux-6.1", guest);
    expect([...tools.values(), ...kernels.values()].join("\n\n")).toBe("");
    expect(commands).toBe(26);
  },
);
