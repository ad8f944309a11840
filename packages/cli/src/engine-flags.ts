// How eagerly V8 optimizes. What it does out of the box suits servers, which run the same code for hours.

import { setFlagsFromString } from "node:v8";

// A frame's way is many small functions, which V8 compiles into one as long as their sum is below a limit that suits other
// programs; with this one a bridge forwards a seventh more.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000"); // bytes of bytecode; 920 if nothing is said

// A script of commands runs a lot of code a few hundred times each, and optimizing it took as long as running it did. What frames
// pass is still optimized within the first few thousand of them.
setFlagsFromString("--interrupt-budget=300000"); // bytes of bytecode run; 67584 if nothing is said
