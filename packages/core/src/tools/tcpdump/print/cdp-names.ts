// Capabilities in CDP.

import { NameTable } from "./names.ts";

export const CAPABILITIES = new NameTable([
  [1, "Router"],
  [2, "Transparent Bridge"],
  [4, "Source Route Bridge"],
  [8, "L2 Switch"],
  [16, "L3 capable"],
  [32, "IGMP snooping"],
  [64, "L1 capable"],
]);
