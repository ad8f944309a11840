// tcpdump gets packets in blocks, and a block that is not full ends a second after it began (TPACKET_V3; libpcap's time-out of 1000 ms):
// what a script reads half a second after a packet may have it or not.

import type { Step } from "../golden.ts";

/** The files that the recordings' captures are written to. */
const CAPTURE = /\/tmp\/td/;
const WAIT: Step = { type: "silent", cmd: "sleep 1.2" };

/** The same steps with the end of the block before a capture is read. */
export function withWholeBlocks(steps: readonly Step[]): Step[] {
  const reads = (step: Step | undefined): boolean =>
    step?.type === "command" && CAPTURE.test(step.recorded.cmd);
  return steps.flatMap((step, at) => (reads(step) && !reads(steps[at - 1]) ? [WAIT, step] : [step]));
}
