// What ovs-vswitchd --help prints.

import type { Process } from "../../system/process.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { activeMethods, daemonOptions, loggingOptions, TLS_OPTIONS } from "../ovsdb/usage-parts.ts";

export function usage(process: Process): string {
  return `ovs-vswitchd: Open vSwitch daemon
usage: ovs-vswitchd [OPTIONS] [DATABASE]
where DATABASE is a socket on which ovsdb-server is listening
      (default: "unix:${runDirectory(process)}/db.sock").

${activeMethods("DATABASE")}${TLS_OPTIONS}
${daemonOptions(process, "ovs-vswitchd")}
${loggingOptions(process, "ovs-vswitchd")}
DPDK options:
Configuration of DPDK via command-line is removed from this
version of Open vSwitch. DPDK is configured through ovsdb.

Other options:
  --unixctl=SOCKET          override default control socket name
  -h, --help                display this help message
  -V, --version             display version information
`;
}
