// One run of the forwarding measurement, for a process of its own: prints frames a second of CPU time, the best of some rounds.
// CPU time, because what else runs on the machine must not decide about two in a hundred.

import "../../packages/cli/src/engine-flags.ts";
import { forwardFrames } from "./forward.ts";

const frames = Number(process.argv[2]);
const rates = forwardFrames({ frames, rounds: 9 }).map(({ framesByCpu }) => framesByCpu);
process.stdout.write(String(Math.max(...rates)));
