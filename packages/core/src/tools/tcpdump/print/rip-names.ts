// Commands of RIP.

import { NameTable } from "./names.ts";

export const COMMANDS = new NameTable([
  [1, "Request"],
  [2, "Response"],
  [3, "Trace on"],
  [4, "Trace off"],
  [5, "Poll"],
  [6, "Poll Entry"],
]);
