// One size of the scale measurement, in a process of its own: `node --expose-gc scale-child.mjs COUNT`. Prints the seconds
// that the network took to be made, and the memory that it then keeps, as JSON.

import { buildNetwork } from "./build.ts";

const count = Number(process.argv[2]);
const collect = (globalThis as { gc?: () => void }).gc;
buildNetwork(500, false); // what the compiler learns is not counted
collect?.();
const network = buildNetwork(count, false);
collect?.();
collect?.();
const { rss, heapUsed } = process.memoryUsage();
const { maxRSS } = process.resourceUsage();
const devices = network.hosts.length;
process.stdout.write(
  `${JSON.stringify({ seconds: network.seconds, rss, heapUsed, peak: maxRSS * 1024, devices })}\n`,
);
