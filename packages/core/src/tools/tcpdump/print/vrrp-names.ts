// Names in VRRP and HSRP packets.

import { NameTable } from "./names.ts";

export const VRRP_TYPES = new NameTable([[1, "Advertisement"]]);

export const VRRP_AUTHENTICATION = new NameTable([
  [0, "none"],
  [1, "simple"],
  [2, "ah"],
]);

export const HSRP_STATES = new NameTable([
  [0, "initial"],
  [1, "learn"],
  [2, "listen"],
  [4, "speak"],
  [8, "standby"],
  [16, "active"],
]);
