// The examples about Open vSwitch, from first to last line.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { EmbeddedLines } from "./embedded-lines.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");

async function play(name: string) {
  const lines = new EmbeddedLines({
    profile: "linux-6.1",
    lookup: lookupProgram,
    startCost: 1_000_000,
    lineCost: 0,
  });
  return lines.run(readFileSync(join(EXAMPLES, name), "utf8"));
}

describe("examples/", () => {
  test("second-article.sh: a Linux bridge and an Open vSwitch bridge are one network", async () => {
    const { stdout, stderr, rc } = await play("second-article.sh");
    expect([stderr, rc]).toEqual(["", 0]);
    expect(stdout).toContain("2 packets transmitted, 2 received, 0% packet loss");
    expect(stdout).toMatch(/ {4}Bridge br-eth1\n/);
    // both hosts are known to the Open vSwitch bridge, on its two ports
    expect(stdout.split("Age\n")[1]).toMatch(/^ {4}2 {5}0 /m);
  });
  test("neutron.sh: instances of two compute nodes reach each other over a translated VLAN", async () => {
    const { stdout, stderr, rc } = await play("neutron.sh");
    expect([stderr, rc]).toEqual(["", 0]);
    expect(stdout).toContain("3 packets transmitted, 3 received, 0% packet loss");
    expect(stdout).toContain("0. in_port=2,dl_vlan=1001, priority 3\n    mod_vlan_vid:2\n    NORMAL\n");
    expect(stdout).toMatch(/^Datapath actions: pop_vlan,push_vlan\(vid=2,pcp=0\),7,pop_vlan,9$/m);
  });
});
