// What ovsdb-server --help prints.

import type { Process } from "../../system/process.ts";
import {
  activeMethods,
  daemonOptions,
  loggingOptions,
  passiveMethods,
  TLS_OPTIONS,
} from "../ovsdb/usage-parts.ts";

export function usage(process: Process, database: string): string {
  return `ovsdb-server: Open vSwitch database server
usage: ovsdb-server [OPTIONS] [DATABASE...]
where each DATABASE is a database file in ovsdb format.
The default DATABASE, if none is given, is
${database}.

JSON-RPC options (may be specified any number of times):
  --remote=REMOTE         connect or listen to REMOTE

${activeMethods("JSON-RPC")}${passiveMethods("JSON-RPC")}${TLS_OPTIONS}
${daemonOptions(process, "ovsdb-server")}
${loggingOptions(process, "ovsdb-server")}
Syncing options:
  --sync-from=SERVER      sync DATABASE from active SERVER and start in
                          backup mode (except with --active)
  --sync-exclude-tables=DB:TABLE,...
                          exclude the TABLE in DB from syncing
  --active                with --sync-from, start in active mode

Replay options:
  --record[=DIR]            turn on writing replay files
  --replay[=DIR]            run from replay files

Other options:
  --run COMMAND           run COMMAND as subprocess then exit
  --unixctl=SOCKET        override default control socket name
  --disable-file-column-diff
                          don't use column diff in database file
  -h, --help              display this help message
  -V, --version           display version information
`;
}
