// ovsdb-server(1) of Open vSwitch 3.1: reads the command line and starts a database server of the system. There is no
// clustering, and nothing is recorded for replay.

import type { BackupStart } from "../../system/switch-daemons.ts";
import type { Process, Program } from "../../system/process.ts";
import type { OptionSpec, ParsedOption } from "../ovsdb/options.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { absolute, DAEMON_OPTIONS, readDaemonOptions } from "../ovs-daemons/daemon-options.ts";
import { runDaemon } from "../ovs-daemons/run-daemon.ts";
import { usage } from "./usage.ts";

const NAME = "ovsdb-server";

const OPTIONS: readonly OptionSpec[] = [
  { name: "remote", argument: "required" },
  { name: "run", argument: "required" },
  { name: "sync-from", argument: "required" },
  { name: "sync-exclude-tables", argument: "required" },
  { name: "active", argument: "none" },
  { name: "disable-file-column-diff", argument: "none" },
  { name: "record", argument: "optional" },
  { name: "replay", argument: "optional" },
  ...DAEMON_OPTIONS,
];

const MISSING: readonly string[] = ["record", "replay"];

export const ovsdbServer: Program = (process) => {
  let parsed: { readonly options: readonly ParsedOption[]; readonly rest: readonly string[] };
  try {
    parsed = parseOptions(process.argv.slice(1), OPTIONS, false);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.warn(`${NAME}: ${error.message}\n`);
    return 1;
  }
  const { options, rest } = parsed;
  const missing = options.find(({ name }) => MISSING.includes(name));
  if (missing) {
    process.warn(`${NAME}: --${missing.name} is not implemented\n`);
    return 1;
  }
  if (options.some(({ name }) => name === "help")) {
    process.print(usage(process, defaultDatabase(process)));
    return 0;
  }
  if (options.some(({ name }) => name === "version")) {
    process.print(`${NAME} (Open vSwitch) 3.1.0\n`);
    return 0;
  }
  const names = rest.length > 0 ? rest : [defaultDatabase(process)];
  const command = options.findLast(({ name }) => name === "run")?.value;
  const settings = readDaemonOptions(process, NAME, options);
  return runDaemon(process, {
    settings,
    start: (daemons, place) =>
      daemons.startDatabaseServer({
        ...place,
        databases: names.map((name) => ({ name, path: absolute(name, process.cwd) })),
        remotes: options.flatMap(({ name, value = "" }) => (name === "remote" ? [value] : [])),
        backup: backupOf(options),
      }),
    ...(command === undefined ? {} : { meanwhile: (here) => runCommand(here, command) }),
  });
};

function backupOf(options: readonly ParsedOption[]): BackupStart {
  const last = (name: string) => options.findLast((option) => option.name === name);
  return {
    from: last("sync-from")?.value,
    excluded: last("sync-exclude-tables")?.value ?? "",
    active: last("active") !== undefined,
  };
}

function defaultDatabase(process: Process): string {
  const system = process.env.get("OVS_SYSCONFDIR");
  const directory = process.env.get("OVS_DBDIR") ?? `${system ?? "/etc"}/openvswitch`;
  return `${directory}/conf.db`;
}

/** --run: the server lives as long as a shell command. */
async function runCommand(process: Process, command: string): Promise<number> {
  const shell = process.lookup("sh", process);
  if (!shell) {
    process.warn(`${NAME}: ${command}: process failed to start\n`);
    return 1;
  }
  const child = process.spawn(shell, { argv: ["sh", "-c", command] });
  let status = await process.waitFor(child);
  while (!status) status = await process.waitFor(child);
  if (status.code === 0) return 0;
  const how =
    status.signal === undefined
      ? `exit status ${status.code}`
      : `killed (${SIGNAL_WORDS[status.signal] ?? status.signal})`;
  process.warn(`${NAME}: ${command}: child exited, ${how}\n`);
  return 1;
}

/** strsignal(3) */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: "Killed",
  SIGTERM: "Terminated",
  SIGINT: "Interrupt",
  SIGHUP: "Hangup",
};
