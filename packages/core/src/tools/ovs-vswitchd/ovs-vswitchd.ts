// ovs-vswitchd(8) of Open vSwitch 3.1: reads the command line and starts a switch daemon of the system. There is no DPDK.

import type { Program } from "../../system/process.ts";
import type { DummyLevel } from "../../system/switch-daemons.ts";
import type { OptionSpec, ParsedOption } from "../ovsdb/options.ts";
import { OptionError, parseOptions } from "../ovsdb/options.ts";
import { defaultDatabase } from "../ovsdb/remote.ts";
import { absoluteRemote, DAEMON_OPTIONS, readDaemonOptions } from "../ovs-daemons/daemon-options.ts";
import { runDaemon } from "../ovs-daemons/run-daemon.ts";
import { usage } from "./usage.ts";

const NAME = "ovs-vswitchd";

const OPTIONS: readonly OptionSpec[] = [
  { name: "mlockall", argument: "none" },
  { name: "dpdk", argument: "optional" },
  { name: "enable-dummy", argument: "optional" },
  { name: "dummy-numa", argument: "required" },
  { name: "disable-system", argument: "none" },
  { name: "disable-system-route", argument: "none" },
  { name: "hw-rawio-access", argument: "none" },
  ...DAEMON_OPTIONS,
];

/** Undefined for what is no level. */
function dummyLevel(value: string | undefined): DummyLevel | undefined {
  if (value === undefined || value === "") return "none";
  return value === "system" || value === "override" ? value : undefined;
}

export const ovsVswitchd: Program = (process) => {
  const fail = (text: string): number => {
    process.warn(`${NAME}: ${text}\n`);
    return 1;
  };
  let parsed: { readonly options: readonly ParsedOption[]; readonly rest: readonly string[] };
  try {
    parsed = parseOptions(process.argv.slice(1), OPTIONS, false);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return fail(error.message);
  }
  const { options, rest } = parsed;
  let dummy: DummyLevel | undefined;
  let dummyNuma: readonly number[] | undefined;
  for (const { name, value } of options) {
    switch (name) {
      case "help":
        process.print(usage(process));
        return 0;
      case "version":
        process.print(`${NAME} (Open vSwitch) 3.1.0\n`);
        return 0;
      case "enable-dummy":
        dummy = dummyLevel(value);
        if (!dummy) return fail(`${value}: unknown dummy level`);
        break;
      case "dummy-numa":
        // nodes of the cores, one after the other
        dummyNuma = (value ?? "").split(/[ ,]+/).map((node) => Number.parseInt(node, 10) || 0);
        break;
      case "dpdk":
        return fail("Using --dpdk to configure DPDK is not supported.");
    }
  }
  if (rest.length > 1) return fail("at most one non-option argument accepted; use --help for usage");
  return runDaemon(process, {
    settings: readDaemonOptions(process, NAME, options),
    start: (daemons, place) =>
      daemons.startSwitch({
        ...place,
        database: absoluteRemote(rest[0] ?? defaultDatabase(process), process),
        dummy,
        dummyNuma,
        systemDatapath: !options.some(({ name }) => name === "disable-system"),
      }),
  });
};
