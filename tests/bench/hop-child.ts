// What a hop costs that is between two cables, for a process of its own. Prints as JSON what it found.

import "../../packages/cli/src/engine-flags.ts";
import { pump } from "./forward.ts";
import { BRIDGE, CABLES, connected, ends, lab, SWITCH } from "./ovs-lab.ts";
import { median } from "./row.ts";

const PACE = { frames: 640_000, rounds: 1 };
const ROUNDS = 7;

/** Nanoseconds of CPU a frame, with the second cable. */
export interface HopCosts {
  readonly bridge: number;
  readonly flow: number;
}

// all of a way, less the way through one cable that ends in nothing
const cable = await ends(await lab(CABLES));
const [left] = [...cable.kernel.netnses.values()].flatMap((netns) => netns.device("left") ?? []);
if (left === undefined) throw new Error("no cable");
const ways = [{ ...cable, to: left }, await connected(BRIDGE), await connected(SWITCH)].map((cables) => ({
  cables,
  nanoseconds: [] as number[],
}));
for (let round = 0; round < ROUNDS; round++) {
  for (const { cables, nanoseconds } of ways)
    nanoseconds.push(...pump(cables, PACE).map(({ framesByCpu }) => 1e9 / framesByCpu));
}
const [alone = 0, bridge = 0, flow = 0] = ways.map(({ nanoseconds }) => median(nanoseconds));
const found: HopCosts = { bridge: bridge - alone, flow: flow - alone };
process.stdout.write(JSON.stringify(found));
