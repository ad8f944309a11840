// Commands that every daemon of Open vSwitch has: vlog/*, coverage/*, memory/show.

import type { UnixctlServer } from "../unixctl.ts";

const LEVELS = "                 console    syslog    file\n                 -------    ------    ------\n";
const MODULES = [
  "bridge",
  "connmgr",
  "dpif",
  "netdev",
  "ofproto",
  "ofproto_dpif",
  "ovsdb_idl",
  "vlog",
  "vswitchd",
];

export function registerLogCommands(server: UnixctlServer): void {
  server.register("vlog/list", "", 0, 0, () =>
    MODULES.reduce((text, name) => `${text}${name.padEnd(16)}  OFF        ERR       INFO\n`, LEVELS),
  );
  // The embedded daemon writes no log: levels are taken and change nothing.
  server.register("vlog/set", "{spec | PATTERN:destination:pattern}", 1, Infinity, () => "");
  server.register("vlog/reopen", "", 0, 0, () => "");
  server.register("vlog/close", "", 0, 0, () => "");
  server.register("coverage/show", "", 0, 0, () => "0 events never hit\n");
}
