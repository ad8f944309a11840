// Facilities and severities of syslog (RFC 3164).

import { NameTable } from "./names.ts";

export const FACILITIES = new NameTable([
  [0, "kernel"],
  [1, "user"],
  [2, "mail"],
  [3, "daemon"],
  [4, "auth"],
  [5, "syslog"],
  [6, "lpr"],
  [7, "news"],
  [8, "uucp"],
  [9, "cron"],
  [10, "authpriv"],
  [11, "ftp"],
  [12, "ntp"],
  [13, "security"],
  [14, "console"],
  [15, "cron"],
  [16, "local0"],
  [17, "local1"],
  [18, "local2"],
  [19, "local3"],
  [20, "local4"],
  [21, "local5"],
  [22, "local6"],
  [23, "local7"],
]);

export const SEVERITIES = new NameTable([
  [0, "emergency"],
  [1, "alert"],
  [2, "critical"],
  [3, "error"],
  [4, "warning"],
  [5, "notice"],
  [6, "info"],
  [7, "debug"],
]);
