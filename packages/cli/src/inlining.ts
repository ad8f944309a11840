// For processes that forward frames. A frame's way is many small functions, which V8 compiles into one as long as their sum is below a
// limit that suits other programs; with this one a bridge forwards a seventh more.

import { setFlagsFromString } from "node:v8";

setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000"); // bytes of bytecode; 920 if nothing is said
