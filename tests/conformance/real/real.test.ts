// Every script that was recorded for the kernel of this machine, three ways: real tools and ours on the real kernel print
// the same, and ours print the same on the embedded one. And a sample in a guest with Linux 6.1, for what this kernel may lack: VLANs,
// dummies, and the kernel datapath of Open vSwitch. `npm run conformance:real` and `conformance:full` have all scripts.

import { availableParallelism, loadavg } from "node:os";
import { expect, test } from "vitest";
import { realProfile } from "../fuzz/run-real.ts";
import { goldenNames, readGolden } from "../golden.ts";
import { packageMissing } from "../../real-kernel.ts";
import { judge } from "./attempts.ts";
import type { Verdict } from "./attempts.ts";
import { guestMissing, sharedGuest } from "./guest.ts";
import { guestScript } from "./guest-scripts.ts";
import { thisMachine, thisMachineAtOnce } from "./three-ways.ts";

const missing = [
  ["bridge-utils", "/usr/sbin/brctl"],
  ["ethtool", "/usr/sbin/ethtool"],
  ["iputils-arping", "/usr/bin/arping"],
  ["iputils-tracepath", "/usr/bin/tracepath"],
  ["traceroute", "/usr/sbin/traceroute"],
  ["busybox", "/usr/bin/busybox"],
].flatMap(([name = "", file = ""]) => packageMissing(name, file) ?? []);
const real = missing.length > 0 ? { missing: missing.join(", ") } : realProfile();
if ("missing" in real) console.log(`three ways: skipped, ${real.missing}`);

/**
 * A guest traces every system call and page fault of its programs, so it needs most of a processor: with little of one, its daemons
 * give up what they wait for. Running programs for each processor; the tests before this one make two.
 */
const BUSY = 4;

function busy(): string | undefined {
  const [load = 0] = loadavg();
  return load > BUSY * availableParallelism() ? `the machine is busy (load ${load.toFixed(1)})` : undefined;
}

const noGuest = busy() ?? guestMissing() ?? packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
if (noGuest !== undefined) console.log(`three ways in a guest: skipped, ${noGuest}`);

const LIMIT = 600_000;
/** Scripts at a time: more make each other's timers late. Those that take longest come first, the guest beside them; 10_ping minds links that come and go. */
const AT_ONCE = 4;
const LONGEST: readonly string[] = ["10_ping", "08_ipv6", "73_nexthop", "07_errors"];
/** Tables are asked and changed, and nothing else happens. */
const UNTIMED: ReadonlySet<string> = new Set(["07_errors", "73_nexthop", "74_route_details"]);

let running = 0;
const waiting: (() => void)[] = [];

async function admitted<T>(run: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running++;
  else await new Promise<void>((resolve) => void waiting.push(resolve));
  try {
    return await run();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

async function expectEqual(title: string, judged: Promise<Verdict>): Promise<void> {
  const { commands, attempts, tools, kernels, passing } = await judged;
  expect([...tools.values(), ...kernels.values()].join("\n\n")).toBe("");
  expect(commands).toBeGreaterThan(10);
  const said = `${title}: ${commands} commands equal three ways, ${attempts} attempts`;
  console.log([said, ...passing.map((text) => `not in every attempt: ${text}`)].join("\n"));
}

const scripts =
  "missing" in real ? [] : goldenNames(real.profile).map((name) => readGolden(real.profile, name));
const rank = (name: string): number => (LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length);
scripts.sort((a, b) => rank(a.name) - rank(b.name));
const [first, ...others] = scripts.map((script) => ({
  title: `${script.profile} ${script.name}`,
  judged: () =>
    admitted(() => judge(script, script.profile, UNTIMED.has(script.name) ? thisMachineAtOnce : thisMachine)),
  skip: false,
}));
const sample = {
  title: "linux-6.1 in a guest: VLANs, a dummy, a bridge that filters, Open vSwitch's kernel datapath",
  judged: () => judge(guestScript("sample"), "linux-6.1", sharedGuest),
  skip: noGuest !== undefined,
};

test.concurrent.for([...(first ? [first] : []), sample, ...others])(
  "$title",
  { timeout: LIMIT },
  async ({ title, judged, skip }, context) => {
    if (skip) context.skip();
    else await expectEqual(title, judged());
  },
);
